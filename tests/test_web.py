"""Feeds and links, from the server to the answer: what is kept, remembered, withdrawn, retried."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bad_server import BadServer, article, head, serve
from encoders import WordEncoder
from warcio.archiveiterator import ArchiveIterator

from bot.cli import main
from index import Library
from index.ask.judge import FusionJudge
from index.errors import StoreError, StoreFormatError, StoreLockedError
from index.records import Article
from index.web import run
from index.web.fetch import Clock, Limits
from index.web.pages import folder_of, path_of
from index.web.run import CrawlReport
from index.web.state import FILE, failures, followed
from index.web.web import Web

NOON = datetime(2016, 12, 8, 12, tzinfo=UTC)
VETO = "Russia and China vetoed the ceasefire on Monday."


class World:
    """A server, an index folder and a clock."""

    def __init__(self, server: BadServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.moment = NOON
        self.library = Library(folder, encoder=WordEncoder(), judge=FusionJudge())
        server.page("/robots.txt", "", kind="text/plain")

    @property
    def web(self) -> Web:
        """The web of the index with this clock, private networks allowed."""
        limits = Limits(bytes=200_000, seconds=20, delay_s=0)
        clock = Clock(now=lambda: self.moment, sleep=lambda _: None)
        return Web(self.folder, allow_private=True, limits=limits, clock=clock)

    def add(self, *paths: str) -> CrawlReport:
        """Add pages of the server."""
        return self.web.add([self.server.url(path) for path in paths])

    def subscribe(self, *paths: str) -> CrawlReport:
        """Follow feeds of the server."""
        return self.web.follow([self.server.url(path) for path in paths])

    def update(self, *, at_once: bool = False, **options: Any) -> CrawlReport:
        """Bring everything up to date."""
        return self.web.update(at_once=at_once, **options)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)

    def feed(
        self,
        path: str,
        *links: str,
        stamp: str = "2016-12-08",
        about: str = "",
        kind: str = "application/rss+xml",
    ) -> None:
        """Serve a feed with these links, all of one day."""
        items = "".join(
            f"<item><title>From the feed</title><link>{link}</link>"
            f"<pubDate>{stamp}</pubDate></item>"
            for link in links
        )
        title = "<title>The Harbour Post</title>"
        body = f'<rss version="2.0"><channel>{title}{about}{items}</channel></rss>'
        self.server.page(path, body, kind=kind)

    def files(self) -> list[Path]:
        """The pages that are kept."""
        return sorted(path for path in folder_of(self.folder).rglob("*") if path.is_file())

    def articles(self) -> dict[str, Article]:
        """What is in the index after bringing it up to date, by URL."""
        self.library.sync([folder_of(self.folder)])
        with self.library._store.reading() as revision:
            names = revision.catalog.files()
            filed = [f for name in names for f in revision.catalog.articles_in(name).values()]
        return {str(each.article.url): each.article for each in filed}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of this test alone."""
    with serve() as server:
        made = World(server, tmp_path / "index")
        yield made
        made.library.close()


# Pages


def test_a_page_is_kept_and_answers(world: World) -> None:
    """The words of a page that was added are quoted, with its URL."""
    world.server.article("/a", VETO)
    report = world.add("/a?utm_source=chat#top")
    url = world.server.url("/a")
    assert report == CrawlReport((url,), (), (), (), queued=0)
    assert world.files() == [path_of(world.folder, url)]
    assert world.articles()[url].title == "Ferry strike"
    quote = world.library.ask("who vetoed the ceasefire?", threshold=0).quotes[0]
    assert quote.text == VETO
    assert quote.article.url == url
    assert quote.article.id.startswith("pages/127.0.0.1/")


def test_the_file_of_a_page_stands_for_itself(world: World) -> None:
    """It holds the decoded page with the server's headers, and what the feed said."""
    body = article(VETO)
    world.server.page("/a", gzip.compress(body.encode()), Content_Encoding="gzip", X_Desk="é")
    world.feed("/feed", "/a", about="<language>en-GB</language>")
    world.subscribe("/feed")
    world.update()
    (path,) = world.files()
    with path.open("rb") as file:
        kept = [
            (r.rec_type, r.rec_headers, r.http_headers, r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    (response, about, headers, page), (metadata, _, _, said) = kept
    assert (response, metadata) == ("response", "metadata")
    assert page == body.encode()
    assert headers.get_statuscode() == "200"
    assert headers.get_header("X-Desk") == "%C3%A9"
    assert headers.get_header("Content-Encoding") is None
    assert headers.get_header("Content-Length") == str(len(page))
    assert about.get_header("WARC-Target-URI") == world.server.url("/a")
    assert about.get_header("WARC-Date") == "2016-12-08T12:00:00Z"
    assert json.loads(said) == {
        "title": "From the feed",
        "published": "2016-12-08",
        "outlet": "The Harbour Post",
        "language": "en-GB",
        "author": None,
    }


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("/real?utm_source=x", "/real"),
        ("real", "/x/real"),
        ("http://elsewhere.org/real", "/x/a"),
        ("javascript:alert(1)", "/x/a"),
        ("/", "/x/a"),
        ("", "/x/a"),
    ],
)
def test_a_page_is_known_by_its_own_word_of_the_same_host(
    world: World, link: str, canonical: str
) -> None:
    """Another host, a script and the front page are no names of an article."""
    world.server.page("/x/a", article(VETO, links=f'<link rel="canonical" href="{link}">'))
    world.add("/x/a")
    assert world.files() == [path_of(world.folder, world.server.url(canonical))]


def test_a_redirect_to_the_front_page_is_no_article(world: World) -> None:
    """Sites send there whoever asks for what is gone."""
    world.server.page("/", article("Everything on one page."))
    world.server.redirect("/a", "/")
    (failed,) = world.add("/a").failed
    assert "front page" in failed.reason
    assert world.add("/").failed == ()


def test_an_unchanged_page_is_not_written_again(world: World) -> None:
    """By its ETag, or by its words where it has none."""
    world.server.article("/tag", VETO, etag='"1"')
    world.server.article("/none", VETO)
    world.add("/tag", "/none")
    before = [path.read_bytes() for path in world.files()]
    world.later(hours=1)
    report = world.add("/tag", "/none")
    assert report.unchanged == (world.server.url("/tag"), world.server.url("/none"))
    assert [path.read_bytes() for path in world.files()] == before
    assert world.server.asked[-2].headers["if-none-match"] == '"1"'


def test_a_changed_page_becomes_a_new_version(world: World) -> None:
    """Another ETag brings the new words; the old receipt still opens, and says so."""
    world.server.article("/a", VETO, etag='"1"')
    world.add("/a")
    world.articles()
    receipt = str(world.library.ask("who vetoed?", threshold=0).quotes[0].receipt)
    world.server.article("/a", "Nobody vetoed the ceasefire on Sunday.", etag='"2"')
    report = world.add("/a")
    assert report.fetched == (world.server.url("/a"),)
    assert "Nobody vetoed" in world.articles()[world.server.url("/a")].text
    view = world.library.source(receipt)
    assert view.current is not None
    assert view.article.text[view.start : view.end] == VETO


def test_a_page_whose_file_is_lost_is_fetched_anew(world: World) -> None:
    """Without the file, the server is not asked whether it has changed."""
    world.server.article("/a", VETO, etag='"1"')
    world.add("/a")
    world.files()[0].unlink()
    assert world.add("/a").fetched == (world.server.url("/a"),)
    assert len(world.files()) == 1


def test_a_page_that_is_gone_is_withdrawn_and_may_come_back(world: World) -> None:
    """404 takes the article out of the index; it is looked for again, and returns."""
    url = world.server.url("/a")
    world.server.article("/a", VETO, etag='"1"')
    world.add("/a")
    assert list(world.articles()) == [url]
    world.server.routes["/a"] = lambda _: [head("410 Gone", Content_Length="0")]
    world.later(hours=7)
    assert world.update().withdrawn == (url,)
    assert world.files() == []
    assert world.articles() == {}
    assert world.library.ask("who vetoed the ceasefire?", threshold=0).quotes == ()
    world.later(days=1)
    report = world.update()
    assert (report.unchanged, report.failed, failures(world.folder)) == ((url,), (), ())
    world.server.article("/a", VETO, etag='"1"')
    world.later(days=3)
    assert world.update().fetched == (url,)
    assert list(world.articles()) == [url]


def test_two_addresses_of_one_page_share_a_file(world: World) -> None:
    """It stays until the last of them is gone."""
    canonical = '<link rel=canonical href="/a">'
    world.server.page("/a", article(VETO, links=canonical))
    world.server.page("/amp", article(VETO, links=canonical))
    world.add("/a", "/amp")
    assert len(world.files()) == 1
    del world.server.routes["/amp"]
    assert world.add("/amp").withdrawn == (world.server.url("/amp"),)
    assert len(world.files()) == 1
    del world.server.routes["/a"]
    world.add("/a")
    assert world.files() == []


def test_a_page_that_moves_leaves_no_copy(world: World) -> None:
    """Under its new name it is one article, not two."""
    world.server.article("/old", VETO)
    world.add("/old")
    world.server.redirect("/old", "/new", "301 Moved")
    world.server.article("/new", VETO)
    world.add("/old")
    assert world.files() == [path_of(world.folder, world.server.url("/new"))]


def test_pages_are_looked_at_again_the_older_the_less(world: World) -> None:
    """After six hours, then after as long as they are known, at the latest after thirty days."""
    world.server.article("/a", VETO, etag='"1"')
    world.add("/a")
    expected = [6, 12, 24, 48, 96, 192, 384, 768, 1488, 2208]
    seen = []
    for hour in sorted({hour + before for hour in expected for before in (-1, 0)}):
        world.moment = NOON + timedelta(hours=hour)
        if world.update().unchanged:
            seen.append(hour)
    assert seen == expected


# Failures


def test_a_failure_stays_listed_until_it_succeeds(world: World) -> None:
    """With its reason and times; tried again after 5, 10, 20 minutes and so on up to a day."""
    url = world.server.url("/a")
    world.server.routes["/a"] = lambda _: [head("500 x", Content_Length="0")]
    (failed,) = world.add("/a").failed
    assert failures(world.folder) == (failed,)
    assert (failed.name, failed.reason) == (url, "answered 500 Internal Server Error")
    assert (failed.first, failed.last, failed.tries) == (NOON, NOON, 1)
    assert failed.next_try == NOON + timedelta(minutes=5)
    world.later(minutes=4)
    assert world.update() == CrawlReport((), (), (), (), queued=0)
    waits = []
    for _ in range(11):
        world.moment = failures(world.folder)[0].next_try or NOON
        (failed,) = world.update().failed
        waits.append((failed.next_try or NOON) - failed.last)
    assert waits[:3] == [timedelta(minutes=m) for m in (10, 20, 40)]
    assert waits[-1] == timedelta(days=1)
    assert (failed.first, failed.tries) == (NOON, 12)
    world.server.article("/a", VETO)
    world.later(days=1)
    assert world.update().fetched == (url,)
    assert failures(world.folder) == ()


def test_a_failure_keeps_what_was_had_before(world: World) -> None:
    """A server in trouble withdraws nothing."""
    world.server.article("/a", VETO)
    world.add("/a")
    world.server.bomb("/a", 1_000_000)
    assert "larger than" in world.add("/a").failed[0].reason
    assert list(world.articles()) == [world.server.url("/a")]


def test_what_can_never_be_fetched_is_told_and_not_kept(world: World) -> None:
    """There is nothing to try again with another scheme, or with a password in the URL."""
    urls = ["file:///etc/passwd", "http://me:secret@127.0.0.1/", "no url"]
    report = world.web.add(urls)
    assert [failure.name for failure in report.failed] == urls
    assert {failure.next_try for failure in report.failed} == {None}
    assert failures(world.folder) == ()


def test_this_machine_is_refused_by_default(world: World) -> None:
    """The refusal is listed, and names the setting."""
    world.server.article("/a", VETO)
    (failed,) = Web(world.folder).add([world.server.url("/a")]).failed
    assert "PULLQUOTE_ALLOW_PRIVATE_NETWORKS" in failed.reason
    assert failures(world.folder) == (failed,)
    assert world.server.asked == []


def test_a_host_that_asked_for_time_is_left_alone_by_the_next_run(world: World) -> None:
    """Retry-After outlives the process, also for pages that were never asked for."""
    busy = [head("429 x", Retry_After="3600", Content_Length="0")]
    world.server.routes["/a"] = lambda _: busy
    world.server.article("/b", VETO)
    world.add("/a")
    asked = len(world.server.asked)
    (failed,) = world.add("/b").failed
    assert failed.next_try == NOON + timedelta(hours=1)
    assert world.update(at_once=True).fetched == ()
    assert len(world.server.asked) == asked
    world.later(hours=1)
    assert world.update().fetched == (world.server.url("/b"),)


def test_a_clock_that_jumped_stops_nothing(world: World) -> None:
    """What is due only in a far future was scheduled by a wrong clock."""
    world.moment = NOON + timedelta(days=4000)
    world.server.routes["/a"] = lambda _: [head("500 x", Content_Length="0")]
    world.server.routes["/b"] = lambda _: [head("429 x", Retry_After="60", Content_Length="0")]
    world.add("/a", "/b")
    world.server.article("/a", VETO)
    world.server.article("/b", VETO)
    world.moment = NOON
    assert len(world.update().fetched) == 2


# Feeds


def test_a_feed_brings_its_articles(world: World) -> None:
    """What the page does not say, the feed does."""
    for path in ("/a", "/b"):
        world.server.article(path, VETO.replace("Monday", path))
    world.feed("/feed", "/a", "b?utm_source=rss", "javascript:alert(1)")
    report = world.subscribe("/feed")
    assert report.fetched == (world.server.url("/feed"),)
    assert report.queued == 2
    assert [failure.name for failure in report.failed] == ["javascript:alert(1)"]
    (feed,) = followed(world.folder)
    assert (feed.title, feed.fetched) == ("The Harbour Post", NOON)
    assert world.update().queued == 0
    found = world.articles()
    assert sorted(found) == [world.server.url("/a"), world.server.url("/b")]
    assert found[world.server.url("/a")].published == date(2016, 12, 8)
    assert found[world.server.url("/a")].outlet == "The Harbour Post"


def test_feeds_are_fetched_when_due_and_only_if_changed(world: World) -> None:
    """Every fifteen minutes, with the ETag, and at once when asked to."""
    body = b'<rss version="2.0"><channel><title>T</title></channel></rss>'
    url = world.server.url("/feed")
    world.server.page("/feed", body, kind="text/xml", ETag='"1"', Last_Modified="yesterday")
    world.subscribe("/feed")
    world.server.raw("/feed", head("304 Not Modified"))
    assert world.update() == CrawlReport((), (), (), (), queued=0)
    assert world.update(at_once=True).unchanged == (url,)
    assert world.server.asked[-1].headers["if-none-match"] == '"1"'
    assert world.server.asked[-1].headers["if-modified-since"] == "yesterday"
    world.later(minutes=15)
    assert world.update().unchanged == (url,)


def test_a_changed_entry_has_its_page_looked_at(world: World) -> None:
    """Not before the entry says so; the other pages are not asked for."""
    world.server.article("/a", VETO)
    world.server.article("/b", VETO)
    world.feed("/feed", "/a", "/b")
    world.subscribe("/feed")
    world.update()
    world.server.article("/a", "Nobody vetoed the ceasefire.")
    assert world.update(at_once=True).fetched == (world.server.url("/feed"),)
    world.feed("/feed", "/a", stamp="2016-12-09")
    world.server.asked.clear()
    assert world.update(at_once=True).fetched[1:] == (world.server.url("/a"),)
    assert world.server.paths() == ["/feed", "/a"]


def test_of_two_feeds_the_first_speaks_for_a_page(world: World) -> None:
    """Two feeds with the same article do not have it fetched and rewritten in turn."""
    world.server.article("/a", VETO)
    world.feed("/one", "/a", stamp="2016-12-08")
    world.feed("/two", "/a", stamp="2016-12-07")
    world.subscribe("/one", "/two")
    world.update()
    world.server.asked.clear()
    for _ in range(2):
        world.update(at_once=True)
    assert world.server.paths() == ["/one", "/two"] * 2


def test_a_broken_feed_is_a_failure_and_keeps_its_pages(world: World) -> None:
    """A page of regrets in place of the feed empties nothing."""
    world.server.article("/a", VETO)
    world.feed("/feed", "/a")
    world.subscribe("/feed")
    world.update()
    world.server.page("/feed", "<html>Sorry</html>")
    (failed,) = world.update(at_once=True).failed
    assert "no RSS or Atom feed" in failed.reason
    assert [feed.title for feed in followed(world.folder)] == ["The Harbour Post"]
    assert len(world.articles()) == 1
    world.feed("/feed", "/a")
    world.update(at_once=True)
    assert failures(world.folder) == ()


def test_the_newest_entries_of_a_long_feed_are_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed can't have us fetch without end."""
    monkeypatch.setattr(run, "ENTRIES", 3)
    world.feed("/feed", *(f"/{n}" for n in range(9)))
    assert world.subscribe("/feed").queued == 3


@pytest.mark.parametrize("kind", ["application/x-rss+xml", "application/octet-stream", ""])
def test_a_feed_is_known_by_its_content(world: World, kind: str) -> None:
    """Servers call feeds by many names; what matters is what comes."""
    world.server.article("/a", VETO)
    world.feed("/feed", "/a", kind=kind)
    assert world.subscribe("/feed").failed == ()
    assert world.update().fetched[-1:] == (world.server.url("/a"),)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([head("200 OK", Content_Type="application/x-rss+xml"), b"no"], "no RSS or Atom feed"),
        ([head("404 Not Found", Content_Length="0")], "answered 404"),
        ([head("302 x", Location="ftp://a/", Content_Length="0")], "ftp scheme"),
    ],
)
def test_what_is_no_feed_is_not_followed(world: World, answer: list[bytes], reason: str) -> None:
    """It is told why, and neither listed nor tried again."""
    world.server.raw("/feed", *answer)
    (failed,) = world.subscribe("/feed").failed
    assert reason in failed.reason
    assert "feeds add" not in failed.reason
    assert failed.next_try is None
    assert (followed(world.folder), failures(world.folder)) == ((), ())


def test_a_feed_whose_server_is_out_of_order_is_followed(world: World) -> None:
    """So is one that was a feed before: it may be one again."""
    world.server.raw("/down", head("500 x", Content_Length="0"))
    world.feed("/feed")
    world.subscribe("/down", "/feed")
    world.server.raw("/feed", head("404 Not Found", Content_Length="0"))
    world.later(hours=1)
    assert len(world.subscribe("/feed").failed) == 1
    assert len(followed(world.folder)) == 2
    assert len(failures(world.folder)) == 2


def test_a_feed_is_forgotten_with_what_it_still_had_to_bring(world: World) -> None:
    """Its articles stay, and a page that is removed takes its file along."""
    world.server.article("/a", VETO)
    world.feed("/feed", "/a", "/missing")
    world.subscribe("/feed")
    world.update()
    assert len(failures(world.folder)) == 1
    unknown = world.web.drop([world.server.url("/feed"), "http://no.org/", "x"])
    assert unknown == ("http://no.org/", "x")
    assert (followed(world.folder), failures(world.folder)) == ((), ())
    assert len(world.files()) == 1
    assert world.web.drop([world.server.url("/a#top")]) == ()
    assert world.files() == []


# Interruptions and company


def test_an_interrupted_update_goes_on(world: World) -> None:
    """Stopped before any page, nothing is lost: the feed need not even be asked again."""
    for path in ("/a", "/b", "/c"):
        world.server.article(path, VETO)
    world.feed("/feed", "/a", "/b", "/c")
    done: set[str] = set()

    def stop(doing: str, number: int, _total: int) -> None:
        if doing == "fetching pages" and number == len(done):
            done.add(f"run {number}")
            raise KeyboardInterrupt

    world.subscribe("/feed")
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            world.update(progress=stop)
    kept = len(world.files())
    report = world.update()
    assert kept + len(report.fetched) == 3
    assert len(world.files()) == 3
    assert sorted(p for p in world.server.paths() if p != "/feed") == ["/a", "/b", "/c"]


def test_a_killed_update_loses_nothing(world: World, no_network_env: dict[str, str]) -> None:
    """Killed wherever it happens to be, again and again, the pages are all there in the end."""
    paths = [f"/{n}" for n in range(30)]
    for path in paths:
        world.server.article(path, VETO)
    world.feed("/feed", *paths)
    world.subscribe("/feed")
    code = (
        "import sys; from pathlib import Path; from index.web.fetch import Limits;"
        "from index.web.web import Web;"
        "Web(Path(sys.argv[1]), allow_private=True, limits=Limits(delay_s=0)).update(at_once=True)"
    )
    for pages in (1, 8, 20):
        wanted = len(world.server.paths()) + pages
        running = subprocess.Popen(
            [sys.executable, "-c", code, str(world.folder)], env=no_network_env
        )
        while len(world.server.paths()) < wanted and running.poll() is None:
            time.sleep(0.001)
        running.kill()
        running.wait()
    world.moment = datetime.now(UTC) + timedelta(hours=1)
    world.update()
    assert [path for path in world.files() if not path.name.startswith(".")] == sorted(
        path_of(world.folder, world.server.url(path)) for path in paths
    )
    assert len(world.articles()) == len(paths)


def test_a_page_that_was_being_written_leaves_no_trace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is named, the page is fetched again, and the index never sees a half."""
    world.server.article("/a", VETO)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(StoreError, match="No space left on device"):
            world.add("/a")
    assert [path.name[0] for path in world.files()] == ["."]
    assert world.update().fetched == (world.server.url("/a"),)
    assert [path.name[0] for path in world.files()] != ["."]


def test_an_update_of_nothing_leaves_nothing(world: World) -> None:
    """Where no feed and no link was ever added, a background loop writes no file."""
    assert world.update() == CrawlReport((), (), (), (), queued=0)
    assert not world.folder.exists()


def test_two_updates_do_not_fetch_at_once(world: World) -> None:
    """The second is refused while the first is at it, in another thread; adding goes on."""
    inside, finish = threading.Event(), threading.Event()
    world.server.article("/b", VETO)

    def slow(_: object) -> Iterator[bytes]:
        inside.set()
        finish.wait(20)
        yield head("404 x", Content_Length="0")

    world.server.routes["/feed"] = slow
    world.feed("/other")
    world.subscribe("/other")
    world.server.routes["/other"] = slow
    second = threading.Thread(target=world.update, kwargs={"at_once": True})
    second.start()
    try:
        assert inside.wait(20)
        with pytest.raises(StoreLockedError, match="another update of the feeds"):
            world.update()
        assert world.add("/b").fetched == (world.server.url("/b"),)
    finally:
        finish.set()
        second.join()
    assert world.update().failed == ()


def test_hosts_are_asked_in_turn(world: World) -> None:
    """While one is waited for, the other is asked."""
    links = [world.server.url(f"/{n}", host) for host in ("127.0.0.1", "localhost") for n in "abc"]
    world.feed("/feed", *links)
    world.subscribe("/feed")
    world.server.asked.clear()
    world.update()
    pages = [each for each in world.server.asked if each.path != "/robots.txt"]
    hosts = [each.headers["host"].partition(":")[0] for each in pages]
    assert set(hosts[::2]) | set(hosts[1::2]) == {"127.0.0.1", "localhost"}
    assert len(set(hosts[::2])) == len(set(hosts[1::2])) == 1


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        (b"this is no database, though long enough to be taken for one", StoreError, "damaged"),
        ("PRAGMA user_version=1; CREATE TABLE x (y)", StoreFormatError, "another program"),
        (
            f"PRAGMA application_id={0x50554C57}; PRAGMA user_version=9; CREATE TABLE x (y)",
            StoreFormatError,
            "format 9",
        ),
    ],
)
def test_a_state_that_cannot_be_read_is_refused_by_name(
    world: World, content: bytes | str, error: type[StoreError], reason: str
) -> None:
    """Nothing is reinterpreted, and the message says what to do."""
    world.folder.mkdir()
    path = world.folder / FILE
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with closing(sqlite3.connect(path)) as db:
            db.executescript(content)
    for call in (lambda: world.update(), lambda: failures(world.folder)):
        with pytest.raises(error, match=reason):
            call()


# The commands


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The commands work on this world's folder."""
    monkeypatch.setenv("PULLQUOTE_INDEX", str(world.folder))
    monkeypatch.setenv("PULLQUOTE_ALLOW_PRIVATE_NETWORKS", "true")
    return world


@pytest.mark.model
def test_a_link_is_added_and_answers(
    desk: World, capsys: pytest.CaptureFixture[str], with_models: Callable[[Path], Path]
) -> None:
    """From `add` to `ask`: the page is quoted; added again, it is unchanged; gone, withdrawn."""
    with_models(desk.folder)
    desk.server.article("/a", VETO, etag='"1"')
    url = desk.server.url("/a")
    assert main(["add", url]) == 0
    assert "1 fetched, 0 unchanged, 0 withdrawn, 0 failed\n1 new," in capsys.readouterr().out
    assert main(["ask", "who vetoed the ceasefire?"]) == 0
    assert VETO in " ".join(capsys.readouterr().out.replace("**", "").split())
    assert main(["add", "--json", url, "ftp://x/"]) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["unchanged"], told["index"]["new"]) == ([url], 0)
    assert told["failed"][0]["reason"].startswith("ftp scheme")
    assert "pullquote: ftp://x/: ftp scheme" in err
    del desk.server.routes["/a"]
    assert main(["add", url]) == 0
    assert "1 withdrawn" in capsys.readouterr().out
    assert main(["ask", "who vetoed the ceasefire?"]) == 4


@pytest.mark.model
def test_adding_a_link_is_no_failure_of_other_files(
    desk: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    with_models: Callable[[Path], Path],
) -> None:
    """What was listed before, elsewhere, is neither told again nor the exit code."""
    with_models(desk.folder)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "x.txt").write_bytes(b"\0")
    assert main(["index", str(tmp_path / "news")]) == 1
    desk.server.article("/a", VETO)
    capsys.readouterr()
    assert main(["add", "--json", desk.server.url("/a")]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["index"]["failed"] == []
    assert "x.txt" not in err
    assert main(["status", "--failed"]) == 1


def test_feeds_are_followed_from_the_terminal(
    desk: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Add, list, update, remove: what is said, and the exit codes."""
    desk.feed("/feed", "/missing")
    url = desk.server.url("/feed")
    assert main(["feeds", "list"]) == 0
    assert "no feeds yet" in capsys.readouterr().err
    assert main(["feeds", "add", url]) == 0
    assert "1 pages to fetch: run `pullquote feeds update`" in capsys.readouterr().out
    assert main(["feeds", "update"]) == 1
    out, err = capsys.readouterr()
    assert "1 fetched, 0 unchanged, 0 withdrawn, 1 failed" in out
    assert f"{desk.server.url('/missing')}: answered 404 Not Found; tried again after" in err
    assert main(["feeds", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["url"], listed["title"], listed["failure"]) == (url, "The Harbour Post", None)
    assert main(["feeds", "remove", url, "http://no.org/"]) == 1
    assert "http://no.org/: neither a feed nor a page" in capsys.readouterr().err
    assert followed(desk.folder) == ()


def test_private_networks_need_the_setting(
    desk: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, the command refuses this machine and says which setting allows it."""
    monkeypatch.delenv("PULLQUOTE_ALLOW_PRIVATE_NETWORKS")
    assert main(["add", desk.server.url("/a", "localhost")]) == 1
    assert "PULLQUOTE_ALLOW_PRIVATE_NETWORKS=true" in capsys.readouterr().err
    assert desk.server.asked == []
