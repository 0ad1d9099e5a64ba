"""The options that commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None, typer.Option(help="The server's data folder.", show_default="POINTSMAN_DATA, else pointsman-data")
]
Url = Annotated[
    str | None,
    typer.Option(
        help="The server's address, such as http://127.0.0.1:8080.",
        show_default="POINTSMAN_URL, else of the server that runs on the folder",
    ),
]
InWorkspace = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        metavar="NAME|WS…",
        help="Which workspace.",
        show_default="the only one, else TWILIO_WORKSPACE_SID of .env",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the API says, as a JSON array.")]
AsJsonLines = Annotated[
    bool, typer.Option("--json", help="Print what the API says, as a JSON array; with --follow, a line each.")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Stay, and print new ones as they come. Ends by Ctrl-C.")]
ListLimit = Annotated[int | None, typer.Option("--limit", min=1, help="No more than this many.", show_default="all")]
LogLimit = Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")]
TaskSid = Annotated[str | None, typer.Option("--task", metavar="WT…", help="About this task alone.")]
