"""Answer -> what a terminal shows, as rich renderables: styled, never interpreted as markup.

What rich would drop without a word is shown as signs already here (see ``signs``).
"""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from bot.render.layout import Hanging
from bot.render.links import to_file, to_words
from bot.screen import screen
from bot.signs import visible
from index.english.dates import mentioned
from index.library import SourceView
from index.records import Answer, Article, Quote, Refusal

if TYPE_CHECKING:
    from index.ask.check import Check, Match

BLANK, INDENT, MARGIN = Text(""), Text("   "), Text("")
NEAREST_FROM = 0.15
"""The confidence from which what came nearest is shown unasked beside a refusal."""
MORE = "--min-confidence 0"
"""What shows more than is shown unasked."""


def answer(answer: Answer, *, context: bool = False, more: str = MORE) -> Group:
    """All of an answer: its quotes, or its refusal, and the newest article it had.

    ``more`` is what a person types to be shown less sure quotes, too.
    """
    parts: list[RenderableType] = []
    if answer.understood_as:
        told = Text(f"Understood as: {visible(answer.understood_as)}", "italic")
        parts.append(Hanging(MARGIN, told))
    for number, each in enumerate(answer.quotes, start=1):
        parts += [quote(each, number, _word(each, answer), context=context), BLANK]
    for pair in answer.conflicts:
        claims = " · ".join(_claim(answer.quotes[number]) for number in pair)
        parts += [_headed("The articles differ", f": {claims}"), BLANK]
    if answer.perhaps:
        parts.append(_headed("Perhaps", ": nothing is sure enough to be an answer."))
        for number, each in enumerate(answer.perhaps, start=1):
            parts += [quote(each, number, _word(each, answer), context=context), BLANK]
    elif answer.refusal:
        parts += [_refused(answer.refusal, answer.sure_from, more), BLANK]
    newest = answer.newest.isoformat() if answer.newest else "none is dated"
    return Group(*parts, Text(f"Newest article: {newest}", "source"))


def quote(quote: Quote, number: int, word: str, *, context: bool = False) -> Group:
    """A quote with its source, place, receipt and confidence, for which there is a ``word``."""
    body = quote.article.text
    dates = [f"“{body[start:end]}” is {day}" for start, end, day in mentioned(quote)]
    sureness, page = f"{word} {quote.confidence:.2f}", to_words(quote.article.url, quote.text)
    known = Text.assemble((sureness, word), (" · ", "source"), _facts(quote.article, page, *dates))
    span = f", paragraph {quote.paragraph}, characters {quote.start}-{quote.end}"
    lines = [
        Hanging(Text(f"{number}. ", "heading"), _words(quote, context=context)),
        Hanging(INDENT, known),
        *_places(quote.article, INDENT, span),
    ]
    if quote.said_by:
        lines.append(_fact(f"said by {body[slice(*quote.said_by)]}"))
    if quote.also_in:
        lines.append(_fact(f"also in {_carriers(quote)}"))
    return Group(*lines, _receipt(str(quote.receipt)))


def check(check: Check) -> Group:
    """Where a quotation stands: word for word, or what differs, or that it stands nowhere."""
    if not check.matches:
        return Group(_headed("Nowhere in the articles", ", nor anything near it."))
    exact = "In the articles word for word" if check.exact else "Not in the articles so; nearest"
    parts: list[RenderableType] = [_headed(exact, ":")]
    for number, match in enumerate(check.matches, start=1):
        words = match.article.text[match.start : match.end]
        parts += [
            Hanging(Text(f"{number}. ", "heading"), _compared(match, check.text)),
            Hanging(INDENT, _facts(match.article, to_words(match.article.url, words))),
            *_places(match.article, INDENT, f", characters {match.start}-{match.end}"),
            _receipt(str(match.receipt)),
        ]
    if not check.exact:
        parts.append(Text("[-so the text has it-] {+so the article has it+}", "source"))
    return Group(*parts)


def source(view: SourceView) -> Group:
    """A whole article with the quoted words marked."""
    body, words = view.article.text, Text()
    words.append(visible(body[: view.start]))
    words.append(visible(body[view.start : view.end]), "passage")
    words.append(visible(body[view.end :].rstrip("\n")))
    return _whole(view.article, words)


def article(article: Article) -> Group:
    """A whole article."""
    return _whole(article, Text(visible(article.text.rstrip("\n"))))


def difference(view: SourceView) -> Group:
    """What has changed in an article since it was quoted: lines taken away and lines added."""
    place = visible(location(view.article))
    if view.withdrawn:
        return Group(Hanging(MARGIN, Text(f"{place} is withdrawn; there is no newer version")))
    if view.current is None:
        return Group(Hanging(MARGIN, Text(f"{place} is as it was quoted")))
    versions = (view.article.text.splitlines(), view.current.text.splitlines())
    styles = {"-": "removed", "+": "added"}
    return Group(
        *(
            Hanging(MARGIN, Text(visible(line), styles.get(line[0], "around")))
            for line in unified_diff(*versions, "as quoted", "now", n=1, lineterm="")
        )
    )


def location(article: Article) -> str:
    """Where to find an article: its path, short if it is below this folder, or its URL."""
    if article.path is None:
        return article.url or article.id
    path = Path(article.path)
    here = screen().folder
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    record = article.id.partition("#")[2]
    return f"{shown}#{record}" if record else str(shown)


def _refused(refusal: Refusal, sure_from: float, more: str) -> Group:
    """Why nothing was quoted, and what came nearest, or how to see it."""
    lines: list[RenderableType] = [_headed("No answer found", f": {visible(refusal.reason)}.")]
    if refusal.missing_words:
        words = ", ".join(visible(word) for word in refusal.missing_words)
        lines.append(Hanging(MARGIN, Text(f"Nowhere in the articles: {words}")))
    if refusal.covers:
        first, last = refusal.covers
        lines.append(Hanging(MARGIN, Text(f"The articles cover {first} to {last}.")))
    if nearest := refusal.nearest:
        if nearest.confidence >= NEAREST_FROM:
            quoted = Hanging(INDENT, Text(visible(nearest.text), "around"))
            lines += [Text("Nearest:"), quoted, _receipt(str(nearest.receipt))]
        told = f"An answer takes a confidence of {sure_from:.2f}; {more} shows what has less."
        lines.append(Hanging(MARGIN, Text(told, "source")))
    return Group(*lines)


def _word(quote: Quote, answer: Answer) -> str:
    """How sure a quote is, in a word: whichever threshold let it in."""
    if quote.confidence >= answer.sure_from:
        return "sure"
    return "perhaps" if quote.confidence >= answer.perhaps_from else "unsure"


def _words(quote: Quote, *, context: bool) -> Text:
    """The quote, its short answer marked, between what stands around it or behind what leads."""
    body, words = quote.article.text, Text()
    if context:
        words.append(visible(quote.before.lstrip()), "around")
    else:
        for start, end in quote.lead:
            words.append(visible(body[start:end]) + " … ", "around")
    begin = len(words)
    first, last = quote.highlight or (quote.start, quote.start)
    words.append(visible(body[quote.start : first]))
    words.append(visible(body[first:last]), "answer")
    words.append(visible(body[last : quote.end]))
    if context or quote.lead:
        words.stylize("quoted", begin)
    if context:
        words.append(visible(quote.after.rstrip()), "around")
    return words


def _claim(quote: Quote) -> str:
    """A quote's short answer with who reports it and when."""
    words = quote.article.text[slice(*(quote.highlight or (quote.start, quote.end)))]
    source = quote.article.outlet or quote.article.title
    published = quote.article.published or "undated"
    return visible(f"{words} ({source}, {published})")


def _compared(match: Match, asked: str) -> Text:
    """The passage as it stands, with what the text has instead: ``[-43-] {+45+}``."""
    text, body, at = Text(), match.article.text, match.start
    for each in match.differences:
        text.append(visible(body[at : each.found[0]]))
        if each.asked[0] < each.asked[1]:
            text.append(f"[-{visible(asked[slice(*each.asked)])}-]", "removed")
        if each.found[0] < each.found[1]:
            text.append(f"{{+{visible(body[slice(*each.found)])}+}}", "added")
        at = each.found[1]
    return text.append(visible(body[at : match.end]))


def _whole(article: Article, words: Text) -> Group:
    """An article: what is known of it, where it is, and its text."""
    head = (Hanging(MARGIN, _facts(article, to_words(article.url, ""))), *_places(article, MARGIN))
    return Group(*head, BLANK, Hanging(MARGIN, words))


def _facts(article: Article, url: str | None, *more: str) -> Text:
    """What an article is: title, author, outlet, day, as far as they are known, and ``more``.

    The title leads to the page, or else to the file.
    """
    published = article.published.isoformat() if article.published else "undated"
    known = (article.author, article.outlet, published, *more)
    title = _linked(visible(article.title), url or to_file(article.path))
    return title.append(visible("".join(f" · {fact}" for fact in known if fact)), "source")


def _places(article: Article, indent: Text, span: str = "") -> list[Hanging]:
    """Where an article is: its file with the ``span`` in it, and its page, an address a line."""
    address = article.path and article.url
    place = _linked(visible(location(article)), to_file(article.path) or to_words(article.url, ""))
    lines = [Hanging(indent, place.append(span, "source"), whole=True)]
    if address:
        page = _linked(visible(address), to_words(address, ""))
        lines.append(Hanging(indent, page, whole=True))
    return lines


def _linked(text: str, url: str | None) -> Text:
    """Text of a source, which a terminal that can links to the address."""
    shown = Text().append(text, "source")
    if url:
        shown.stylize(Style(link=url), 0, len(shown))
    return shown


def _fact(text: str) -> Hanging:
    return Hanging(INDENT, Text(visible(text), "source"))


def _receipt(receipt: str) -> Hanging:
    """Whole, however narrow the terminal is: it is there to be copied."""
    return Hanging(INDENT, Text(f"receipt {visible(receipt)}", "source", no_wrap=True))


def _headed(heading: str, text: str) -> Hanging:
    return Hanging(MARGIN, Text.assemble((heading, "heading"), text))


def _carriers(quote: Quote) -> str:
    """The other articles with these words; how many outlets, how many independent reports."""
    others = "; ".join(f"{each.outlet or location(each)}: {each.title}" for each in quote.also_in)
    articles = (quote.article, *quote.also_in)
    outlets = {each.outlet or each.id for each in articles}
    count = f"{len(outlets)} outlets" if len(outlets) > 1 else f"{len(articles)} reports"
    return f"{others} ({count}, {quote.voices} independent)"
