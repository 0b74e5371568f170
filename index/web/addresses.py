"""A host -> the addresses to connect to, every one of them checked.

The check is of what is connected to, not of a name that may mean something else a moment later:
whoever uses ``public`` connects to the addresses that it returns, never to the name again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import TypeAlias

from index.web.urls import RefusedError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""A host's name and a port -> its addresses; raises ``OSError``."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver, which has its own limit of time.

    Raises:
        OSError: the name is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def checked(host: str, port: int, *, allow_private: bool, ask: Resolve = resolve) -> list[str]:
    """Return the addresses of a host, none of which is private unless that is allowed.

    Raises:
        RefusedError: an address is of a private, local or reserved network.
        OSError: the name is not known.
    """
    literal = _literal(host)
    addresses = [literal] if literal else list(ask(host, port))
    if not allow_private:
        for address in addresses:
            if not public(ipaddress.ip_address(address)):
                named = host if host == address else f"{host} is {address}, which"
                raise RefusedError(
                    f"{named} is of a private or reserved network; if it is meant, set "
                    "PULLQUOTE_ALLOW_PRIVATE_NETWORKS=true"
                )
    return addresses


def public(address: Address) -> bool:
    """Whether an address is of the internet at large, also where it wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _literal(host: str) -> str | None:
    """The address that a host is written as; also 2130706433, 0x7f.1 and the like."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name, or an older way to write IPv4
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
