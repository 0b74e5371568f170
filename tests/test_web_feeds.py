"""Feeds are read without fetching anything, whatever is wrong with them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import hostile_tasks
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promptly import promptly

from index.isolation import pool
from index.web import isolated
from index.web.feeds import BROKEN_LIMIT, LIMIT, About, Channel, parse
from index.web.urls import FetchError, UnfitError

URL = "http://example.org/news/feed.xml"
TODAY = date(2016, 12, 9)
MANY = " ".join(f"a{number}='1'" for number in range(20_000))
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Harbour Post</title>
<entry><title>Ferry</title><link href="/a"/><updated>2016-12-09T01:00:00Z</updated></entry>
<entry><title>Storm</title><link rel="alternate" href="/b"/><link rel="enclosure" href="/x.mp3"/>
<published>2016-12-08T23:30:00-05:00</published><updated>2016-12-09T02:00:00Z</updated></entry>
</feed>"""


def rss(*items: str, about: str = "<title>The Harbour Post</title>") -> bytes:
    """An RSS feed of these items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{about}{inside}</channel></rss>'.encode()


def read(data: bytes, kind: str = "application/rss+xml") -> Channel:
    """The feed as it is read."""
    return parse(data, URL, kind, TODAY)


def test_rss_says_what_a_page_may_not() -> None:
    """Title, day, outlet and language come with the clean URL, and a stamp."""
    found = read(
        rss(
            "<title>Ferry &amp;amp; &lt;b&gt;storm&lt;/b&gt;\n</title>"
            "<link>https://example.org/a?utm_source=rss#top</link>"
            "<pubDate>Thu, 08 Dec 2016 23:30:00 -0500</pubDate>",
            about="<title>The Harbour Post</title><language>en-GB</language>",
        )
    )
    (entry,) = found.entries
    about = About("Ferry & storm", date(2016, 12, 8), "The Harbour Post", "en-GB")
    assert (entry.url, entry.about) == ("https://example.org/a", about)
    assert entry.stamp == "Thu, 08 Dec 2016 23:30:00 -0500"
    assert found.title == "The Harbour Post"


def test_atom_tells_publication_from_change() -> None:
    """The day of a change is no day of publication; the stamp follows the change."""
    storm, ferry = read(ATOM.encode(), "application/atom+xml").entries
    assert (ferry.url, ferry.about.published) == ("http://example.org/a", None)
    assert (storm.url, storm.about.published) == ("http://example.org/b", date(2016, 12, 8))
    assert (ferry.stamp, storm.stamp) == ("2016-12-09T01:00:00Z", "2016-12-09T02:00:00Z")


def test_the_newest_entries_come_first_and_each_page_once() -> None:
    """Entries without a date keep their order behind those with one."""
    found = read(
        rss(
            "<link>/none</link>",
            "<link>/old</link><pubDate>Wed, 07 Dec 2016 10:00:00 GMT</pubDate>",
            "<link>/new</link><pubDate>Thu, 08 Dec 2016 10:00:00 GMT</pubDate>",
            "<link>/new?utm_campaign=again</link>",
            "<guid>http://example.org/guid</guid>",
        )
    )
    paths = [entry.url.removeprefix("http://example.org/") for entry in found.entries]
    assert paths == ["new", "old", "none", "guid"]


def test_relative_links_start_at_the_feed() -> None:
    """A link is completed by the address that the feed came from, or its own base."""
    (entry,) = read(rss("<link>../a/b</link>")).entries
    assert entry.url == "http://example.org/a/b"
    based = ATOM.replace("<feed ", '<feed xml:base="https://other.org/x/" ').replace('"/a"', '"a"')
    assert "https://other.org/x/a" in [each.url for each in read(based.encode()).entries]


def test_the_source_of_an_entry_is_its_outlet() -> None:
    """A feed that gathers others is not the outlet of their articles."""
    (entry,) = read(rss('<link>/a</link><source url="http://b.org/f">The Bay</source>')).entries
    assert entry.about.outlet == "The Bay"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Thu, 08 Dec 2016 23:30:00 -0500", date(2016, 12, 8)),
        ("2016-12-08T23:30:00-05:00", date(2016, 12, 8)),
        ("2016-12-08", date(2016, 12, 8)),
        ("Thu, 8 Dec 16 10:00 EST", date(2016, 12, 8)),
        ("yesterday-ish", None),
        ("Thu, 32 Dec 2016 10:00:00 GMT", None),
        ("0000-00-00T00:00:00Z", None),
        ("Fri, 09 Dec 2095 10:00:00 GMT", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_a_day_is_taken_as_it_stands_or_is_unknown(said: str, day: date | None) -> None:
    """Zones are not converted, nonsense and the far future not believed."""
    (entry,) = read(rss(f"<link>/a</link><pubDate>{said}</pubDate>")).entries
    assert entry.about.published == day


def test_dublin_core_dates_an_rss_entry() -> None:
    """Feeds of the older kind have no other date."""
    dc = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    (entry,) = read(rss(f"<link>/a</link><dc:date {dc}>2016-12-08T01:00:00Z</dc:date>")).entries
    assert entry.about.published == date(2016, 12, 8)
    assert entry.stamp == "2016-12-08T01:00:00Z"


@pytest.mark.parametrize(
    ("said", "author"),
    [
        ("<author>ann@example.org (Ann Lee)</author>", "Ann Lee"),
        ("<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ek</dc:creator>", "Ann Lee, Bo Ek"),
        ("<author>ann@example.org</author>", None),
        ("<author>admin</author>", None),
        ("", None),
    ],
)
def test_who_wrote_it_is_named_without_an_address(said: str, author: str | None) -> None:
    """RSS asks for an address there; a name may stand behind it."""
    feed = rss(f"<link>/a</link>{said}").replace(b"<rss ", b"<rss xmlns:dc='dc' ", 1)
    feed = feed.replace(b"'dc'", b"'http://purl.org/dc/elements/1.1/'")
    assert read(feed).entries[0].about.author == author


def test_links_that_lead_nowhere_are_told() -> None:
    """Scripts, files and passwords are not queued, nor forgotten in silence."""
    found = read(
        rss(
            "<link>javascript:alert(1)</link>",
            "<link>file:///etc/passwd</link>",
            "<link>http://me:secret@example.org/</link>",
            "<title>without a link</title>",
            "<link>/a</link>",
        )
    )
    assert [entry.url for entry in found.entries] == ["http://example.org/a"]
    assert [link for link, _ in found.odd] == [
        "javascript:alert(1)",
        "file://etc/passwd",
        "http://me:secret@example.org/",
    ]
    assert "javascript scheme" in found.odd[0][1]


def test_broken_xml_gives_what_can_be_read() -> None:
    """An unescaped ampersand and a lost end tag do not cost the entries."""
    data = b"<rss version='2.0'><channel><title>A & B</title><item><link>/a</link></item>"
    assert [entry.url for entry in read(data).entries] == ["http://example.org/a"]


def test_entities_bring_nothing_in_and_blow_nothing_up() -> None:
    """Neither a file of this machine nor a billion laughs gets into a title."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    head = f'<!DOCTYPE rss [{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    data = head.encode() + rss("<title>&l9; &f;</title><link>/a</link>")
    try:
        (entry,) = read(data).entries
    except FetchError:
        return
    assert len(entry.about.title or "") <= 500
    assert "root:" not in (entry.about.title or "")


def test_a_feed_that_names_a_file_or_address_opens_neither() -> None:
    """Bytes that look like a path or URL are bytes of a feed, and no feed."""
    for data in (b"/etc/passwd", b"http://127.0.0.1:1/feed", b"", b"feed:http://127.0.0.1:1/"):
        with pytest.raises(FetchError, match="no RSS or Atom feed"):
            read(data)


def test_a_page_in_place_of_a_feed_is_named_with_its_feed() -> None:
    """Whoever gives a front page is told where the feed is."""
    page = b'<html><head><link rel=alternate type="application/rss+xml" href="/feed.rss"></head>'
    with pytest.raises(FetchError, match=r"this page names /feed\.rss"):
        read(page, "text/html")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x" * (LIMIT + 1), "too large for a feed"),
        (rss("<a>" * 101 + "</a>" * 101), "more than 100 deep"),
        (rss("<a>" * 400_000), "more than 100 deep"),
        (rss("<a b=>" + "<a>" * (BROKEN_LIMIT // 3)), "too large to guess at"),
        (b"<?xml version='1.0' encoding='x-none'?>" + rss("x" * BROKEN_LIMIT), "can't be read|XML"),
        (rss("", about=f"<a {MANY}/>"), "more than 1,000 attributes"),
        (rss("", about=f"<a {MANY}>"), "more than 1,000 attributes"),
        (rss(*["<link>/a</link>"] * 60_000), "more than 20,000 entries"),
    ],
    ids=["large", "deep", "deep-and-open", "broken", "encoding", "wide", "wide-broken", "long"],
)
def test_what_would_take_too_long_is_refused(data: bytes, reason: str) -> None:
    """The parser is never given what it could sit over for minutes."""
    with promptly(), pytest.raises(FetchError, match=reason):
        read(data)


def test_a_feed_comes_over_from_another_process_as_it_is() -> None:
    """All of it, and what is wrong with it."""
    odd = "<link>ftp://a/</link>"
    feed = rss("<title>A</title><link>/a</link><pubDate>8 Dec 2016</pubDate>", odd, "<title/>")
    assert isolated.parse(feed, URL, "text/xml", TODAY) == read(feed)
    with pytest.raises(UnfitError, match="no RSS or Atom feed"):
        isolated.parse(b"\0", URL, "", TODAY)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [["channel", 7, [], []]],
        [["channel", None, [["u", "[]", "s"]], []]],
        [["channel", None, [["u", '{"published": null, "title": 7}', "s"]], []]],
        [["channel", None, [["u", '{"published": "x"}', "s"]], []]],
        [["channel", None, [["u"]], []]],
        [["channel", None, [], [1]]],
    ],
)
def test_who_reads_a_feed_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, told: list[object]
) -> None:
    """What is no channel is none, whoever took over the process that read it."""
    monkeypatch.setattr(pool, "run", lambda *_, **__: iter(told))
    with pytest.raises(UnfitError, match="makes no sense"):
        isolated.parse(b"", URL, "", TODAY)


def test_a_feed_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like any that is no feed."""
    monkeypatch.setattr(isolated, "tell", hostile_tasks.spin_for)
    monkeypatch.setattr(isolated, "CPU_S", 1)
    with pytest.raises(UnfitError, match="took more than 1 s of processor time"):
        isolated.parse(b"", URL, "", TODAY)


def test_what_the_parser_trips_over_is_refused() -> None:
    """Elements where no feed has them end in a named error, not in one of the library's."""
    with pytest.raises(FetchError, match="can be taken apart"):
        read(b"<item<feed<link</item</link>")


def test_another_encoding_is_read() -> None:
    """The declaration of the feed, or of its server, is heeded."""
    head = "<?xml version='1.0' encoding='iso-8859-1'?>"
    data = (head + rss("<title>Fähre</title><link>/a</link>").decode()).encode("latin-1")
    assert read(data).entries[0].about.title == "Fähre"


PIECES = [
    "<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>",
    "</link>", "http://a.org/", "javascript:x", "<pubDate>", "2016-12-08", "</pubDate>", "&", "<",
    "]]>", "<![CDATA[", "<!--", "<?xml ", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>",
    "<link href='", "'/>", "\0", "é", "<!DOCTYPE x [", "<source>", "xml:base='//['", "<guid>", ">",
    "<content type='xhtml'>", "<georss:point>", "<media:thumbnail/>", "<updated>", "<id>", "1e999",
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["utf-8", "utf-16"]))
def test_any_feed_is_read_or_refused(pieces: list[str], encoding: str) -> None:
    """Whatever comes, it ends in entries with clean URLs, or in a named error."""
    try:
        found = read("".join(pieces).encode(encoding))
    except FetchError:
        return
    assert all(each.url.startswith(("http://", "https://")) for each in found.entries)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Also what is no text at all."""
    for given_ in (data, rss("<link>/a</link>", "<title>x</title>")[:120] + data):
        with suppress(FetchError):
            read(given_)
