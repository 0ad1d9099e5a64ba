"""Statistics: each figure declared once."""

from pointsman.stats.catalog import FIGURES, Figure, Kind, Level, Part, figures

__all__ = ["FIGURES", "Figure", "Kind", "Level", "Part", "figures"]
