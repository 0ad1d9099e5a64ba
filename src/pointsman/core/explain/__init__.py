"""Why a task is where it is: which filter took it, where it stands, who can't take it and why, who comes next.

`head_of` tells what follows from the task alone. Filters, workers and waiting tasks are asked by `filters_of`, `Survey`
and `Line`, a few at a time: they stop when they are told that time is up, and go on where they stopped, so that whoever
asks can let others pass in between. Everything here reads the state and changes nothing.
"""

from pointsman.core.explain.line import Line
from pointsman.core.explain.placing import filters_of, head_of
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
    "summarise",
    "told_reservations",
]
