"""Answer -> text for a terminal, as rich ``Text``: styled, never interpreted as markup.

What rich would drop without a word is shown as signs already here (see ``signs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bot.screen import screen
from bot.signs import visible
from index.english.dates import mentioned
from index.library import SourceView, Status
from index.records import Answer, Article, Failure, Quote, Refusal

if TYPE_CHECKING:
    from index.ask.check import Check, Match


_FOUND = {
    "exact": "In the articles word for word",
    "part": "In the articles word for word, but the sentence says more",
    "near": "Not in the articles so; nearest",
}
_TURNED = "These words stand in the articles, but the sentence may turn them round"


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text behind a lead, such as a number: wrapped, its lines begin below each other.

    Where lines are kept whole, as in a pipe, it is one line.
    """

    lead: Text
    body: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, at the width that there is."""
        if options.no_wrap:
            yield self.lead + self.body
            return
        indent = self.lead.cell_len
        lead = self.lead
        for line in self.body.wrap(console, max(options.max_width - indent, 20)):
            yield lead + line
            lead = Text(" " * indent)


def answer(answer: Answer, *, context: bool = False) -> Text:
    """All of an answer: its quotes, or its refusal, and the newest article it had."""
    text = Text()
    if answer.understood:
        text.append(f"Understood as: {visible(answer.understood)}\n", "italic")
    for number, each in enumerate(answer.quotes, start=1):
        text.append(quote(each, number, context=context)).append("\n")
    for pair in answer.conflicts:
        told = " · ".join(_claim(answer.quotes[number]) for number in pair)
        text.append("The articles differ", "bold").append(f": {told}\n\n")
    if answer.perhaps:
        text.append("Perhaps", "bold").append(": nothing is sure enough to be an answer.\n")
        for number, each in enumerate(answer.perhaps, start=1):
            text.append(quote(each, number, context=context)).append("\n")
    elif answer.refusal:
        text.append(refusal(answer.refusal)).append("\n")
    for told in answer.unknown_outlets if answer.quotes or answer.perhaps else ():
        text.append(f"{visible(told[:1].upper() + told[1:])}\n")
    if answer.undated_left_out:
        text.append(f"{left_out(answer.undated_left_out)}\n")
    newest = answer.newest.isoformat() if answer.newest else "none is dated"
    text.append(f"Newest article: {newest}\n", "dim")
    for candidate in answer.candidates[:20]:
        sentence = candidate.sentence
        text.append(
            f"{candidate.score:7.2f}  cosine {candidate.cosine:.2f}  words {candidate.coverage:.2f}"
            f"  around {candidate.context:.2f}  "
            f"{visible(sentence.article)}:{sentence.start}-{sentence.end}\n",
            "dim",
        )
    return text


def quote(quote: Quote, number: int, *, context: bool = False) -> Text:
    """A quote with its source, place, confidence and receipt."""
    text = Text(f"{number}. ", "bold")
    if context:
        text.append(visible(quote.before.lstrip()), "dim")
    else:
        for start, end in quote.lead:
            text.append(visible(quote.article.text[start:end]) + " … ", "dim")
    text.append(_marked(quote))
    if context:
        text.append(visible(quote.after.rstrip()), "dim")
    body = quote.article.text
    dates = [f"“{body[start:end]}” is {day}" for start, end, day in mentioned(quote)]
    text.append("\n   " + visible(_facts(quote.article, *dates)), "italic")
    text.append(
        f"\n   {visible(location(quote.article))}, paragraph {quote.paragraph}, "
        f"characters {quote.start}-{quote.end}, confidence {quote.confidence:.2f}"
    )
    if quote.said_by:
        text.append(f"\n   said by {visible(quote.article.text[slice(*quote.said_by)])}")
    if quote.against:
        text.append(f"\n   the article also says: {visible(body[slice(*quote.against)])}")
    if quote.also_in:
        text.append(f"\n   also in {visible(_carriers(quote))}")
    text.append(f"\n   receipt {visible(str(quote.receipt))}\n", "dim")
    return text


def _claim(quote: Quote) -> str:
    """A quote's short answer with who reports it and when."""
    words = quote.article.text[slice(*(quote.highlight or (quote.start, quote.end)))]
    source = quote.article.outlet or quote.article.title
    published = quote.article.published or "undated"
    return visible(f"{words} ({source}, {published})")


def check(check: Check) -> Text:
    """Where a quotation stands: word for word, or what differs, or that it stands nowhere."""
    if not check.matches:
        return Text("Nowhere in the articles", "bold").append(", nor anything near it.\n")
    text = Text(_FOUND[check.found] if check.exact or check.found == "near" else _TURNED, "bold")
    text.append(":\n")
    for number, match in enumerate(check.matches, start=1):
        text.append(f"{number}. ", "bold").append(_compared(match, check.text))
        if match.turned:
            text.append(f"\n   {turned(match)}", "yellow")
        text.append("\n   " + visible(_facts(match.article)), "italic")
        text.append(
            f"\n   {visible(location(match.article))}, characters {match.start}-{match.end}"
        )
        text.append(f"\n   receipt {visible(str(match.receipt))}\n", "dim")
    if any(match.differences or match.around for match in check.matches):
        text.append("[-so the text has it-] {+so the article has it+}\n", "dim")
    return text


def turned(match: Match) -> str:
    """The words in the sentence that may turn round what was looked up."""
    words = dict.fromkeys(match.article.text[slice(*span)] for span in match.turned)
    return f"Mind what stands around it: {', '.join(f'“{visible(word)}”' for word in words)}"


def _compared(match: Match, asked: str) -> Text:
    """Its whole sentences, with what the text has instead: ``[-43-] {+45+}``."""
    text, body, at = Text(), match.article.text, match.start
    text.append_text(_more(body[match.whole[0] : match.start]))
    for each in match.differences:
        text.append(visible(body[at : each.found[0]]))
        if each.asked[0] < each.asked[1]:
            text.append(f"[-{visible(asked[slice(*each.asked)])}-]", "red strike")
        if each.found[0] < each.found[1]:
            text.append(f"{{+{visible(body[slice(*each.found)])}+}}", "green bold")
        at = each.found[1]
    text.append(visible(body[at : match.end]))
    return text.append_text(_more(body[match.end : match.whole[1]]))


def _more(words: str) -> Text:
    """What the sentence has before or after the passage; signs alone are no difference."""
    if not any(sign.isalnum() for sign in words):
        return Text(visible(words))
    return Text(f"{{+{visible(words)}+}}", "green bold")


def left_out(undated: int) -> str:
    """That a filter of dates left out what has none."""
    articles = "1 article" if undated == 1 else f"{undated:,} articles"
    were = "was" if undated == 1 else "were"
    return f"{articles} without a date {were} left out; --undated takes them in."


def refusal(refusal: Refusal) -> Text:
    """Why nothing was quoted, and what came nearest."""
    text = Text("No answer found", "bold").append(f": {visible(refusal.reason)}.\n")
    if refusal.missing_words:
        words = ", ".join(visible(word) for word in refusal.missing_words)
        text.append(f"Nowhere in the articles: {words}\n")
    if refusal.filtered_words:
        words = ", ".join(visible(word) for word in refusal.filtered_words)
        text.append(f"In other articles than the filters let through: {words}\n")
    if refusal.covers:
        first, last = refusal.covers
        text.append(f"The articles searched cover {first} to {last}.\n")
    if refusal.nearest:
        text.append(f"Nearest, with confidence {refusal.nearest.confidence:.2f}:\n", "dim")
        text.append(f"   {visible(refusal.nearest.text)}\n", "dim")
        text.append(f"   receipt {visible(str(refusal.nearest.receipt))}\n", "dim")
    return text


def source(view: SourceView) -> Text:
    """A whole article with the quoted words marked."""
    text = Text(visible(location(view.article)) + "\n\n", "italic")
    body = view.article.text
    text.append(visible(body[: view.start]))
    text.append(visible(body[view.start : view.end]), "reverse bold")
    text.append(visible(body[view.end :].rstrip("\n"))).append("\n")
    return text


def difference(view: SourceView) -> Text:
    """What has changed in an article since it was quoted: lines taken away and lines added."""
    if view.withdrawn:
        return Text(f"{visible(location(view.article))} is withdrawn; there is no newer version\n")
    if view.current is None:
        return Text(f"{visible(location(view.article))} is as it was quoted\n")
    text = Text()
    versions = (view.article.text.splitlines(), view.current.text.splitlines())
    for line in unified_diff(*versions, "as quoted", "now", n=1, lineterm=""):
        style = {"-": "red", "+": "green"}.get(line[0], "dim")
        text.append(visible(line), style).append("\n")
    return text


def failures(failures: Sequence[Failure]) -> Text:
    """What could not be taken, when, and when it is tried again."""
    if not failures:
        return Text("nothing failed\n")
    text = Text()
    for each in failures:
        text.append(visible(each.name), "bold").append(f"\n   {visible(each.reason)}\n")
        times = "once" if each.tries == 1 else f"{each.tries} times"
        again = f"; again from {each.next_try:%Y-%m-%d %H:%M} UTC" if each.next_try else ""
        text.append(f"   since {each.first:%Y-%m-%d %H:%M} UTC, tried {times}{again}\n", "dim")
    return text


def status(status: Status) -> Text:
    """What the index holds, a fact a line."""
    first, last = status.covers or (None, None)
    facts = {
        "index": status.folder,
        "follows": ", ".join(status.roots) or "nothing",
        "articles": f"{status.articles:,}",
        "sentences": f"{status.sentences:,}",
        "dates": f"{first} to {last}" if first else "no article is dated",
        "outlets": ", ".join(status.outlets) or "none named",
        "encoder": status.encoder,
        "revision": status.revision,
        "failed": f"{status.failed}; see `pullquote status --failed`"
        if status.failed
        else "nothing",
        "size": f"{status.size_bytes / 1e6:,.1f} MB, {status.encoder_bytes / 1e6:,.1f} of it the "
        "encoder",
    }
    return Text("\n".join(f"{name:10} {visible(str(fact))}" for name, fact in facts.items()))


def location(article: Article) -> str:
    """Where to find an article: its path, short if it is below this folder, or its URL."""
    if article.path is None:
        return article.url or article.id
    path = Path(article.path)
    here = screen().folder
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    record = article.id.partition("#")[2]
    return f"{shown}#{record}" if record else str(shown)


def _facts(article: Article, *more: str) -> str:
    """What an article is: title, author, outlet, day, as far as they are known, and ``more``."""
    published = article.published.isoformat() if article.published else "undated"
    facts = (article.title, article.author, article.outlet, published, *more)
    return " · ".join(fact for fact in facts if fact)


def _carriers(quote: Quote) -> str:
    """The other articles with these words; how many outlets, how many independent reports."""
    others = "; ".join(f"{each.outlet or location(each)}: {each.title}" for each in quote.also_in)
    articles = (quote.article, *quote.also_in)
    outlets = {each.outlet or each.id for each in articles}
    count = f"{len(outlets)} outlets" if len(outlets) > 1 else f"{len(articles)} reports"
    return f"{others} ({count}, {quote.voices} independent)"


def _marked(quote: Quote) -> Text:
    text = Text(style="bold")
    first, last = quote.highlight or (quote.start, quote.start)
    body = quote.article.text
    text.append(visible(body[quote.start : first]))
    text.append(visible(body[first:last]), "reverse")
    text.append(visible(body[last : quote.end]))
    return text
