"""A server that misbehaves costs a named error and nothing else; a proper one is used politely."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bad_server import BadServer, head, serve

from index.web import addresses
from index.web.fetch import USER_AGENT, Clock, Fetched, Fetcher, Limits
from index.web.robots import Robots
from index.web.urls import FetchError, RefusedError, UnreachableError, clean

HTML = ("text/html",)
NOON = datetime(2016, 12, 8, 12, tzinfo=UTC)
HTML_HEAD = head("200 OK", Content_Type="text/html")


class Time:
    """A clock that goes only when someone sleeps."""

    def __init__(self) -> None:
        self.moment = NOON
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def bad() -> Iterator[BadServer]:
    """A server of this test alone."""
    with serve() as server:
        yield server


@pytest.fixture
def time() -> Time:
    """A clock of this test alone."""
    return Time()


def fetcher(
    time: Time,
    *,
    allow_private: bool = True,
    resolve: addresses.Resolve = addresses.resolve,
    **limits: float,
) -> Fetcher:
    """A fetcher with small limits."""
    small = Limits(**{"bytes": 100_000, "seconds": 20.0, "redirects": 3, "delay_s": 1.0, **limits})
    clock = Clock(now=lambda: time.moment, sleep=time.sleep)
    return Fetcher(
        allow_private=allow_private, limits=small, clock=clock, resolve=resolve, left_alone={}
    )


def failure(time: Time, url: str, **options: float) -> FetchError:
    """How a fetch fails."""
    with pytest.raises(FetchError) as caught:
        fetcher(time, **options).get(url, HTML)
    return caught.value


# What a proper server gives


def test_a_page_is_fetched_under_our_name(bad: BadServer, time: Time) -> None:
    """The body arrives as sent, and the server learns who asks and for what."""
    bad.page("/a", "<p>Ferry</p>", ETag='"1"')
    got = fetcher(time).get(bad.url("/a"), HTML)
    assert (got.status, got.body, got.header("ETAG")) == (200, b"<p>Ferry</p>", '"1"')
    assert got.content_type == "text/html"
    headers = bad.asked[-1].headers
    assert headers["user-agent"] == USER_AGENT
    assert headers["accept-encoding"] == "gzip"
    assert USER_AGENT.startswith("pullquote/0.")


@pytest.mark.parametrize("members", [1, 3])
def test_gzip_is_undone(bad: BadServer, time: Time, members: int) -> None:
    """Also in several members, and with padding behind the last."""
    packed = b"".join(gzip.compress(b"ferry " * 100) for _ in range(members)) + bytes(7)
    bad.page("/a", packed, Content_Encoding="gzip")
    assert fetcher(time).get(bad.url("/a"), HTML).body == b"ferry " * 100 * members


def test_chunks_are_put_together(bad: BadServer, time: Time) -> None:
    """A body in chunks is whole."""
    chunked = head("200 OK", Content_Type="text/html", Transfer_Encoding="chunked")
    bad.raw("/a", chunked, b"3\r\nfer\r\n2\r\nry\r\n0\r\n\r\n")
    assert fetcher(time).get(bad.url("/a"), HTML).body == b"ferry"


def test_what_has_not_changed_is_not_sent_again(bad: BadServer, time: Time) -> None:
    """The ETag and the date go back to the server, whose 304 is an answer."""
    bad.raw("/a", head("304 Not Modified"))
    got = fetcher(time).get(bad.url("/a"), HTML, etag='"1"', modified="Thu, 08 Dec 2016")
    assert got == Fetched(bad.url("/a"), 304, (), b"")
    assert bad.asked[-1].headers["if-none-match"] == '"1"'
    assert bad.asked[-1].headers["if-modified-since"] == "Thu, 08 Dec 2016"


def test_304_to_a_question_without_condition_is_no_answer(bad: BadServer, time: Time) -> None:
    """Nobody said what it is that has not changed."""
    bad.raw("/a", head("304 Not Modified"))
    assert failure(time, bad.url("/a")).status == 304


def test_redirects_are_followed_with_their_cookies(bad: BadServer, time: Time) -> None:
    """A relative redirect leads on, and the answer names where it came from."""
    there = head("302 Found", Location="b?utm_source=x#top", Set_Cookie="seen=1; Path=/")
    bad.raw("/x/a", there)
    bad.page("/x/b", "<p>There</p>")
    got = fetcher(time).get(bad.url("/x/a"), HTML)
    assert (got.url, got.body) == (bad.url("/x/b"), b"<p>There</p>")
    assert bad.asked[-1].headers["cookie"] == "seen=1"


def test_the_address_that_was_checked_is_the_one_connected_to(bad: BadServer, time: Time) -> None:
    """The name is resolved once a request, by us, and goes to the server as the Host."""
    bad.page("/a", "<p>There</p>")
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    rebound = fetcher(time, resolve=resolve)
    # No resolver knows this name: a look-up beside ours would fail, and trip the network's guard.
    assert rebound.get(bad.url("/a", "news.invalid"), HTML).body == b"<p>There</p>"
    assert asked == ["news.invalid"] * len(bad.asked)
    assert bad.asked[-1].headers["host"] == f"news.invalid:{bad.port}"


def test_a_second_address_is_tried_when_the_first_does_not_answer(
    bad: BadServer, time: Time
) -> None:
    """A host with a dead address among its addresses is still reached."""
    bad.page("/a", "<p>There</p>")
    two = fetcher(time, resolve=lambda *_: ["127.255.255.255", "127.0.0.1"])
    assert two.get(bad.url("/a", "news.invalid"), HTML).status == 200


# What it may not do


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_a_private_address_is_refused_unless_allowed(bad: BadServer, time: Time, host: str) -> None:
    """This machine is not asked anything, by whichever name it is called."""
    error = failure(time, bad.url("/a", host), allow_private=False)
    assert "PULLQUOTE_ALLOW_PRIVATE_NETWORKS" in error.reason
    assert isinstance(error, RefusedError)
    assert bad.asked == []


def test_ipv6_and_mapped_addresses_are_refused(time: Time) -> None:
    """Loopback is refused in IPv6, too, where nothing may listen."""
    for host in ("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"):
        assert "private or reserved" in failure(time, f"http://{host}/", allow_private=False).reason


@pytest.fixture
def only_one_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 stands for the internet here: no other can be reached from a test."""
    monkeypatch.setattr(addresses, "public", lambda address: str(address) == "127.0.0.1")


@pytest.mark.usefixtures("only_one_public")
@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.2", "0x7f000002", "[::1]", "169.254.0.1"])
def test_a_redirect_to_a_private_address_is_refused(bad: BadServer, time: Time, host: str) -> None:
    """A public page can't send us to the router, nor to this machine."""
    bad.redirect("/a", bad.url("/secret", host))
    error = failure(time, bad.url("/a"), allow_private=False)
    assert isinstance(error, RefusedError)
    assert "private or reserved" in error.reason
    assert bad.paths() == ["/a"]


@pytest.mark.usefixtures("only_one_public")
def test_a_name_that_turns_private_is_refused(bad: BadServer, time: Time) -> None:
    """A name that was public a moment ago is checked anew at every connection."""
    bad.page("/robots.txt", "", kind="text/plain")
    bad.redirect("/a", "/b")
    turns = iter([["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1", "127.0.0.2"]])
    rebinding = fetcher(time, allow_private=False, resolve=lambda *_: next(turns))
    with pytest.raises(RefusedError, match=r"news.invalid is 127\.0\.0\.2"):
        rebinding.get(bad.url("/a", "news.invalid"), HTML)
    assert bad.paths() == ["/a"]


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("file:///etc/passwd", "file scheme"),
        ("javascript:alert(1)", "HTTP properly"),
        ("http://me:secret@127.0.0.1/", "name or password"),
        ("http://[/", "not a URL"),
        ("gopher://127.0.0.1:70/_x", "gopher scheme"),
    ],
)
def test_a_redirect_goes_nowhere_but_the_web(
    bad: BadServer, time: Time, to: str, reason: str
) -> None:
    """Every hop is checked like the first address."""
    bad.redirect("/a", to)
    assert reason in failure(time, bad.url("/a")).reason
    assert bad.paths() == ["/a"]


def test_redirects_have_an_end(bad: BadServer, time: Time) -> None:
    """A loop of redirects is left after the allowed number."""
    bad.redirect("/a", "/b", "301 Moved")
    bad.redirect("/b", "/a", "307 Again")
    assert failure(time, bad.url("/a")).reason == "more than 3 redirects"
    assert bad.paths() == ["/a", "/b", "/a", "/b"]


def test_a_gzip_bomb_is_cut_off(bad: BadServer, time: Time) -> None:
    """A hundred megabytes out of a hundred kilobytes are never made."""
    bad.bomb("/a", 60_000_000)
    assert failure(time, bad.url("/a")).reason == "larger than 100,000 bytes"


def test_members_without_content_are_cut_off(bad: BadServer, time: Time) -> None:
    """What unpacks to nothing is counted as it comes in."""
    bad.page("/a", gzip.compress(b"") * 10_000, Content_Encoding="gzip")
    assert failure(time, bad.url("/a")).reason == "larger than 100,000 bytes"


def test_an_endless_body_is_cut_off(bad: BadServer, time: Time) -> None:
    """The connection is closed where the limit is."""
    bad.endless("/a")
    assert failure(time, bad.url("/a")).reason == "larger than 100,000 bytes"


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (HTML_HEAD, b"x"),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (head("200 OK", Content_Type="text/html", Transfer_Encoding="chunked"), b"1\r\nx\r\n"),
        (b"", b""),
    ],
    ids=["body", "status", "header", "continue", "chunks", "silence"],
)
def test_a_dripping_server_runs_out_of_time(
    bad: BadServer, time: Time, first: bytes, piece: bytes
) -> None:
    """The limit is for the whole fetch, however often something comes."""
    bad.page("/robots.txt", "", kind="text/plain")
    bad.drip("/a", first, piece)
    error = failure(time, bad.url("/a"), seconds=0.4)
    assert "not had within 0.4 s" in error.reason
    assert isinstance(error, UnreachableError)


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream"])
def test_other_content_is_refused_by_name(bad: BadServer, time: Time, kind: str) -> None:
    """The error says what it is that was sent."""
    bad.page("/a", "x", kind=kind)
    assert failure(time, bad.url("/a")).reason == f"its content is {kind}"


def test_content_without_a_type_is_refused(bad: BadServer, time: Time) -> None:
    """What a server does not name is not guessed at."""
    bad.raw("/a", head("200 OK", Content_Length="1"), b"x")
    assert failure(time, bad.url("/a")).reason == "its content is of no stated type"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x" * 99])
def test_encodings_that_were_not_asked_for_are_refused(
    bad: BadServer, time: Time, encoding: str
) -> None:
    """Only gzip is undone, and only once."""
    bad.page("/a", zlib.compress(b"x"), Content_Encoding=encoding)
    assert encoding[:40] in failure(time, bad.url("/a")).reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([head("200 OK", Content_Type="text/html", Content_Length="9"), b"x"], "HTTP properly"),
        (
            [head("200 OK", Content_Type="text/html", Transfer_Encoding="chunked"), b"zz\r\nx"],
            "HTTP properly",
        ),
        (
            [head("200 OK", Content_Type="text/html", Transfer_Encoding="chunked"), b"5\r\nx"],
            "HTTP properly",
        ),
        ([b"nonsense\r\n\r\n"], "HTTP properly"),
        ([b""], "HTTP properly"),
        ([b"HTTP/1.1 200 OK\r\n", *(b"X-Flood: %d\r\n" % n for n in range(20_000))], "HTTP"),
        ([head("200 OK", X="y" * 200_000), b"x"], "HTTP properly"),
        ([head("200 OK", Content_Type="text/html", Content_Encoding="gzip"), b"xy"], "gzip is"),
        (
            [
                head("200 OK", Content_Type="text/html", Content_Encoding="gzip"),
                gzip.compress(b"ferry" * 99, mtime=0)[:-9],
            ],
            "stops short",
        ),
    ],
    ids=["short", "chunk", "cut", "nonsense", "silent", "flood", "long", "notgzip", "halfgzip"],
)
def test_broken_answers_are_named(
    bad: BadServer, time: Time, answer: list[bytes], reason: str
) -> None:
    """Half a body, a chunk of no size, a flood of headers: none is taken for a page."""
    bad.raw("/a", *answer)
    assert reason in failure(time, bad.url("/a")).reason


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("404 x", "answered 404 Not Found"),
        ("500 x", "answered 500 Internal Server Error"),
        ("204 x", "answered 204 No Content"),
        ("799 x", "answered 799"),
        ("301 x", "answered 301"),
    ],
)
def test_other_answers_are_failures_with_their_status(
    bad: BadServer, time: Time, status: str, said: str
) -> None:
    """The phrase is ours: a server does not write into our messages."""
    bad.raw("/a", head(status, Content_Length="0"))
    error = failure(time, bad.url("/a"))
    assert error.reason.startswith(said)
    assert error.status == int(status[:3])


def test_a_host_that_is_not_there_is_named(time: Time) -> None:
    """A closed port and an unknown name are told apart."""
    with serve() as closed:
        url = closed.url("/a")
    assert "can't be reached" in failure(time, url).reason

    def unknown(*_: object) -> list[str]:
        raise OSError("unknown")

    with pytest.raises(UnreachableError, match=r"the name news.invalid is not known"):
        fetcher(time, resolve=unknown).get("http://news.invalid/", HTML)


# How it is asked


def test_requests_to_a_host_keep_their_distance(bad: BadServer, time: Time) -> None:
    """A second lies between two requests to a host, robots.txt and redirects among them."""
    bad.redirect("/a", "/b")
    bad.page("/b", "<p>There</p>")
    polite = fetcher(time)
    polite.get(bad.url("/a"), HTML)
    time.moment += timedelta(seconds=0.4)
    polite.get(bad.url("/b"), HTML)
    assert time.slept == [1.0, 1.0, pytest.approx(0.6)]
    time.moment -= timedelta(days=400)  # a clock that jumps back is no reason to sleep for long
    polite.get(bad.url("/b"), HTML)
    assert time.slept[-1] == 1.0


@pytest.mark.parametrize(("asked", "slept"), [("3", 3.0), ("9" * 300, 10.0)])
def test_a_crawl_delay_is_kept_within_reason(
    bad: BadServer, time: Time, asked: str, slept: float
) -> None:
    """A robots.txt may ask for more distance, but not stop everything."""
    bad.page("/robots.txt", f"User-agent: *\nCrawl-delay: {asked}\nDisallow: /x", "text/plain")
    bad.page("/a", "<p>There</p>")
    fetcher(time).get(bad.url("/a"), HTML)
    assert time.slept == [slept]


def test_robots_are_obeyed_and_asked_once(bad: BadServer, time: Time) -> None:
    """What is disallowed for us is not requested; the rules are kept for the run."""
    rules = "\ufeffUser-agent: other\nDisallow: /\n\nUser-agent: PullQuote\nDisallow: /private/"
    bad.page("/robots.txt", rules, kind="text/html")
    bad.page("/a", "<p>There</p>")
    bad.redirect("/b", "/private/x")
    obedient = fetcher(time)
    for path in ("/private/x", "/b"):
        with pytest.raises(FetchError, match="doesn't allow"):
            obedient.get(bad.url(path), HTML)
    assert obedient.get(bad.url("/a"), HTML).status == 200
    assert [each.path for each in bad.asked] == ["/robots.txt", "/b", "/a"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/secret/x", False),
        ("/x/../secret/x", False),
        ("/x/%2e%2E/secret/x", False),
        ("/./secret", False),
        ("/%73ecret/x", False),
        ("/secre%74", False),
        ("/a/private/b", False),
        ("/story.pdf", False),
        ("/story.pdf?x", True),
        ("/secret/open/x", True),
        ("/secret/open/../x", False),
        ("/caf%c3%a9", False),
        ("/secre", True),
        ("/x/secret/..", True),
    ],
)
def test_robots_are_understood_as_the_rfc_says(path: str, allowed: bool) -> None:
    """Wildcards, the longest match, and the path that the host will serve, however written."""
    rules = "User-agent: *\nDisallow: /secret\nAllow: /secret/open/\nDisallow: /*/private/\n"
    rules += "Disallow: /*.pdf$\nDisallow: /café\n"
    robots = Robots(lambda _: rules.encode())
    url = clean(f"http://example.org{path}")
    if allowed:
        assert robots.check(url) == 0
    else:
        with pytest.raises(RefusedError, match="doesn't allow"):
            robots.check(url)


@pytest.mark.parametrize("rules", ["Disallow: //[x", "Crawl-delay: ²", "\0\ud800", "Allow"])
def test_lines_that_make_no_sense_forbid_nothing(bad: BadServer, time: Time, rules: str) -> None:
    """A robots.txt is lines; one that can't be understood says nothing."""
    body = f"User-agent: *\n{rules}\nDisallow: /no".encode(errors="surrogatepass")
    bad.page("/robots.txt", body, kind="text/plain")
    bad.page("/a", "<p>There</p>")
    assert fetcher(time).get(bad.url("/a"), HTML).status == 200
    assert "doesn't allow" in failure(time, bad.url("/no")).reason


@pytest.mark.parametrize("status", ["404 x", "403 x", "410 x"])
def test_without_robots_everything_is_allowed(bad: BadServer, time: Time, status: str) -> None:
    """A host that has no rules has none."""
    bad.raw("/robots.txt", head(status, Content_Length="0"))
    bad.page("/a", "<p>There</p>")
    assert fetcher(time).get(bad.url("/a"), HTML).status == 200


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([head("500 x", Content_Length="0")], "can't be read (answered 500"),
        ([head("302 x", Location="/robots.txt", Content_Length="0")], "more than 3 redirects"),
        ([HTML_HEAD, b"x" * 200_000], "can't be read (larger"),
    ],
    ids=["error", "loop", "huge"],
)
def test_robots_that_cannot_be_read_forbid_everything(
    bad: BadServer, time: Time, answer: list[bytes], reason: str
) -> None:
    """Not knowing the rules is no permission."""
    bad.raw("/robots.txt", *answer)
    bad.page("/a", "<p>There</p>")
    assert reason in failure(time, bad.url("/a")).reason
    assert "/a" not in bad.paths()


@pytest.mark.parametrize("status", ["429 Too Many", "503 Busy"])
@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Thu, 08 Dec 2016 13:00:00 GMT", timedelta(hours=1)),
        ("Thu, 08 Dec 2016 13:00:00 -0000", timedelta(hours=1)),
        ("99999999999999999999", timedelta(days=1)),
        ("Thu, 08 Dec 1999 13:00:00 GMT", timedelta(seconds=1)),
        ("soon", timedelta(minutes=5)),
        ("", timedelta(minutes=5)),
    ],
)
def test_a_host_that_asks_for_time_is_left_alone(
    bad: BadServer, time: Time, status: str, said: str, wait: timedelta
) -> None:
    """Nobody waits for it: every page of the host fails until then, without a request."""
    bad.page("/robots.txt", "", kind="text/plain")
    bad.raw("/a", head(status, Retry_After=said, Content_Length="0"))
    patient = fetcher(time, delay_s=0)
    for path in ("/a", "/b"):
        with pytest.raises(FetchError, match="it is left alone until 2016-12") as caught:
            patient.get(bad.url(path), HTML)
        assert caught.value.until == NOON + wait
    assert bad.paths() == ["/a"]
    assert time.slept == []
    time.moment += wait
    with pytest.raises(FetchError, match="404"):
        patient.get(bad.url("/b"), HTML)


def test_a_host_that_is_too_slow_is_left_for_the_run(bad: BadServer, time: Time) -> None:
    """Two hundred pages of a dead host do not cost two hundred limits."""
    bad.page("/robots.txt", "", kind="text/plain")
    bad.drip("/a", b"", b"")
    impatient = fetcher(time, seconds=0.4)
    for path in ("/a", "/b", "/c"):
        with pytest.raises(UnreachableError, match="slow or silent"):
            impatient.get(bad.url(path), HTML)
    assert bad.paths() == ["/a"]
