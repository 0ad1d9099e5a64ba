"""What every door of the server has in front of it: which of them is meant, where a client is and what address it used,
how bodies are read and answers compressed."""

from pointsman.front.body import BODY_BYTES_MAX, WHOLE_BODY, BadBody, header, read_body
from pointsman.front.compression import SIZE_INLINE_MAX, accepts_gzip, compress, compressing
from pointsman.front.doors import doors
from pointsman.front.place import FRONT_DEFAULT, Front, base_of, place, read_front
from pointsman.front.proxies import BadHost
from pointsman.front.reason import REASON, say_reason

__all__ = [
    "BODY_BYTES_MAX",
    "FRONT_DEFAULT",
    "REASON",
    "SIZE_INLINE_MAX",
    "WHOLE_BODY",
    "BadBody",
    "BadHost",
    "Front",
    "accepts_gzip",
    "base_of",
    "compress",
    "compressing",
    "doors",
    "header",
    "place",
    "read_body",
    "read_front",
    "say_reason",
]
