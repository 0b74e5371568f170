"""Draws what Discord is sent as SVG: ``python -m bench.discord_picture`` makes those in docs/.

The payload is what the bot sends for the seeds' article; this draws its Markdown
(small print, block quotes, bold, escapes) about as Discord's dark theme does.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bot.conversation import words
from bot.conversation.shelf import Held
from bot.discord import lists, welcome
from bot.discord.views import payload
from bot.render import discord as render
from bot.render import discord_digest, discord_timeline
from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.records import Filters

ROOT = Path(__file__).parent.parent
DATED = {
    "2016-12-05": "The harbour workers began their strike on Monday over pay.",
    "2016-12-07": "The mayor met the harbour workers, whose strike had closed the port.",
    "2016-12-09": "The harbour workers ended their strike and took the offer of 4.5 percent.",
}
"""Articles for the cards that tell of several."""
WIDTH, MARGIN = 660, 20
COLUMNS = {16: 72, 12: 98}
"""Characters of a line, by size of the letters."""
BACK, CARD, WORDS, FAINT, BUTTON = "#313338", "#2b2d31", "#dbdee1", "#949ba4", "#4e5058"


def main() -> None:
    """Ask the seeds and draw every card."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "index", judge=ReaderJudge(Reader()))
        library.sync([ROOT / "seeds"])
        shown = cards(library)
        dated = Path(folder) / "harbour"
        dated.mkdir()
        for number, (day, text) in enumerate(DATED.items()):
            head = f"---\ntitle: Harbour strike\noutlet: Harbour Post\ndate: {day}\n---\n"
            (dated / f"{number}.md").write_text(f"{head}{text}\n", "utf-8")
        library.sync([dated])
        for name, message in (shown | cards_of_many(library)).items():
            (ROOT / "docs" / f"discord-{name}.svg").write_text(drawn(payload(message)), "utf-8")
            sys.stderr.write(f"docs/discord-{name}.svg\n")
        library.close()


def cards(library: Library) -> dict[str, render.Message]:
    """What the bot sends, by a name for each kind of card."""
    answer = library.ask("who vetoed the ceasefire?", top=5)
    quote = answer.quotes[0]
    view = library.source(str(quote.receipt))
    corrected = replace(view, current=view.article)
    return {
        "answer": render.answer(answer, "key"),
        "meant": render.answer(library.ask("who xetoed the ceasefire?"), "key"),
        "refusal": render.answer(library.ask("what is the capital of Mongolia?"), "key"),
        "context": render.context(quote, "key"),
        "source": render.source(view),
        "check": render.check(library.check(quote.text.replace("vetoed", "opposed")), "key"),
        "correction": render.corrected(answer.question, "key", corrected, None),
        "welcome": welcome.card(),
        "help": render.Message((render.Text(words.HELP),)),
    }


def cards_of_many(library: Library) -> dict[str, render.Message]:
    """The cards that tell of several articles."""
    articles = list(library.articles())
    story = "when did the harbour workers strike?"
    return {
        "timeline": discord_timeline.card(library.timeline(story, filters=Filters())),
        "digest": discord_digest.card(articles),
        "status": render.status(library.status()),
        "articles": lists.listing([Held(each, None) for each in articles], lists.ALL, 0, "a"),
    }


def height(body: dict[str, Any]) -> int:
    """How tall the card of a payload is."""
    return _laid_out(body["components"][0])[1]


def _laid_out(card: dict[str, Any]) -> tuple[list[str], int]:
    """The shapes of a card, and its height."""
    shapes: list[str] = []
    y = MARGIN + 14
    for each in card["components"]:
        if each["type"] == 1:
            y = buttons(shapes, each["components"], y)
            continue
        parts = each["components"] if each["type"] == 9 else [each]
        for part in parts:
            y = text(shapes, part["content"], y)
        y += 6
    return shapes, y + MARGIN


def drawn(body: dict[str, Any]) -> str:
    """The SVG of a payload with one card."""
    card = body["components"][0]
    shapes, height = _laid_out(card)
    accent = card["accent_color"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="gg sans, Noto Sans, Helvetica, Arial, sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="{BACK}"/>',
            f'<rect x="8" y="8" width="{WIDTH - 16}" height="{height - 16}" rx="8" fill="{CARD}"/>',
            f'<rect x="8" y="8" width="4" height="{height - 16}" rx="2" fill="#{accent:06x}"/>',
            *shapes,
            "</svg>\n",
        ]
    )


def text(shapes: list[str], markdown: str, y: int) -> int:
    """Add the lines of a text below ``y``; return where it ends."""
    for line in markdown.split("\n"):
        small, quoted = line.startswith("-# "), line.startswith("> ")
        size, colour = (12, FAINT) if small else (16, WORDS)
        x = MARGIN + 12 * quoted
        line = re.sub(r"(?<!\\)<t:(\d+):D>", _day, line)
        line = re.sub(r"(?<!\\)`|(?<![\\*])\*(?!\*)", "", line)  # code, slanted words
        for run in wrapped(line[3 if small else 2 if quoted else 0 :], COLUMNS[size]):
            y += size + 6
            spans = "".join(
                f'<tspan font-weight="{700 if bold else 400}">{escape(words)}</tspan>'
                for words, bold in run
            )
            shapes.append(
                f'<text x="{x}" y="{y - 4}" font-size="{size}" fill="{colour}" '
                f'xml:space="preserve">{spans}</text>'
            )
            if quoted:
                shapes.append(
                    f'<rect x="{MARGIN}" y="{y - size - 4}" width="4" height="{size + 6}" '
                    f'fill="{BUTTON}"/>'
                )
    return y


def _day(at: re.Match[str]) -> str:
    return f"{datetime.fromtimestamp(int(at[1]), UTC):%-d %B %Y}"


def wrapped(markdown: str, columns: int) -> Iterator[list[tuple[str, bool]]]:
    """The lines of Markdown in one paragraph: runs of words, each with whether it is bold."""
    run: list[tuple[str, bool]] = []
    used = 0
    for number, part in enumerate(re.split(r"(?<!\\)\*\*", markdown)):
        bold = number % 2 == 1
        for word in re.findall(r"\S+\s*|\s+", re.sub(r"\\(.)", r"\1", part)):
            if used + len(word.rstrip()) > columns:
                yield run
                run, used = [], 0
            used += len(word) * 9 // 8 if bold else len(word)
            before = run.pop()[0] if run and run[-1][1] == bold else ""
            run.append((before + word, bold))
    yield run


def buttons(shapes: list[str], row: list[dict[str, Any]], y: int) -> int:
    """Add a row of buttons below ``y``; return where it ends."""
    x = MARGIN
    for each in row:
        width = 28 + 9 * len(each["label"])
        shapes.append(
            f'<rect x="{x}" y="{y + 6}" width="{width}" height="32" rx="6" fill="{BUTTON}"/>'
            f'<text x="{x + width / 2}" y="{y + 27}" font-size="14" fill="#fff" '
            f'text-anchor="middle">{escape(each["label"])}</text>'
        )
        x += width + 8
    return y + 44


if __name__ == "__main__":
    main()
