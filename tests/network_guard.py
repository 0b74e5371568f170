"""An end to connections that nobody asked for: no socket but to this machine.

Python reports every connection and every look-up of a name to its audit hooks, so that nothing
needs to be patched. A refused attempt is also written down, in case the error is swallowed.
"""

from __future__ import annotations

import ipaddress
import os
import sys

LOG = "NO_NETWORK_LOG"
"""The variable that names the file in which a process writes down its attempts."""
EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}

attempts: list[str] = []


class NetworkUsedError(RuntimeError):
    """Something tried to reach another machine."""


def install() -> None:
    """Guard this process until it ends: a hook can't be taken away again."""
    sys.addaudithook(_guard)


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(address, (str, bytes)) and event != "socket.getaddrinfo":
        return  # AF_UNIX: a path
    if host is None or _is_here(host):
        return
    attempts.append(f"{event}: {address!r}")
    if log := os.environ.get(LOG):
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - a start-up hook imports little
            file.write(attempts[-1] + "\n")
    raise NetworkUsedError(attempts[-1])


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
