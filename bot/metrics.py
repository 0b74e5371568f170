"""What the bot counts -> ``/metrics`` for Prometheus and ``/healthz``, on loopback unless told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, TypeAlias

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from index.errors import PullquoteError

Outcome: TypeAlias = Literal["answered", "refused", "busy", "failed"]
"""What became of a question; ``busy``: turned away because too many waited."""

OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "busy", "failed")
UNREADY_S = 60.0
"""How long the gateway may be away before ``/healthz`` says so: reconnecting takes seconds."""
SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30)


class Metrics:
    """The figures of one bot; any thread may call it. ``clock`` counts seconds, for readiness."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._away_since: float | None = clock()
        self.registry = registry = CollectorRegistry()
        self._questions = Counter(
            "pullquote_questions", "Questions by outcome.", ["outcome"], registry=registry
        )
        for outcome in OUTCOMES:
            self._questions.labels(outcome)
        self._seconds = Histogram(
            "pullquote_answer_seconds",
            "From a question's arrival to its answer.",
            buckets=SECONDS,
            registry=registry,
        )
        self._waiting = Gauge("pullquote_queue_length", "Questions waiting.", registry=registry)
        self._latency = Gauge(
            "pullquote_gateway_latency_seconds",
            "Between a heartbeat and its acknowledgement.",
            registry=registry,
        )
        ready = Gauge("pullquote_gateway_ready", "1 while connected.", registry=registry)
        ready.set_function(lambda: float(self._away_since is None))
        self._revision = Gauge("pullquote_revision", "The live revision.", registry=registry)
        self._newest = Gauge(
            "pullquote_newest_article_timestamp_seconds",
            "Midnight, UTC, of the newest article's date; 0 if none has a date.",
            registry=registry,
        )
        self._answers = False
        self._changed: float | None = None
        age = Gauge(
            "pullquote_index_age_seconds",
            "Since a new revision was last noticed, or the bot started.",
            registry=registry,
        )
        age.set_function(lambda: 0.0 if self._changed is None else self._clock() - self._changed)

    def question(self, outcome: Outcome, seconds: float) -> None:
        """Count a question and, if it was answered or refused, the time that took."""
        self._questions.labels(outcome).inc()
        if outcome in ("answered", "refused"):
            self._seconds.observe(seconds)

    def watch(self, waiting: Callable[[], float], latency: Callable[[], float]) -> None:
        """Say where to read the queue's length and the gateway's latency, when asked for them."""
        self._waiting.set_function(waiting)
        self._latency.set_function(latency)

    def ready(self, *, now: bool) -> None:
        """Say whether the gateway is connected."""
        if now:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._clock()

    def indexed(self, revision: int, newest: date | None) -> None:
        """Say which revision is live now, and the date of its newest article."""
        self._answers = True
        self._changed = self._clock()
        self._revision.set(revision)
        day = datetime.combine(newest, datetime.min.time(), UTC) if newest else None
        self._newest.set(day.timestamp() if day else 0)

    def unindexed(self) -> None:
        """Say that there is no index, or none that can be read."""
        self._answers = False

    def health(self) -> tuple[bool, dict[str, object]]:
        """Whether all is well, and the facts: the gateway may be away for ``UNREADY_S``.

        Without an index that answers, it is not.
        """
        away = 0.0 if self._away_since is None else self._clock() - self._away_since
        facts = {"ready": self._answers and self._away_since is None, "index": self._answers}
        return self._answers and away <= UNREADY_S, facts | {"away_s": round(away, 1)}


class MetricsServer:
    """Serves the figures on an address, in a thread of its own, until closed.

    ``port`` 0 takes a free one; ``address`` says which.

    Raises:
        PullquoteError: the port is taken, or the address not of this machine.
    """

    def __init__(self, metrics: Metrics, port: int, host: str = "127.0.0.1") -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/metrics":
                    page = generate_latest(metrics.registry)
                    self._reply(HTTPStatus.OK, CONTENT_TYPE_LATEST, page)
                elif self.path == "/healthz":
                    well, facts = metrics.health()
                    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
                    self._reply(status, "application/json", json.dumps(facts).encode())
                else:
                    self._reply(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics or /healthz\n")

            def _reply(self, status: HTTPStatus, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: a scrape every few seconds is no news."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as exc:
            reason = f"PULLQUOTE_METRICS_PORT: can't listen on {port} of {host} ({exc.strerror})"
            raise PullquoteError(f"{reason}; choose another port or address") from exc
        self._server.daemon_threads = True
        self.address = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
