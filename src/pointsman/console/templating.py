"""The templates: every value is escaped, and one that is missing is our mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pointsman import __version__
from pointsman.console import words
from pointsman.console.routes import Section
from pointsman.console.static import Static
from pointsman.console.visit import Visit, theme_of, url

FOLDER = Path(__file__).parent / "templates"


def make_renderer(static: Static, sections: tuple[Section, ...]) -> Callable[..., str]:
    """Renders a template by its name, with `visit` or, before there is one, with `request`."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(words.FILTERS)
    environment.globals.update(version=__version__, sections=sections)

    def render(template: str, *, visit: Visit | None = None, **context: Any) -> str:
        request = visit.request if visit else context["request"]

        def asset(name: str) -> str:
            return url(request, static.address(name))

        known = {"visit": visit, "asset": asset, "theme": theme_of(request), "root": url(request, ""), **context}
        return environment.get_template(template).render(known)

    return render
