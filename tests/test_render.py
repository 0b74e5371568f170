"""Answers as JSON and as terminal text show what the article says, and nothing else happens."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from printed import printed

from bot.render import as_json, terminal
from bot.signs import visible
from index.ask.source import SourceView
from index.records import Answer, Article, Quote, Refusal

ARTICLE = Article(
    id="seeds/a.txt",
    title="Truce ends",
    text="Truce ends\nThe [bold]council[/bold] met. China vetoed it. He left.",
    published=date(2016, 12, 5),
    author="Ann Lee",
    outlet="Reuters",
)
QUOTE = Quote(
    article=ARTICLE,
    start=41,
    end=57,
    text=ARTICLE.text[41:57],
    paragraph=1,
    confidence=0.875,
    highlight=(41, 46),
    before=ARTICLE.text[11:41],
    after=ARTICLE.text[57:],
    also_in=(Article("b", "Truce over", "…", outlet="AFP"),),
)


def answered(*quotes: Quote, refusal: Refusal | None = None) -> Answer:
    """An answer at revision 3 with a newest article of 8 December 2016."""
    newest = date(2016, 12, 8)
    return Answer(
        "who vetoed it?", quotes, refusal, 3, newest, 12.34, sure_from=0.5, perhaps_from=0.2
    )


def test_json_has_the_documented_shape() -> None:
    """Every field of docs/json.md is there, offsets and dates as documented."""
    rendered = json.loads(json.dumps(as_json.answer(answered(QUOTE))))
    assert rendered == {
        "question": "who vetoed it?",
        "understood_as": None,
        "did_you_mean": None,
        "time": None,
        "verdict": "sure",
        "perhaps": [],
        "conflicts": [],
        "sure_from": 0.5,
        "perhaps_from": 0.2,
        "quotes": [
            {
                "text": "China vetoed it.",
                "article": {
                    "id": "seeds/a.txt",
                    "title": "Truce ends",
                    "path": None,
                    "url": None,
                    "author": "Ann Lee",
                    "outlet": "Reuters",
                    "published": "2016-12-05",
                },
                "start": 41,
                "end": 57,
                "paragraph": 1,
                "highlight": [41, 46],
                "context": {
                    "before": "The [bold]council[/bold] met. ",
                    "after": " He left.",
                },
                "confidence": 0.875,
                "also_in": [
                    {
                        "id": "b",
                        "title": "Truce over",
                        "path": None,
                        "url": None,
                        "author": None,
                        "outlet": "AFP",
                        "published": None,
                    }
                ],
                "voices": 1,
                "said_by": None,
                "lead": [],
                "against": None,
                "dates": [],
                "receipt": str(QUOTE.receipt),
            }
        ],
        "refusal": None,
        "revision": 3,
        "newest": "2016-12-08",
        "undated_left_out": 0,
        "unknown_outlets": [],
        "elapsed_ms": 12.3,
    }


def test_what_stands_against_an_accusation_is_shown_with_it() -> None:
    """In the terminal as the article's words, in JSON with their offsets."""
    answer = answered(replace(QUOTE, against=(58, 66)))
    assert "the article also says: He left.\n" in printed(terminal.answer(answer))
    (quote,) = as_json.answer(answer)["quotes"]
    assert quote["against"] == {"text": ARTICLE.text[58:66], "start": 58, "end": 66}


def test_how_a_time_was_understood_is_told_beside_the_question() -> None:
    """In brackets behind a question that was taken otherwise, alone where it was not."""
    answer = replace(answered(QUOTE), time="newest first")
    assert "Understood as: newest first\n" in printed(terminal.answer(answer))
    answer = replace(answer, understood_as="who vetoed the plan?")
    assert "Understood as: who vetoed the plan? (newest first)\n" in printed(
        terminal.answer(answer)
    )
    assert as_json.answer(answer)["time"] == "newest first"


def test_a_refusal_in_json_says_what_is_missing() -> None:
    """The reason, the missing words, the dates and the nearest sentence are given."""
    refusal = Refusal("why", ("Mongolia",), (date(2016, 1, 2), date(2016, 3, 4)), QUOTE)
    rendered = as_json.answer(answered(refusal=refusal))["refusal"]
    assert rendered["reason"] == "why"
    assert rendered["missing_words"] == ["Mongolia"]
    assert rendered["covers"] == ["2016-01-02", "2016-03-04"]
    assert rendered["nearest"]["text"] == "China vetoed it."


def test_the_terminal_names_everything_about_a_quote() -> None:
    """The quote, title, author, outlet, date, place, confidence, copies and receipt are printed."""
    out = printed(terminal.answer(answered(QUOTE)))
    for part in (
        "1. **China** vetoed it.",
        "sure 0.88 · Truce ends · Ann Lee · Reuters · 2016-12-05",
        "paragraph 1, characters 41-57",
        "also in AFP: Truce over (2 outlets, 1 independent)",
        f"receipt {QUOTE.receipt}",
        "Newest article: 2016-12-08",
    ):
        assert part in out


def test_two_reports_of_one_outlet_are_no_two_outlets() -> None:
    """They are counted as reports."""
    again = replace(QUOTE, also_in=tuple(replace(a, outlet="Reuters") for a in QUOTE.also_in))
    out = printed(terminal.answer(answered(again)))
    assert "also in Reuters: Truce over (2 reports, 1 independent)" in out


def test_markup_in_an_article_is_shown_not_obeyed() -> None:
    """Square brackets of the terminal library are plain text."""
    out = printed(terminal.answer(answered(QUOTE), context=True))
    assert "The [bold]council[/bold] met. [[**China** vetoed it.]] He left." in out


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    """Whatever an article holds, nothing moves the cursor or turns the direction of writing."""
    shown = visible(text)
    controls = [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert not controls
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs"])))
def test_printable_text_is_shown_unchanged(text: str) -> None:
    """Text without control characters is not touched."""
    assert visible(text) == text


def test_the_article_at_a_receipt_is_shown_whole() -> None:
    """The source view prints all of the text, in order."""
    view = SourceView(ARTICLE, 41, 57, None, withdrawn=False)
    assert ARTICLE.text.replace(QUOTE.text, f"[[{QUOTE.text}]]") in printed(terminal.source(view))
