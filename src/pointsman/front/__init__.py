"""What every door of the server has in front of it: which of them is meant, where a client is and what address it used,
and the compression of answers."""

from pointsman.front.compression import compressing
from pointsman.front.doors import doors
from pointsman.front.place import FRONT_DEFAULT, Front, base_of, place, read_front
from pointsman.front.proxies import BadHost
from pointsman.front.reason import REASON, say_reason

__all__ = [
    "FRONT_DEFAULT",
    "REASON",
    "BadHost",
    "Front",
    "base_of",
    "compressing",
    "doors",
    "place",
    "read_front",
    "say_reason",
]
