"""Which names are led to this server. The Node and Python hooks repeat this rule in their own languages."""

from __future__ import annotations

TLS_PORT = 443
TWILIO_DOMAIN = "twilio.com"


def is_twilio(hostname: str) -> bool:
    """Say whether `hostname` is Twilio's, or below it: product, edge and region are labels in front."""
    name = hostname.lower().removesuffix(".")
    return name == TWILIO_DOMAIN or name.endswith(f".{TWILIO_DOMAIN}")
