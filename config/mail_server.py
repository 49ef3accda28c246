"""Where letters leave the house: a mail server, read from an address such as smtp://user:password@host:587."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # a relay on this very machine needs no encryption
FORM = "write it as smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS)"


class Security(StrEnum):
    """How the way to the server is closed to others."""

    TLS = "TLS"
    STARTTLS = "STARTTLS"
    NONE = "this machine only"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes letters for everywhere; without a user it is asked without signing in."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port} ({self.security})"


def read_mail_server(address: str) -> MailServer:
    """The server of an address. Raises ValueError that says how one is written, and quotes nothing of it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"this is no address of a mail server; {FORM}") from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"this is no address of a mail server; {FORM}")
    if parts.scheme == "smtps":
        security, usual = Security.TLS, 465
    else:
        security, usual = (Security.NONE, 25) if host in HERE else (Security.STARTTLS, 587)
    return MailServer(host, port or usual, security, unquote(parts.username or ""), unquote(parts.password or ""))
