"""A story over time: one quote a day or article, the newest last; as text, Markdown, HTML, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st
from test_render_discord import QUOTE as DISCORD_QUOTE
from test_render_discord import assert_accepted, read

from bot.cli import main
from bot.console import Workspace
from bot.discord.views import payload
from bot.render import timeline as render
from bot.render.discord_timeline import card
from bot.settings import Settings
from index import Library
from index.ask.judge import FusionJudge
from index.ask.timeline import Timeline

STORY = "ceasefire in Aleppo"
VETO = "Russia vetoed the ceasefire in Aleppo on Monday, and the council rose."
RECORDS = [
    {"id": "1", "title": "Veto", "text": VETO, "published": "2016-12-05", "outlet": "Herald"},
    {"id": "2", "title": "Echo", "text": VETO, "published": "2016-12-06", "outlet": "Post"},
    {
        "id": "3",
        "title": "Talks",
        "text": "By night *nothing* more was heard of the ceasefire in Aleppo.",
        "published": "2016-12-13",
        "url": "https://example.org/talks",
    },
    {
        "id": "4",
        "title": "Talks again",
        "text": "The ceasefire in Aleppo was agreed. It snowed in Looe.",
        "published": "2016-12-13",
    },
    {"id": "5", "title": "Old", "text": "A ceasefire in Aleppo held.", "published": "2012-04-12"},
    {"id": "6", "title": "Some day", "text": "The ceasefire in Aleppo is undated."},
    {"id": "7", "title": "Snow", "text": "Snow fell.", "published": "2016-12-09"},
]
PLAIN = """\
2016-12-05  Russia vetoed the ceasefire in Aleppo on Monday, and the council rose.
   Veto · Herald · and in 1 more
   receipt {receipts[0]}

2016-12-13  By night *nothing* more was heard of the ceasefire in Aleppo.
   Talks
   receipt {receipts[1]}

Newest article: 2016-12-13
"""
MARKDOWN = """\
# ceasefire in Aleppo

**2016-12-05**

> Russia vetoed the ceasefire in Aleppo on Monday, and the council rose.

Veto · Herald · and in 1 more{space}
Receipt: `{receipts[0]}`

**2016-12-13**

> By night \\*nothing\\* more was heard of the ceasefire in Aleppo.

[Talks](<https://example.org/talks>){space}
Receipt: `{receipts[1]}`

Newest article: 2016-12-13
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Seven articles: five of a story, one of them undated and one a copy."""
    folder = tmp_path_factory.mktemp("story")
    (folder / "wire.jsonl").write_text("\n".join(map(json.dumps, RECORDS)), "utf-8")
    library = Library(folder / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([folder / "wire.jsonl"])
    yield library
    library.close()


@pytest.fixture
def workspace(library: Library) -> Workspace:
    """The library as a command is given it."""
    return Workspace(library, Settings(), main)


def days(timeline: Timeline) -> list[str]:
    """Its days, in order."""
    return [str(quote.article.published) for quote in timeline.quotes]


def test_a_story_has_one_quote_a_day_and_the_newest_last(library: Library) -> None:
    """A copy is told on its first day, beside the original; what has no date is not told."""
    story = library.timeline(STORY)
    assert days(story) == ["2012-04-12", "2016-12-05", "2016-12-13"]
    assert [also.id for also in story.quotes[1].also_in] == ["wire.jsonl#2"]
    for quote in story.quotes:
        assert quote.article.text[quote.start : quote.end] == quote.text
        assert library.source(str(quote.receipt)).article == quote.article
    assert story.newest == date(2016, 12, 13)


def test_a_story_has_one_quote_an_article_where_that_is_wanted(library: Library) -> None:
    """Two of one day are both told."""
    assert days(library.timeline(STORY, every="article")).count("2016-12-13") == 2


def test_a_time_in_the_words_bounds_the_story(library: Library) -> None:
    """It is understood as in a question, and so are filters and the day it is asked on."""
    story = library.timeline(f"{STORY} in December 2016", as_of=date(2016, 12, 7))
    assert days(story) == ["2016-12-05"]
    assert story.time is not None
    assert library.timeline("harvest of apples").quotes == ()
    with pytest.raises(ValueError, match="empty"):
        library.timeline("  ")


def test_a_timeline_is_printed_with_receipts(
    library: Library, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text, and as Markdown that shows the words as they stand."""
    since = ["--since", "2016"]
    quotes = library.timeline(STORY).quotes[1:]
    receipts = [str(quote.receipt) for quote in quotes]
    assert main(["timeline", STORY, *since], workspace) == 0
    assert capsys.readouterr().out == PLAIN.format(receipts=receipts)
    assert main(["timeline", *STORY.split(), *since, "--format", "md"], workspace) == 0
    assert capsys.readouterr().out == MARKDOWN.format(receipts=receipts, space="  ")


def test_a_timeline_in_json_has_the_quotes_of_answers(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with offsets and receipt."""
    assert main(["timeline", STORY, "--format", "json"], workspace) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["question", "understood_as", "time", "quotes", "revision", "newest"]
    assert [each["article"]["published"] for each in told["quotes"]] == [
        "2012-04-12",
        "2016-12-05",
        "2016-12-13",
    ]
    assert all(each["receipt"] for each in told["quotes"])


def test_a_story_of_nothing_exits_4(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so on stderr."""
    assert main(["timeline", "harvest of apples"], workspace) == 4
    assert "no dated article" in capsys.readouterr().err
    assert main(["timeline", " "], workspace) == 2


class Page(HTMLParser):
    """What a browser makes of a page: its tags, and what is read in quotations."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.quoted: list[str] = []
        self.links: list[str | None] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "blockquote":
            self._inside = True
            self.quoted.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a quotation."""
        self._inside = self._inside and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        """Note what is read in one."""
        if self._inside:
            self.quoted[-1] += data


def test_a_page_of_a_story_shows_it(library: Library) -> None:
    """A quotation for each day, the link where the article has one, and nothing from elsewhere."""
    page = Page(render.html(library.timeline(STORY)))
    assert page.quoted == [quote.text for quote in library.timeline(STORY).quotes]
    assert page.links == ["https://example.org/talks"]
    assert not {"script", "link", "img", "iframe"} & set(page.tags)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.text(max_size=30))
def test_no_markup_of_an_article_reaches_a_page(words: str, address: str) -> None:
    """Whatever it says, and wherever it says that it stands."""
    hostile = f"<script>alert(1)</script>{words}</blockquote>"
    article = replace(
        DISCORD_QUOTE.article, text=hostile, title=hostile, outlet=hostile, url=address
    )
    quote = replace(DISCORD_QUOTE, article=article, start=0, end=len(hostile), text=hostile)
    story = Timeline(hostile, (quote,), 1, None)
    page = Page(render.html(story))
    assert page.quoted == [render.visible(" ".join(hostile.split()))]
    assert "script" not in page.tags
    assert page.links == []
    assert "<script" not in render.markdown(story).replace("\\<", "")


def test_a_card_tells_the_newest_days_that_fit() -> None:
    """And how many are not shown; it is accepted, and its markup is ours."""
    long = "word *bold* @everyone " * 60
    article = replace(DISCORD_QUOTE.article, text=long, title=long, outlet=long)
    quotes = tuple(
        replace(
            DISCORD_QUOTE,
            article=replace(article, published=date(2016, 12, day)),
            start=0,
            end=len(long),
            text=long,
        )
        for day in range(1, 31)
    )
    story = Timeline(long, quotes, 1, date(2016, 12, 30), long, long)
    message = card(story)
    assert_accepted(message)
    seen = read(message)
    assert "2016-12-30" in seen
    assert "2016-12-01" not in seen
    assert "earlier not shown" in seen
    empty = card(replace(story, quotes=()))
    assert_accepted(empty)
    assert "Nothing to tell" in read(empty)
    assert payload(empty)["components"]
