"""Statistics: each figure declared once, and those of now computed."""

from pointsman.stats.catalog import FIGURES, Figure, Kind, Level, Part, figures
from pointsman.stats.now import Index, Now
from pointsman.stats.real_time import NOBODY, real_time

__all__ = ["FIGURES", "NOBODY", "Figure", "Index", "Kind", "Level", "Now", "Part", "figures", "real_time"]
