"""Pointsman: a self-hosted, skills-based router of work that speaks the TaskRouter API."""

__version__ = "0.1.0"
