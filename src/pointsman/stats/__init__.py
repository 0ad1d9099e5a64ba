"""Statistics: each figure declared once, and computed."""

from pointsman.stats.catalog import COUNTED, FIGURES, Figure, Kind, Level, Part, figures
from pointsman.stats.during import LEAVES_QUEUE, During, Measure, measured
from pointsman.stats.now import Index, Now
from pointsman.stats.over_time import Durations, Roster, Span, over_time, roster, sources, time_in_activities
from pointsman.stats.real_time import NOBODY, real_time, workers_of
from pointsman.stats.tallied import Question, Stay, Sum, Sums, Tallied

__all__ = [
    "COUNTED",
    "FIGURES",
    "LEAVES_QUEUE",
    "NOBODY",
    "Durations",
    "During",
    "Figure",
    "Index",
    "Kind",
    "Level",
    "Measure",
    "Now",
    "Part",
    "Question",
    "Roster",
    "Span",
    "Stay",
    "Sum",
    "Sums",
    "Tallied",
    "figures",
    "measured",
    "over_time",
    "real_time",
    "roster",
    "sources",
    "time_in_activities",
    "workers_of",
]
