"""Answer -> what a terminal shows, as rich renderables: styled, never interpreted as markup.

What rich would drop without a word is shown as signs already here (see ``signs``).
"""

from __future__ import annotations

from difflib import unified_diff

from rich.console import Group, RenderableType
from rich.text import Text

from bot.render.layout import BLANK, INDENT, MARGIN, Hanging, headed, receipt
from bot.render.links import to_words
from bot.render.place import facts, location, places
from bot.signs import visible
from index.ask.source import SourceView
from index.english.dates import mentioned
from index.records import Answer, Article, Quote, Refusal

NEAREST_FROM = 0.15
"""The confidence from which what came nearest is shown unasked beside a refusal."""
MORE = "--min-confidence 0"
"""What shows more than is shown unasked."""


def answer(answer: Answer, *, context: bool = False, more: str = MORE) -> Group:
    """All of an answer: its quotes, or its refusal, and the newest article it had.

    ``more`` is what a person types to be shown less sure quotes, too.
    """
    parts: list[RenderableType] = []
    for led, asked in (
        ("Understood as", answer.understood),
        ("Did you mean", answer.did_you_mean),
    ):
        if asked:
            parts.append(Hanging(MARGIN, Text(f"{led}: {visible(asked)}", "italic")))
    for number, each in enumerate(answer.quotes, start=1):
        parts += [quote(each, number, _word(each, answer), context=context), BLANK]
    for pair in answer.conflicts:
        claims = " · ".join(_claim(answer.quotes[number]) for number in pair)
        parts += [headed("The articles differ", f": {claims}"), BLANK]
    if answer.perhaps:
        parts.append(headed("Perhaps", ": nothing is sure enough to be an answer."))
        for number, each in enumerate(answer.perhaps, start=1):
            parts += [quote(each, number, "perhaps", context=context), BLANK]
    elif answer.refusal:
        parts += [_refused(answer.refusal, answer.sure_from, more), BLANK]
    for told in answer.unknown_outlets if answer.quotes or answer.perhaps else ():
        parts.append(Hanging(MARGIN, Text(visible(told[:1].upper() + told[1:]))))
    if answer.undated_left_out:
        parts.append(Hanging(MARGIN, Text(left_out(answer.undated_left_out))))
    newest = answer.newest.isoformat() if answer.newest else "none is dated"
    return Group(*parts, Text(f"Newest article: {newest}", "source"))


def quote(quote: Quote, number: int, word: str, *, context: bool = False) -> Group:
    """A quote with its source, place, receipt and confidence, for which there is a ``word``."""
    body = quote.article.text
    dates = [f"“{body[start:end]}” is {day}" for start, end, day in mentioned(quote)]
    sureness, page = f"{word} {quote.confidence:.2f}", to_words(quote.article.url, quote.text)
    known = Text.assemble((sureness, word), (" · ", "source"), facts(quote.article, page, *dates))
    span = f", paragraph {quote.paragraph}, characters {quote.start}-{quote.end}"
    lines = [
        Hanging(Text(f"{number}. ", "heading"), _words(quote, context=context)),
        Hanging(INDENT, known),
        *places(quote.article, INDENT, span),
    ]
    if quote.said_by:
        lines.append(_fact(f"said by {body[slice(*quote.said_by)]}"))
    if quote.against:
        lines.append(_fact(f"the article also says: {body[slice(*quote.against)]}"))
    if quote.also_in:
        lines.append(_fact(f"also in {_carriers(quote)}"))
    return Group(*lines, receipt(str(quote.receipt)))


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


def left_out(undated: int) -> str:
    """That a filter of dates left out what has none."""
    articles = "1 article" if undated == 1 else f"{undated:,} articles"
    were = "was" if undated == 1 else "were"
    return f"{articles} without a date {were} left out; --undated takes them in."


def _refused(refusal: Refusal, sure_from: float, more: str) -> Group:
    """Why nothing was quoted, and what came nearest, or how to see it."""
    lines: list[RenderableType] = [headed("No answer found", f": {visible(refusal.reason)}.")]
    if refusal.missing_words:
        words = ", ".join(visible(word) for word in refusal.missing_words)
        lines.append(Hanging(MARGIN, Text(f"Nowhere in the articles: {words}")))
    if refusal.filtered_words:
        words = ", ".join(visible(word) for word in refusal.filtered_words)
        told = f"In other articles than the filters let through: {words}"
        lines.append(Hanging(MARGIN, Text(told)))
    if refusal.covers:
        first, last = refusal.covers
        lines.append(Hanging(MARGIN, Text(f"The articles searched cover {first} to {last}.")))
    if nearest := refusal.nearest:
        if nearest.confidence >= NEAREST_FROM:
            quoted = Hanging(INDENT, Text(visible(nearest.text), "around"))
            lines += [Text("Nearest:"), quoted, receipt(str(nearest.receipt))]
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


def _whole(article: Article, words: Text) -> Group:
    """An article: what is known of it, where it is, and its text."""
    head = (Hanging(MARGIN, facts(article, to_words(article.url, ""))), *places(article, MARGIN))
    return Group(*head, BLANK, Hanging(MARGIN, words))


def _fact(text: str) -> Hanging:
    return Hanging(INDENT, Text(visible(text), "source"))


def _carriers(quote: Quote) -> str:
    """The other articles with these words; how many outlets, how many independent reports."""
    others = "; ".join(f"{each.outlet or location(each)}: {each.title}" for each in quote.also_in)
    articles = (quote.article, *quote.also_in)
    outlets = {each.outlet or each.id for each in articles}
    count = f"{len(outlets)} outlets" if len(outlets) > 1 else f"{len(articles)} reports"
    return f"{others} ({count}, {quote.voices} independent)"
