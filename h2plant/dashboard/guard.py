"""Who may use the dashboard: requests from its own page, and elsewhere than on this machine only with its token."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

TOKEN_ARGUMENT = "token"

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def is_local(host: str) -> bool:
    """Whether a host to bind to is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a request.

    Parameters
    ----------
    status
        0 if it may pass, else the status of the answer.
    message
        Why it may not.
    is_newly_known
        Whether the token came in the address: it shall be kept in a cookie, and leave the address.
    """

    status: int = 0
    message: str = ""
    is_newly_known: bool = False


@dataclass(frozen=True)
class Guard:
    """Judges requests.

    Parameters
    ----------
    host, port
        What the dashboard is bound to.
    token
        What a visitor must show; empty where everybody on this machine may come in.
    """

    host: str
    port: int
    token: str = ""

    @property
    def cookie(self) -> str:
        """Name of the cookie that holds the token; cookies know no ports, so that it names the port."""
        return f"h2plant-dash-{self.port}"

    def judge(self, headers: Mapping[str, str], arguments: Mapping[str, str], cookies: Mapping[str, str]) -> Verdict:
        """Return what becomes of a request.

        A page of somebody else, open in the same browser, gets nothing: it can neither take another name for this
        machine (``Host``) nor send requests of its own (``Origin``: scheme, host and port are compared).
        """
        host = headers.get("Host", "")
        own = _place(f"http://{host}")
        if own is None:
            return Verdict(400, "this request does not say by a sound name what it asks")
        if is_local(self.host) and own[1] not in (*_LOCAL_NAMES, self.host):
            return Verdict(403, f"this dashboard does not answer under the name '{host}'; use the address it printed")
        origin = headers.get("Origin", "")
        if origin and _place(origin) != own:
            return Verdict(403, "this request comes from another page")
        site, mode = headers.get("Sec-Fetch-Site", ""), headers.get("Sec-Fetch-Mode", "")
        if site not in ("", "same-origin", "none") and mode != "navigate":  # another port of this machine is another
            return Verdict(403, "this request comes from another page")
        if not self.token:
            return Verdict()
        if _is_same(arguments.get(TOKEN_ARGUMENT, ""), self.token):
            return Verdict(is_newly_known=True)
        if _is_same(cookies.get(self.cookie, ""), self.token):
            return Verdict()
        return Verdict(401, "this dashboard asks for its token: open the address that it printed when it was started")


def _place(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin; None for what is none, as ``null``."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    if usual is None or not parts.hostname or parts.username is not None:
        return None
    if parts.path or parts.query or parts.fragment:
        return None
    return parts.scheme, parts.hostname, usual if port is None else port


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def content_policy(script_hashes: Sequence[str]) -> str:
    """Return what the page may load: its own files and the inline scripts with these hashes, nothing from elsewhere."""
    scripts = " ".join(script_hashes)
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
