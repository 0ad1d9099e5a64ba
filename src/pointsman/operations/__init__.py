"""What each declared operation does, whichever door asks: REST, a worker's socket, the console.

A door imports what stands here: `Operations.find` leads from a method and path to an operation, `perform` answers a
`Call`, and `problem_of` says how a failure is told.
"""

from pointsman.operations.call import Call, Caller, Refused, Reply, Services, workspace_in
from pointsman.operations.gate import Turns
from pointsman.operations.logins import Logins
from pointsman.operations.paths import Paths
from pointsman.operations.table import Operations, of_workspace, problem_of

__all__ = [
    "Call",
    "Caller",
    "Logins",
    "Operations",
    "Paths",
    "Refused",
    "Reply",
    "Services",
    "Turns",
    "of_workspace",
    "problem_of",
    "workspace_in",
]
