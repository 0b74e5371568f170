"""What Discord is sent shows what the article says, pings nobody, and is always accepted."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord_markdown
import pytest
from discord_schema import Schema, message_errors
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.discord_picture import height as picture_height
from bot.cli import main
from bot.discord.views import layout, payload
from bot.render import discord as render
from bot.render import discord_text
from bot.render.discord_text import CUT, block_quote, escape, line, size
from bot.render.links import LONGEST, to_words
from bot.render.terminal import visible
from index.ask.check import Check, Difference, Match
from index.ask.source import SourceView
from index.library import Status
from index.records import Answer, Article, Quote, Refusal

KEY = "0123456789ab"
SENTENCE = "On Monday, China vetoed the well-known plan, and 3.5 million people fled."
TEXT = f"Truce ends\nThe council met.\n{SENTENCE} He left."
ARTICLE = Article(
    id="seeds/a.txt",
    title="Truce *ends*",
    text=TEXT,
    published=date(2016, 12, 8),
    author="Ann *Lee*",
    outlet="Reuters",
    url="https://example.org/truce",
)
START = TEXT.index(SENTENCE)
CHINA = START + SENTENCE.index("China")
QUOTE = Quote(
    article=ARTICLE,
    start=START,
    end=START + len(SENTENCE),
    text=SENTENCE,
    paragraph=2,
    confidence=0.934,
    highlight=(CHINA, CHINA + 5),
    before="The council met.\n",
    after=" He left.",
    also_in=(
        Article("b", "Truce over", "…", outlet="AFP"),
        Article("c", "No truce", "…", outlet="BBC"),
    ),
    voices=2,
)
PLAIN = {"text", "bold", "subtext", "quote"}
"""All the markup that the bot itself uses, but for days."""
TIME = re.compile(r"(?<!\\)<t:(-?\d+)(?::\w)?>")
"""Whatever Discord shows as a time; ours is noon of a day."""
DAY = re.compile(r"<t:(-?\d+):D>")

NASTY_TOKENS = (
    "**b** *i* _i_ __u__ ~~s~~ ||s|| `c` ``` ```py # ## ### -# > >> >>> - * + 1. 12. [a](b) "
    "![a](b) [x](https://e.vil) <https://e.vil> https://e.vil/_a_ discord.gg/x <@1> <@!1> <@&1> "
    "<#1> @everyone @here <t:1:R> <t:-1> <:a:1> <a:b:22> </ask:1> <id:customize> <id:guide> "
    "<a@b.c> <+4912345> :smile: :a::b: :) \\ \\\\ \\* \\< ¯\\_(ツ)_/¯ **** ___ --- === ~ | ` * _ # "
    "< > ( ) [ ] : 3.5 1987. 1.\u200b well-known -x x- $& &amp; %2D {} ' \" , \u202e \u2066 "
    "\u200f \u200e \u061c \u200b \u200d \ufeff \u00ad \u2060 \u2028 \u2029 \x00 \x1b[31m \x85 "
    "\x0b \ufffd 😀 👨\u200d👩\u200d👧 e\u0301 שלום مرحبا 中文。 "
    'Hello. World! Mr. Smith? "Yes." It ended.'
)
NASTY = NASTY_TOKENS.split(" ")
MARKUP = "<@1> <@&1> <#1> @everyone <t:1:R> </ask:1> <:a:1> :smile: <id:guide> <a@b.c> <+49123>"
STYLED = "**b** *i* _i_ __u__ ~~s~~ ||s|| `c` [a](b) https://e.vil"
BLOCKS = ["# h", "-# s", "> q", ">>> q", "- l", "* l", "1. l", "```\ncode\n```"]
LINE_STARTS = ["#", "##", "###", "-#", "-", "*", "+", "1.", "22.", ">", ">>>", "a"]
NO_PAGES = (
    "javascript:alert(1) file:///etc/passwd seeds/a.txt https:// //e.org/a data:,x "
    "https://[::1 https://e.org:x/ https://user@e.vil/ http://e%20vil.org/"
)
GAPS = [" ", " ", " ", "", "", "\n", "\r\n", "\n\n", "\t", "  ", "\n> ", "\n- "]


def hostile(rng: random.Random) -> str:
    """A text that does its worst; some are empty, a few have words of 10,000 characters."""
    kind = rng.random()
    if kind < 0.05:
        return rng.choice(NASTY) * (10_000 // 4)
    if kind < 0.1:
        codes = (
            rng.choice((rng.randrange(0xD800), rng.randrange(0xE000, 0x110000))) for _ in "x" * 99
        )
        return "".join(map(chr, codes))
    count = rng.choice((0, 1, 2, 5, 10, 40, 200))
    tokens = zip(rng.choices(NASTY, k=count), rng.choices(GAPS, k=count), strict=True)
    return "".join(token + gap for token, gap in tokens)


def as_shown(text: str) -> str:
    """The text as the reader should see it."""
    return discord_text.shown(text)


def nodes(message: render.Message) -> Iterator[tuple[discord_markdown.Node, ...]]:
    """What Discord makes of each text of a message."""
    for text in message.texts:
        yield discord_markdown.parse(text.markdown)


def quotes(message: render.Message) -> list[str]:
    """The words in the block quotes of a message."""
    return [node.shown for each in nodes(message) for node in each if node.kind == "quote"]


def bold_in_quotes(message: render.Message) -> list[str]:
    """The bold words in the block quotes of a message."""
    blocks = [node for each in nodes(message) for node in each if node.kind == "quote"]
    return [each.shown for block in blocks for each in block.inside if each.kind == "bold"]


def read(message: render.Message) -> str:
    """All that a reader sees of a message, a text a paragraph; days as 2016-12-08."""
    told = "\n".join(discord_markdown.shown(each) for each in nodes(message))
    return DAY.sub(lambda match: _day(int(match[1])), told)


def _day(at: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).date().isoformat()


def assert_accepted(message: render.Message) -> None:
    """Discord takes it, it holds no markup but ours, and it can ping nobody."""
    body = json.loads(json.dumps(payload(message)))
    assert message_errors(body) == []
    assert body["allowed_mentions"] == {"parse": []}
    for each in nodes(message):
        assert set(discord_markdown.kinds(each)) - {"timestamp"} <= PLAIN, each
    told = "\n".join(text.markdown for text in message.texts)
    assert [at for at in TIME.findall(told) if int(at) % 86400 != 43200] == []


def answered(*quotes: Quote, refusal: Refusal | None = None, **other: Any) -> Answer:
    """An answer at revision 3 with a newest article of 8 December 2016."""
    return Answer("who vetoed it?", quotes, refusal, 3, date(2016, 12, 8), 12.34, **other)


# The words of others


@given(
    st.text()
    | st.text(alphabet="\\*_~`|<>[]()#@-+.:!&/ \n\r\t0129ab\u200b\u202e")
    | st.lists(st.sampled_from([*NASTY, *GAPS])).map("".join)
    | st.lists(st.sampled_from([*LINE_STARTS, " ", "\n"])).map("".join)
)
@settings(max_examples=600, deadline=None)
@example("1\u200b. a")
@example("\n-# small\n- a\n1. b")
@example("¯\\_(ツ)_/¯ ¯_(ツ)_/¯")
def test_what_is_shown_is_the_text(text: str) -> None:
    """Whatever the text, Discord shows it and nothing else, and makes no markup of it."""
    parsed = discord_markdown.parse(escape(text))
    assert discord_markdown.shown(parsed) == as_shown(text)
    assert set(discord_markdown.kinds(parsed)) <= {"text"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
@settings(deadline=None)
def test_printable_text_is_shown_unchanged(text: str) -> None:
    """Only what would not be seen, or would turn what is seen, is replaced by a sign."""
    assert as_shown(text) == text == visible(text)


@pytest.mark.parametrize("markup", [*MARKUP.split(), *STYLED.split(), *BLOCKS])
def test_the_model_of_discord_can_fail(markup: str) -> None:
    """Each construct is recognised when nothing is escaped, and shown as it is when it is."""
    assert set(discord_markdown.kinds(discord_markdown.parse(markup))) - {"text"}
    for text in (markup, f"a {markup} b", f"a\n{markup}\nb", f"**{markup}**"):
        parsed = discord_markdown.parse(escape(text))
        assert [(node.kind, node.shown) for node in parsed] == [("text", text)]


def test_ordinary_prose_is_hardly_escaped() -> None:
    """What is in a notification, where the backslashes stay, can be read."""
    assert escape('Well-known: he said, "No" (3 times).') == 'Well-known: he said, "No" (3 times).'


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_block_quote_holds_its_words_and_no_others(data: st.DataObject) -> None:
    """It is never left; it shows a part of the text, whole if there is room; its bold is right."""
    text = data.draw(st.lists(st.sampled_from([*NASTY, *GAPS]), max_size=60).map("".join))
    ends = st.integers(0, len(text))
    spans = [tuple(sorted((data.draw(ends), data.draw(ends)))) for _ in range(2)]
    room = data.draw(st.integers(40, 400))
    markdown = block_quote(text, spans, room=room, focus=spans[0])
    assert size(markdown) <= room
    parsed = discord_markdown.parse(markdown)
    (quote,) = [node for node in parsed if node.kind == "quote"]
    others = [node.shown for node in parsed if node.kind == "subtext"]
    assert set(others) <= {CUT}
    assert {node.kind for node in parsed} <= {"quote", "subtext"}
    assert quote.shown in as_shown(text)
    assert set(discord_markdown.kinds(quote.inside)) <= {"text", "bold"}
    if not others:
        assert quote.shown == as_shown(text)
        bold = "".join(each.shown for each in quote.inside if each.kind == "bold")
        marked = {at for start, end in spans for at in range(start, end)}
        expected = "".join(text[at] for at in sorted(marked)).replace("\n", "")
        assert bold == as_shown(expected).replace("\n", "") or "\r\n" in text


def test_a_long_text_is_cut_between_sentences() -> None:
    """Whole sentences are left, and a mark outside the quote says that there is more."""
    text = " ".join(f"Sentence number {number} ended here." for number in range(100))
    (quote, mark) = discord_markdown.parse(block_quote(text, room=500))
    assert text.startswith(quote.shown)
    assert quote.shown.endswith("ended here.")
    assert 300 < len(quote.shown) < 500
    assert (mark.kind, mark.shown) == ("subtext", CUT)


def test_a_long_sentence_is_cut_between_words_around_what_matters() -> None:
    """The short answer is shown though it stands far behind."""
    text = "word " * 500 + "China " + "other " * 500
    at = text.index("China")
    before, quote, after = discord_markdown.parse(
        block_quote(text, [(at, at + 5)], room=500, focus=(at, at + 5))
    )
    assert before.shown == after.shown == CUT
    assert set(quote.shown.split()) == {"word", "China", "other"}
    assert [node.shown for node in quote.inside if node.kind == "bold"] == ["China"]


def test_a_word_without_end_is_cut_but_no_sign_is() -> None:
    """A word of 10,000 signs fits; an emoji made of several characters stays whole."""
    family = "👨\u200d👩\u200d👧"
    (quote, _) = discord_markdown.parse(block_quote(family * 2000, room=500))
    assert quote.shown == family * (len(quote.shown) // len(family))
    assert line(family * 2000, 100).removesuffix(f" {CUT}").endswith("👧")


@given(st.lists(st.sampled_from([*NASTY, *GAPS])).map("".join), st.integers(20, 200))
@settings(deadline=None)
def test_a_line_is_a_line(text: str, room: int) -> None:
    """Titles and names stay in one line and within their room."""
    markdown = line(text, room)
    assert size(markdown) <= room
    assert "\n" not in markdown
    shown = discord_markdown.shown(discord_markdown.parse(markdown))
    assert as_shown(" ".join(text.split())).startswith(shown.removesuffix(f" {CUT}"))


# Links


def test_a_link_opens_the_page_at_the_sentence() -> None:
    """Hyphens, commas and ampersands are encoded; a long sentence is named by its two ends."""
    page = "https://example.org/a?b=c"
    assert to_words(page, "Well-known, A & B") == f"{page}#:~:text=Well%2Dknown%2C%20A%20%26%20B"
    assert to_words(f"{page}#part", "Yes.") == f"{page}#part:~:text=Yes."
    assert to_words(f"{page}#:~:text=old", "Yes.") == f"{page}#:~:text=Yes."
    words = [f"w{number}" for number in range(50)]
    begins, ends = "%20".join(words[:8]), "%20".join(words[-8:])
    assert to_words(page, " ".join(words)) == f"{page}#:~:text={begins},{ends}"


@pytest.mark.parametrize("url", [None, "", "http://ex ample.org/", *NO_PAGES.split()])
def test_what_is_no_page_is_no_link(url: str | None) -> None:
    """Only an address of the web is offered."""
    assert to_words(url, "words") is None


@given(st.text(), st.text())
@example("ü/[a](b)%zz?q=ü &x#f r", "中" * 600)
@settings(deadline=None)
def test_any_address_is_one_that_a_button_takes(path: str, words: str) -> None:
    """Whatever stands in an article's metadata, the link is short, ASCII and a URI."""
    link = to_words(f"https://example.org/{path}", words)
    if link is not None:
        assert len(link) <= LONGEST
        assert link.isascii()
        assert_accepted(render.Message((render.Text("x", link),)))


# Messages


def test_what_stands_against_an_accusation_is_quoted_below_it() -> None:
    """On the card of an answer, and on that of a refusal."""
    span = TEXT.index("He left."), TEXT.index("He left.") + len("He left.")
    quote = replace(QUOTE, against=span)
    for answer in (
        answered(quote),
        replace(answered(), perhaps=(quote,), refusal=Refusal("why", nearest=quote)),
    ):
        message = render.answer(answer, KEY)
        assert_accepted(message)
        assert quotes(message) == [SENTENCE, "He left."]
        assert "The article also says:" in read(message)


def test_what_names_whom_a_quote_speaks_of_stands_above_it() -> None:
    """In small print, as words and not as Markdown; on the card of a refusal, too."""
    body = "Ann *Lee* resigned. Snow fell. She left."
    article = replace(ARTICLE, text=body)
    start = body.index("She")
    quote = replace(
        QUOTE, article=article, start=start, end=len(body), text="She left.", highlight=None
    )
    quote = replace(quote, lead=((0, body.index(" Snow")),))
    for answer in (
        answered(quote),
        replace(answered(), perhaps=(quote,), refusal=Refusal("why", nearest=quote)),
    ):
        message = render.answer(answer, KEY)
        assert_accepted(message)
        assert quotes(message) == ["She left."]
        assert "Before it: Ann *Lee* resigned." in read(message)
    assert "Before it" not in read(render.answer(answered(replace(quote, lead=())), KEY))


def test_what_may_have_been_meant_is_offered_on_the_card() -> None:
    """Of an answer and of a refusal."""
    for answer in (answered(QUOTE), answered(refusal=Refusal("why"))):
        message = render.answer(replace(answer, did_you_mean="Who vetoed *it*?"), KEY)
        assert_accepted(message)
        assert "Did you mean: Who vetoed *it*?" in [each.label for each in message.buttons]
        assert "Did you mean" not in read(message)
        meant = f"Who vetoed {'very ' * 15}*late*?"
        long = render.answer(replace(answer, did_you_mean=meant), KEY)
        assert_accepted(long)
        assert f"Did you mean: {meant}" in read(long)


def test_what_another_article_says_otherwise_is_told_with_its_date() -> None:
    """Side by side with what is shown; not on the card of a quote that differs from none."""
    later = replace(ARTICLE, id="b", outlet="AFP", published=date(2016, 12, 9))
    other = replace(QUOTE, article=later, highlight=(CHINA, CHINA + 12))
    answer = answered(QUOTE, other, QUOTE, conflicts=((0, 1),))
    message = render.answer(answer, KEY)
    assert_accepted(message)
    assert (
        "The articles differ: China (Reuters, 2016-12-08) · China vetoed (AFP, 2016-12-09)"
        in read(message)
    )
    assert "differ" not in read(render.answer(answer, KEY, shown=2))


def test_an_answer_names_everything_about_its_quote() -> None:
    """Quote, short answer, source, place, confidence, copies and dates are there."""
    message = render.answer(answered(QUOTE, understood_as="who vetoed the plan?"), KEY)
    assert_accepted(message)
    assert quotes(message) == [SENTENCE]
    assert bold_in_quotes(message) == ["China"]
    seen = read(message)
    for part in (
        "who vetoed it?\n",
        "Understood as: who vetoed the plan?",
        "Truce *ends*\nAnn *Lee* · Reuters · 2016-12-08 · paragraph 2",
        "Very likely (0.93)",
        "Newest article: 2016-12-08",
        "Also in AFP, BBC · 3 outlets, 2 independent",
        "“On Monday” is 2016-12-05",
    ):
        assert part in seen
    links = [text.link for text in message.texts if text.link]
    assert links == [to_words(ARTICLE.url, SENTENCE)]
    assert [button.custom_id for button in message.buttons] == [
        f"pq:{action}:{KEY}:0" for action in ("ctx", "src", "up", "down", "del")
    ]


def test_further_quotes_are_behind_a_button() -> None:
    """More names the quote to show; the last has no such button; a private answer can be shared."""
    answer = answered(QUOTE, replace(QUOTE, confidence=0.7), replace(QUOTE, confidence=0.5))
    ids = [
        [button.custom_id for button in render.answer(answer, KEY, shown=at).buttons]
        for at in range(3)
    ]
    assert [f"pq:more:{KEY}:{at + 1}" in each for at, each in enumerate(ids)] == [True, True, False]
    seen = [read(render.answer(answer, KEY, shown=at)) for at in range(3)]
    for words, text in zip(
        ("Very likely (0.93)", "Likely (0.70)", "Perhaps (0.50)"), seen, strict=True
    ):
        assert words in text
    private = render.answer(answer, KEY, private=True)
    assert [len(row) for row in private.rows] == [5, 2]
    assert private.buttons[-2].custom_id == f"pq:share:{KEY}:0"
    assert [f"pq:del:{KEY}:0" in each for each in ids] == [True, False, False]
    assert_accepted(private)


def test_a_refusal_is_as_well_made_as_an_answer() -> None:
    """The reason, the missing words, the dates and the nearest sentence are there."""
    covers = (date(2016, 1, 2), date(2016, 3, 4))
    near = replace(QUOTE, confidence=0.15)
    message = render.answer(
        answered(refusal=Refusal("no *word*", ("Mongolia",), covers, near)), KEY
    )
    assert_accepted(message)
    seen = read(message)
    for part in (
        "No answer found: no *word*.",
        "Nowhere in the articles: Mongolia",
        "The articles searched cover 2016-01-02 to 2016-03-04",
        "Nearest, but not sure enough (0.15): Truce *ends* · Ann *Lee* · Reuters · 2016-12-08",
    ):
        assert part in seen
    assert quotes(message) == [SENTENCE]
    assert f"pq:ctx:{KEY}:0" in [button.custom_id for button in message.buttons]
    far = Refusal("no *word*", ("Mongolia",), covers, replace(QUOTE, confidence=0.14))
    assert quotes(render.answer(answered(refusal=far), KEY)) == []
    bare = render.answer(answered(refusal=Refusal("the index is empty")), KEY)
    assert_accepted(bare)
    assert [button.label for button in bare.buttons] == ["👍", "👎", "Delete"]


def test_a_refusal_is_no_taller_than_an_answer() -> None:
    """With the same quote: usual ones, and where everything is as long as can be."""
    covers = (date(2016, 1, 2), date(2016, 3, 4))
    reason = "nothing in the articles is close enough to the question"
    long = "He met them on Monday. " + "word " * 900
    longest = replace(QUOTE, text=long, article=replace(ARTICLE, text=long, title=long))
    for quote, why, missing in (
        (QUOTE, reason, ()),
        (QUOTE, "the articles never mention it", ("Mongolia",)),
        (longest, long, tuple(long.split())),
    ):
        refused = render.answer(answered(refusal=Refusal(why, missing, covers, quote)), KEY)
        told = render.answer(answered(quote), KEY)
        assert_accepted(refused)
        assert height(refused) <= height(told)


def height(message: render.Message) -> int:
    """How tall a card is: its lines as the pictures draw them, and its rows of buttons."""
    return picture_height(payload(message))


def test_the_context_has_the_quote_in_bold() -> None:
    """The sentences around it are there as they stand."""
    message = render.context(QUOTE, KEY)
    assert_accepted(message)
    assert quotes(message) == ["The council met.\n" + SENTENCE + " He left."]
    assert bold_in_quotes(message) == [SENTENCE]


def test_the_source_is_shown_at_its_place() -> None:
    """The article has the quote in bold, and says if it has changed or gone since."""
    view = SourceView(ARTICLE, QUOTE.start, QUOTE.end, None, withdrawn=False)
    message = render.source(view)
    assert_accepted(message)
    assert quotes(message) == [TEXT]
    assert bold_in_quotes(message) == [SENTENCE]
    assert "changed since" in read(render.source(replace(view, current=ARTICLE)))
    assert "gone from the index" in read(render.source(replace(view, withdrawn=True)))
    long = replace(ARTICLE, text="A word. " * 2000 + SENTENCE + " A word." * 2000)
    message = render.source(SourceView(long, 16000, 16000 + len(SENTENCE), None, withdrawn=False))
    assert bold_in_quotes(message) == [SENTENCE]
    assert read(message).count(CUT) == 2


def match(text: str, start: int, *differences: Difference, kind: Any = "near") -> Match:
    """A passage of an article that goes on to its end."""
    article = replace(ARTICLE, text=text)
    spans = ((start, len(text)),)
    return Match(article, start, len(text), kind, differences, spans, 0.9, (start, len(text)))


def test_a_checked_text_shows_where_it_stands_and_what_differs() -> None:
    """Word for word, nearly with both sides and the differences in bold, or nowhere."""
    found = render.check(Check(SENTENCE, (match(TEXT, START, kind="exact"),), 3), KEY)
    assert "Word for word in one article" in read(found)
    asked, text = "He said no.", "Yes. He said never."
    near = render.check(
        Check(asked, (match(text, 5, Difference("words", (8, 10), (13, 18))),) * 5, 3), KEY
    )
    assert "Nearly so in 5 articles" in read(near)
    assert quotes(near)[:2] == [asked, text[5:]]
    assert bold_in_quotes(near)[:2] == ["no", "never"]
    assert "and in Reuters" in read(near)
    nowhere = render.check(Check(asked, (), 3), KEY)
    assert "Nowhere in the articles" in read(nowhere)
    assert quotes(nowhere) == [asked]
    for message in (found, near, nowhere):
        assert_accepted(message)


def test_a_part_of_a_sentence_is_shown_with_all_of_it() -> None:
    """What it says before and after is in bold, what turns it round is named; it is not green."""
    text = "It is not true that the firm paid a fine, say its friends."
    start, end = text.index("the firm"), text.index(", say")
    article = replace(ARTICLE, text=text)
    spans, whole = ((start, end),), (0, len(text))
    part = Match(article, start, end, "part", (), spans, 1.0, whole)
    asked = text[start:end]
    said = render.check(Check(asked, (part,), 3), KEY)
    assert "the sentence says more, in bold" in read(said)
    assert quotes(said) == [asked, text]
    assert bold_in_quotes(said) == ["It is not true that", ", say its friends."]
    turned = replace(part, turned=((6, 9),))
    message = render.check(Check(asked, (turned,), 3), KEY)
    assert "the sentence may turn them round" in read(message)
    assert "Mind what stands around it: “not”" in read(message)
    assert message.accent == render.UNSURE
    view = SourceView(replace(ARTICLE, text=asked), 0, len(asked), article, withdrawn=False)
    changed = render.changed(view, turned)
    assert "Corrected" in read(changed)
    assert "still stand" not in read(changed)
    assert quotes(changed) == [asked, text]
    assert "Mind what stands around it: “not”" in read(changed)
    for each in (said, message, changed):
        assert_accepted(each)


def test_a_correction_shows_what_was_and_what_is() -> None:
    """The old words and the new, or that these stand no longer, or still do."""
    text = "Yes. He said never."
    view = SourceView(
        replace(ARTICLE, text="He said no."), 0, 11, replace(ARTICLE, text=text), False
    )
    near = render.changed(view, match(text, 5, Difference("words", (8, 10), (13, 18))))
    assert quotes(near) == ["He said no.", "He said never."]
    assert bold_in_quotes(near) == ["no", "never"]
    other = render.changed(view, None)
    assert "no longer says" in read(other)
    same = render.changed(view, match(text, 5, kind="exact"))
    assert "still stand" in read(same)
    gone = render.changed(replace(view, current=None, withdrawn=True), None)
    assert "Withdrawn" in read(gone)
    for message in (near, other, same, gone):
        assert_accepted(message)


def test_what_the_bot_says_of_itself_is_shown_as_it_is() -> None:
    """A place in the line, a notice and the state of the index."""
    status = Status(
        folder=Path("x"),
        revision=3,
        articles=1234,
        sentences=9,
        covers=None,
        outlets=tuple(f"Outlet {number}" for number in range(99)),
        encoder="e",
        roots=("r",),
        failed=2,
        size_bytes=2_000_000,
        encoder_bytes=1,
    )
    assert "number 4" in read(render.busy(4))
    assert read(render.notice("a <@1> *b*\n- c")) == "a <@1> *b*\n- c"
    assert "Articles: 1,234" in read(render.status(status))
    assert "Outlet 4 and 94 more" in read(render.status(status))
    for message in (render.busy(4), render.notice(""), render.status(status), render.question("?")):
        assert_accepted(message)


@pytest.mark.parametrize("part", range(4))
def test_hostile_articles_and_questions(part: int) -> None:
    """2,000 answers of the worst: accepted by Discord, no ping, the quote as it stands."""
    for seed in range(500 * part, 500 * (part + 1)):
        rng = random.Random(seed)  # noqa: S311
        text, words = hostile(rng) or "x", [hostile(rng) for _ in range(9)]
        start = rng.randrange(len(text))
        end = rng.randint(start + 1, len(text))
        first = rng.randint(start, end)
        urls = (None, words[0], f"https://e.org/{words[1]}", f"https://{words[1]}")
        day = rng.choice((None, date(2016, 12, 8)))
        article = Article(
            words[2], words[3], text, day, words[4], rng.choice(urls), author=words[0]
        )
        quote = Quote(
            article=article,
            start=start,
            end=end,
            text=text[start:end],
            paragraph=rng.randrange(99),
            confidence=rng.random(),
            highlight=rng.choice((None, (first, rng.randint(first, end)))),
            before=text[:start],
            after=text[end:],
            also_in=tuple(Article(each, each, "", outlet=each) for each in words[:5]),
        )
        refusal = Refusal(words[5], tuple(words), (date.min, date.max), quote)
        answer = replace(answered(quote, quote), question=words[6] or "?", understood_as=words[7])
        message = render.answer(answer, KEY * 5, private=True)
        assert_accepted(message)
        (seen,) = quotes(message)
        assert seen in as_shown(quote.text), seed
        assert seen == as_shown(quote.text) or CUT in message.texts[1].markdown, seed
        view = SourceView(article, start, end, article, withdrawn=False)
        spans = Difference("words", (0, len(words[8])), (start, end))
        whole = (rng.randint(0, start), rng.randint(end, len(text)))
        turned = ((whole[0], start),)
        kind = rng.choice(("near", "part"))
        near = Match(article, start, end, kind, (spans,), ((start, end),), 0.8, whole, turned)
        refused = replace(answer, quotes=(), refusal=refusal)
        others = (
            (render.answer, refused, KEY),
            (render.context, quote, KEY),
            (render.source, view),
            (render.check, Check(words[8], (near,) * 5, 1), KEY),
            (render.changed, view, near),
            (render.notice, words[8]),
        )
        say, *about = rng.choice(others)
        assert_accepted(say(*about))


@pytest.mark.parametrize("word", ["*", "word ", "😀", "on Monday *", "\n"])
def test_the_longest_of_everything_fits(word: str) -> None:
    """With every part at its longest there is room left for a line that the client adds."""
    long = f"He met them on Monday. {word * 3000}"
    article = Article(
        long, long, long, date(2016, 12, 8), long, f"https://e.org/{word * 99}", author=long
    )
    also = tuple(replace(article, outlet=f"{number}{long}") for number in range(99))
    quote = Quote(
        article,
        0,
        len(long),
        long,
        9**9,
        1.0,
        (0, len(long)),
        long,
        long,
        also_in=also,
        voices=99,
        against=(0, len(long)),
        lead=((0, len(long)),) * 2,
    )
    answer = answered(*(quote,) * 4, understood_as=long, conflicts=((0, 1), (0, 2), (0, 3)))
    words = tuple(long.split())
    refusal = Refusal(long, words, (date.min, date.max), quote)
    view = SourceView(article, 0, len(long), article, withdrawn=False)
    spans = Difference("words", (0, len(long)), (0, len(long)))
    place = (0, len(long))
    near = Match(article, *place, "near", (spans,), (place,), 0.8, place, (place,) * 99)
    for message in (
        render.answer(replace(answer, question=long), "k" * 64, private=True),
        render.answer(replace(answer, question=long, quotes=(), refusal=refusal), "k" * 64),
        render.context(quote, "k" * 64),
        render.source(view),
        render.check(Check(long, (near, *[replace(near, article=each) for each in also]), 1), KEY),
        render.check(Check(long, (replace(near, kind="exact"),) * 9, 1), KEY),
        render.changed(view, near),
        render.changed(view, None),
        render.notice(long),
        render.question(long),
    ):
        assert_accepted(message)
        assert sum(size(text.markdown) for text in message.texts) <= 3900 - 250


@pytest.mark.model
def test_the_terminal_prints_the_exact_payload(
    seed_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``ask --render discord`` prints what Discord would be sent; the exit code stays."""
    veto = ["ask", "--render", "discord", "who vetoed the ceasefire?"]
    assert main(["--index", str(seed_index), *veto]) == 0
    body = json.loads(capsys.readouterr().out)
    assert message_errors(body) == []
    shown = body["components"][0]["components"][1]["content"]
    assert "China" in shown
    assert shown.count("**") == 2
    assert main(["--index", str(seed_index), *veto, "--until", "1900-01-01"]) == 4
    assert message_errors(json.loads(capsys.readouterr().out)) == []


# The view that the client sends


@pytest.mark.asyncio
async def test_the_client_sends_what_payload_says() -> None:
    """A card with an edge of its colour: texts, a link beside one, five buttons in a row."""
    buttons = tuple(render.Button(f"B{number}", f"pq:src:k:{number}") for number in range(6))
    texts = (render.Text("-# Asked: who?"), render.Text("Title", "https://example.org/a"))
    message = render.Message(texts, buttons, accent=render.SURE)

    def row(*numbers: int) -> dict[str, Any]:
        grey = {"type": 2, "style": 2, "disabled": False}
        inside = [{**grey, "label": f"B{at}", "custom_id": f"pq:src:k:{at}"} for at in numbers]
        return {"type": 1, "components": inside}

    link = {"type": 2, "style": 5, "disabled": False, "label": "Open article"}
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "Title"}],
        "accessory": {**link, "url": "https://example.org/a"},
    }
    card = {
        "type": 17,
        "accent_color": 0x2E8B57,
        "spoiler": False,
        "components": [{"type": 10, "content": "-# Asked: who?"}, section, row(*range(5)), row(5)],
    }
    assert payload(message) == {
        "flags": 1 << 15,
        "components": [card],
        "allowed_mentions": {"parse": []},
    }
    assert layout(message).to_components() == [card]


# The check against Discord's description


def test_the_description_notices_what_discord_refuses() -> None:
    """One fault each, in what the description says and in what it does not."""
    good = payload(render.answer(answered(QUOTE), KEY))
    assert message_errors(good) == []

    def card(*inside: dict[str, Any]) -> dict[str, Any]:
        return {"flags": 1 << 15, "components": [{"type": 17, "components": list(inside)}]}

    def text(words: str) -> dict[str, Any]:
        return {"type": 10, "content": words}

    def button(custom_id: str, **other: Any) -> dict[str, Any]:
        return {"type": 2, "style": 2, "label": "x", "custom_id": custom_id, **other}

    def row(*buttons: dict[str, Any]) -> dict[str, Any]:
        return {"type": 1, "components": list(buttons)}

    faults = [
        {"content": "x" * 2001},
        {"content": "x", "unknown": 1},
        {"content": 5},
        {**good, "content": "beside"},
        {**good, "embeds": [{"title": "beside"}]},
        {**good, "flags": 0},
        card(text("x" * 2001), text("x" * 2000)),
        card(text("😀" * 2001)),
        card(text(" ")),
        card(*[text("x")] * 41),
        card(row(button("a"), button("a"))),
        card(row(button("a" * 101))),
        card(row(*[button(str(at)) for at in range(6)])),
        card(row(button("a", url="https://e.org"))),
        card(row({"type": 2, "style": 5, "label": "x", "url": "not a url"})),
        card({**text("x"), "unknown": 1}),
        {"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]},
    ]
    for fault in faults:
        assert message_errors(fault), fault


def test_the_description_knows_commands_routes_and_answers() -> None:
    """Names of commands, routes that do not exist, and wrong answers are faults."""
    schema = Schema()
    path = "/applications/1/commands"
    command = {"name": "ask", "type": 1, "description": "Ask.", "nsfw": False}
    assert schema.request_errors("PUT", path, [command]) == []
    for wrong in (
        {"name": "Ask me"},
        {"name": "ASK"},
        {"description": "x" * 101},
        {"description": ""},
    ):
        assert schema.request_errors("PUT", path, [{**command, **wrong}])
    option = {"name": "Question", "type": 3, "description": "x"}
    assert schema.request_errors("PUT", path, [{**command, "options": [option]}])
    assert schema.request_errors("PUT", path, [{**command, "type": 3}])
    assert schema.request_errors("POST", "/nowhere", {}) == ["POST /nowhere: no such route"]
    reference = {"content": "x", "message_reference": {"message_id": 5}}
    assert message_errors(reference) == []
    assert schema.request_errors("POST", "/channels/1/typing", None) == []
    assert schema.response_errors("POST", "/channels/1/typing", 204, None) == []
    assert schema.response_errors("GET", "/users/@me", 200, {"id": 5})
    assert (
        schema.response_errors("POST", "/channels/1/messages", 418, {"message": "x", "code": 0})
        == []
    )
    assert schema.response_errors("POST", "/channels/1/messages", 302, None)
    deferred = {"type": 5, "data": {"flags": 64}}
    assert schema.request_errors("POST", "/interactions/1/token/callback", deferred) == []
    edited = payload(render.busy(4))
    assert schema.request_errors("PATCH", "/webhooks/1/token/messages/@original", edited) == []
    assert schema.request_errors("PATCH", "/channels/1/messages/2", edited) == []
