"""All pages, by the name of their file below `docs/reference`."""

from __future__ import annotations

from pathlib import Path

from pointsman.resources import OPERATIONS
from tests.conformance import description
from tests.reference.compatibility import compatibility_page
from tests.reference.errors import errors_page
from tests.reference.limits import limits_page
from tests.reference.lint import lint_page
from tests.reference.markdown import link, page
from tests.reference.resources import index_page, part_pages
from tests.reference.rules import rules_page
from tests.reference.settings import settings_page
from tests.reference.statistics import statistics_page

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
COMPATIBILITY = "compatibility.md"


def pages() -> dict[str, str]:
    """Without the page on compatibility, where the published description is not at hand."""
    found = {
        "README.md": _first_page(),
        "resources.md": index_page(OPERATIONS),
        **part_pages(OPERATIONS),
        "errors.md": errors_page(),
        "limits.md": limits_page(),
        "rules.md": rules_page(),
        "lint.md": lint_page(),
        "settings.md": settings_page(),
        "statistics.md": statistics_page(),
    }
    if description.FILE.is_file():
        found[COMPATIBILITY] = compatibility_page(description.published(), description.served())
    return found


def _first_page() -> str:
    return page(
        "# Reference",
        "These pages are made from the declarations in the source by `scripts/reference`; change those, not these.",
        "\n".join(
            f"- {link(name, target)}: {text}"
            for name, target, text in (
                ("Resources", "resources.md", "every operation, with its parameters and fields."),
                ("Errors", "errors.md", "how requests are refused, and which refusal wins."),
                ("Limits", "limits.md", "how much is too much."),
                ("Rules", "rules.md", "how routing decides, who says so, and which tests hold it to that."),
                ("Warnings", "lint.md", "what is allowed and yet unwise."),
                ("Statistics", "statistics.md", "every figure: what it is, and what it is made of."),
                ("Settings", "settings.md", "what an operator can set, and where."),
                ("Compatibility", COMPATIBILITY, "what differs from TaskRouter's description, and why."),
            )
        ),
    )
