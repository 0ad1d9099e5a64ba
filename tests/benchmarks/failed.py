"""Why a figure can't be measured here."""

from __future__ import annotations


class Failed(Exception):
    """The world's doing, in words; the other figures are measured all the same."""
