"""All rows, in order of the pages."""

from tests.trace.recordings import DECISIONS, RECORDINGS
from tests.trace.routing import ROUTING
from tests.trace.rules import Rule
from tests.trace.transfers import TRANSFERS

RULES: tuple[Rule, ...] = (*ROUTING, *TRANSFERS, *RECORDINGS, *DECISIONS)
