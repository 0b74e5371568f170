"""The figures as Prometheus reads them, over real HTTP on loopback."""

from __future__ import annotations

import json
from datetime import date
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import UNREADY_S, Metrics, MetricsServer
from index.errors import PullquoteError


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the metrics."""
    return Clock()


@pytest.fixture
def metrics(clock) -> Metrics:
    """Figures of a bot that has just begun."""
    return Metrics(clock=clock)


@pytest.fixture
def server(metrics):
    """They are served."""
    made = MetricsServer(metrics, 0)
    yield made
    made.close()


def get(server: MetricsServer, path: str) -> tuple[int, str]:
    """The status and the text of a page."""
    try:
        with urlopen(server.address + path, timeout=10) as page:  # noqa: S310 - loopback
            return page.status, page.read().decode()
    except HTTPError as exc:
        with exc:
            return exc.code, exc.read().decode()


def samples(server: MetricsServer) -> dict[str, float]:
    """Every figure, by its name and labels, as Prometheus' own parser reads the page."""
    status, page = get(server, "/metrics")
    assert status == 200
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_questions_are_counted_by_outcome(server, metrics):
    """Only what was looked for counts as time taken; what did not happen is 0, not missing."""
    metrics.question("answered", 0.15)
    metrics.question("refused", 2.5)
    metrics.question("busy", 0.0)
    found = samples(server)
    outcomes = {
        name: found[f"pullquote_questions_total{{{name}}}"]
        for name in ("answered", "refused", "busy", "failed")
    }
    assert outcomes == {"answered": 1, "refused": 1, "busy": 1, "failed": 0}
    assert found["pullquote_answer_seconds_count"] == 2
    assert found["pullquote_answer_seconds_sum"] == pytest.approx(2.65)
    assert found["pullquote_answer_seconds_bucket{0.2}"] == 1


def test_gauges_are_read_when_asked_for(server, metrics, clock):
    """The queue, the latency, the revision and its age."""
    waiting = [0]
    metrics.watch(lambda: len(waiting), lambda: 0.042)
    metrics.indexed(7, date(2016, 12, 8))
    clock.now += 30
    waiting.append(1)
    found = samples(server)
    assert found["pullquote_queue_length"] == 2
    assert found["pullquote_gateway_latency_seconds"] == 0.042
    assert found["pullquote_revision"] == 7
    assert found["pullquote_newest_article_timestamp_seconds"] == 1481155200
    assert found["pullquote_index_age_seconds"] == 30
    metrics.indexed(8, None)
    assert samples(server)["pullquote_newest_article_timestamp_seconds"] == 0


def test_health_bears_a_short_absence_of_the_gateway(server, metrics, clock):
    """It fails once the gateway is away too long, also at the start, and mends by itself."""
    metrics.indexed(1, None)
    assert get(server, "/healthz")[0] == 200
    clock.now += UNREADY_S + 1
    status, page = get(server, "/healthz")
    assert (status, json.loads(page)) == (503, {"ready": False, "index": True, "away_s": 61.0})
    metrics.ready(now=True)
    assert json.loads(get(server, "/healthz")[1]) == {"ready": True, "index": True, "away_s": 0.0}
    metrics.ready(now=False)
    clock.now += UNREADY_S / 2
    metrics.ready(now=False)
    assert get(server, "/healthz")[0] == 200
    clock.now += UNREADY_S
    assert get(server, "/healthz")[0] == 503
    assert samples(server)["pullquote_gateway_ready"] == 0


def test_health_needs_an_index_that_answers(server, metrics):
    """It fails until there is one, and when it can't be read any more."""
    metrics.ready(now=True)
    status, page = get(server, "/healthz")
    assert (status, json.loads(page)) == (503, {"ready": False, "index": False, "away_s": 0.0})
    metrics.indexed(1, None)
    assert get(server, "/healthz")[0] == 200
    metrics.unindexed()
    assert get(server, "/healthz")[0] == 503


def test_another_address_can_be_chosen(metrics):
    """One that is not of this machine is named."""
    made = MetricsServer(metrics, 0, "127.0.0.2")
    assert made.address.startswith("http://127.0.0.2:")
    made.close()
    with pytest.raises(PullquoteError, match=r"of 192\.0\.2\.1 "):
        MetricsServer(metrics, 0, "192.0.2.1")


def test_other_pages_are_not_found(server):
    """It says which there are."""
    assert get(server, "/") == (404, "/metrics or /healthz\n")


def test_two_bots_in_a_process_do_not_share_figures(server):
    """Each has a registry of its own."""
    Metrics().question("answered", 1)
    assert samples(server)["pullquote_questions_total{answered}"] == 0


def test_a_port_that_is_taken_is_named(server, metrics):
    """With the setting to change."""
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(PullquoteError, match=f"PULLQUOTE_METRICS_PORT: can't listen on {port}"):
        MetricsServer(metrics, port)


def test_it_listens_on_loopback_by_default(server):
    """Figures are not for the network, unless whoever runs the bot says so."""
    assert server.address.startswith("http://127.0.0.1:")
