"""Who is answered: requests that name this server as it is called, from its own pages, with the address's token."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Sequence
from email.message import Message
from typing import Final
from urllib.parse import urlsplit

__all__ = ["EVENTS", "PAGE", "known_host", "place_of"]

PAGE: Final = ""
EVENTS: Final = "events"


def known_host(headers: Message, bound: str) -> bool:
    """Does the request name this machine, and come from its own page where it says from where?

    A stranger's page can have a name of its own lead to this machine (DNS rebinding), but then the browser sends that
    name. `bound` is the host that was listened on.
    """
    hosts: Sequence[str] = headers.get_all("Host") or ()
    if len(hosts) != 1 or not _is_ours(hosts[0], bound):
        return False
    origins: Sequence[str] = headers.get_all("Origin") or ()
    return all(origin == f"http://{hosts[0]}" for origin in origins)


def place_of(path: str, token: str) -> str | None:
    """What is asked for of what there is, None: nothing of it. The time that this takes tells nothing of the token."""
    given, slash, place = path.removeprefix("/").partition("/")
    right = hmac.compare_digest(given.encode(errors="replace"), token.encode())
    return place if right and path.startswith("/") and slash and place in (PAGE, EVENTS) else None


def _is_ours(host: str, bound: str) -> bool:
    """The port may be another one: that of a tunnel's other end."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if name is None:
        return False
    if name in ("localhost", bound.lower()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return not _loopback(bound) and name == socket.gethostname().lower()
    return address.is_loopback or not _loopback(bound)  # nobody else can give an address another meaning


def _loopback(bound: str) -> bool:
    try:
        return ipaddress.ip_address(bound).is_loopback
    except ValueError:
        return bound == "localhost"
