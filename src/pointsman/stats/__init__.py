"""Statistics: each figure declared once. None is there yet."""
