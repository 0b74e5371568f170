"""What goes wrong on the way: the answers that a test orders in place of the right ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal


@dataclass
class Fault:
    """One way to go wrong, for the next ``times`` requests that match.

    ``pattern`` is a method and a path below ``/api/v10``, with ``*`` for anything:
    ``POST /channels/*/messages``. A refused request has no effect; a slow one has its effect at
    once and its answer late; a cut one has its effect (unless ``done`` is false), and half of its
    answer arrives.
    """

    pattern: str
    times: int
    kind: Literal["status", "slow", "cut"]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] | str = ""
    seconds: float = 0.0
    done: bool = True


class Faults:
    """The faults ordered and not yet met, in their order."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self.met: list[str] = []

    def rate_limit(
        self,
        pattern: str,
        *,
        times: int = 1,
        retry_after: float = 0.3,
        header: bool = True,
        via: bool = True,
        everywhere: bool = False,
    ) -> None:
        """Answer 429: with or without a ``Retry-After`` header, from Discord or (no ``Via``) not.

        Without ``Via`` it is Cloudflare that answers, with a page and not JSON.
        """
        headers = {"Via": "1.1 google"} if via else {"Content-Type": "text/html"}
        if header:
            headers["Retry-After"] = str(retry_after)
        body = {
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": everywhere,
        }
        page = "<html>error code: 1015</html>"
        self._ordered.append(
            Fault(pattern, times, "status", 429, headers, dict(body) if via else page)
        )

    def status(self, pattern: str, status: int, *, times: int = 1) -> None:
        """Answer 500, 502, 503 or 504 with the page of a proxy."""
        headers = {"Content-Type": "text/html"}
        page = f"<html>{status}</html>"
        self._ordered.append(Fault(pattern, times, "status", status, headers, page))

    def slow(self, pattern: str, seconds: float, *, times: int = 1) -> None:
        """Do what is asked at once, and say so late."""
        self._ordered.append(Fault(pattern, times, "slow", seconds=seconds))

    def cut(self, pattern: str, *, times: int = 1, done: bool = True) -> None:
        """Cut the connection in the middle of the answer; ``done`` says whether it took effect."""
        self._ordered.append(Fault(pattern, times, "cut", done=done))

    def next(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets; it counts as met."""
        for fault in self._ordered:
            if fault.times and fnmatchcase(f"{method} {path}", fault.pattern):
                fault.times -= 1
                self.met.append(f"{fault.kind} {fault.status} {method} {path}")
                return fault
        return None

    @property
    def pending(self) -> list[Fault]:
        """Faults that no request has met yet: a test that ordered them did not test them."""
        return [fault for fault in self._ordered if fault.times]
