"""Why a task is where it is: which filter took it, where it stands, who can't take it and why, who comes next.

`explain(view, task, …)` answers what follows from the task alone. What asks every worker or every waiting task is
counted by `Survey` and `Line`, which look at a few at a time: whoever asks lets others pass in between. Everything
here reads the state and changes nothing.
"""

from pointsman.core.explain.line import Line
from pointsman.core.explain.placing import filters_of, head_of, routing_of
from pointsman.core.explain.reservations import told_reservations
from pointsman.core.explain.summary import summarise
from pointsman.core.explain.survey import Survey
from pointsman.core.explain.values import (
    Because,
    Candidate,
    Direct,
    Example,
    Explanation,
    FilterTold,
    Head,
    Hindrance,
    Next,
    Outcome,
    Place,
    Reason,
    ReservationTold,
    Routing,
    SkipIf,
    Target,
    Workers,
)

__all__ = [
    "Because",
    "Candidate",
    "Direct",
    "Example",
    "Explanation",
    "FilterTold",
    "Head",
    "Hindrance",
    "Line",
    "Next",
    "Outcome",
    "Place",
    "Reason",
    "ReservationTold",
    "Routing",
    "SkipIf",
    "Survey",
    "Target",
    "Workers",
    "filters_of",
    "head_of",
    "routing_of",
    "summarise",
    "told_reservations",
]
