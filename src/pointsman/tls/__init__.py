"""The local certificate authority, and the TLS contexts that let this server answer for Twilio's names."""

from pointsman.tls.authority import Authority, AuthorityBroken
from pointsman.tls.certificates import is_permitted

__all__ = ["Authority", "AuthorityBroken", "is_permitted"]
