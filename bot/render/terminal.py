"""Answer -> text for a terminal, as rich ``Text``: styled, never interpreted as markup.

Characters that would move the cursor, colour the screen or turn the direction of writing are shown
as signs, so that what the reader sees is what the article says.
"""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from index.library import SourceView, Status
from index.records import Answer, Article, Quote, Refusal

_SIGNS = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    **dict.fromkeys((0x7F, *range(0x80, 0xA0)), 0xFFFD),
    # Embeddings, overrides and isolates of the bidirectional algorithm.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD),
}


def visible(text: str) -> str:
    """The text with control characters replaced by signs, one for one.

    >>> visible("red: \\x1b[31m")
    'red: ␛[31m'
    """
    return text.replace("\r\n", "\n").translate(_SIGNS)


def answer(answer: Answer, *, context: bool = False) -> Text:
    """All of an answer: its quotes, or its refusal, and the newest article it had."""
    text = Text()
    for number, each in enumerate(answer.quotes, start=1):
        text.append(quote(each, number, context=context)).append("\n")
    if answer.refusal:
        text.append(refusal(answer.refusal)).append("\n")
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
    text.append(_marked(quote))
    if context:
        text.append(visible(quote.after.rstrip()), "dim")
    published = quote.article.published.isoformat() if quote.article.published else "undated"
    source = [quote.article.title, quote.article.outlet, published]
    text.append("\n   " + visible(" · ".join(part for part in source if part)), "italic")
    text.append(
        f"\n   {visible(place(quote.article))}, paragraph {quote.paragraph}, "
        f"characters {quote.start}-{quote.end}, confidence {quote.confidence:.2f}"
    )
    for other in quote.also_in:
        text.append(f"\n   also in {visible(other.outlet or place(other))}: {visible(other.title)}")
    text.append(f"\n   receipt {visible(str(quote.receipt))}\n", "dim")
    return text


def refusal(refusal: Refusal) -> Text:
    """Why nothing was quoted, and what came nearest."""
    text = Text("No answer found", "bold").append(f": {visible(refusal.reason)}.\n")
    if refusal.missing_words:
        words = ", ".join(visible(word) for word in refusal.missing_words)
        text.append(f"Nowhere in the articles: {words}\n")
    if refusal.covers:
        first, last = refusal.covers
        text.append(f"The articles cover {first} to {last}.\n")
    if refusal.nearest:
        text.append(f"Nearest, with confidence {refusal.nearest.confidence:.2f}:\n", "dim")
        text.append(f"   {visible(refusal.nearest.text)}\n", "dim")
        text.append(f"   receipt {visible(str(refusal.nearest.receipt))}\n", "dim")
    return text


def source(view: SourceView) -> Text:
    """A whole article with the quoted words marked."""
    text = Text(visible(place(view.article)) + "\n\n", "italic")
    body = view.article.text
    text.append(visible(body[: view.start]))
    text.append(visible(body[view.start : view.end]), "reverse bold")
    text.append(visible(body[view.end :].rstrip("\n"))).append("\n")
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
        "size": f"{status.size_bytes / 1e6:,.1f} MB, {status.encoder_bytes / 1e6:,.1f} of it the "
        "encoder",
    }
    return Text("\n".join(f"{name:10} {visible(str(fact))}" for name, fact in facts.items()))


def place(article: Article) -> str:
    """Where to find an article: its path, short if it is below this folder, or its URL."""
    if article.path is None:
        return article.url or article.id
    path = Path(article.path)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    record = article.id.partition("#")[2]
    return f"{shown}#{record}" if record else str(shown)


def _marked(quote: Quote) -> Text:
    text = Text(style="bold")
    first, last = quote.highlight or (quote.start, quote.start)
    body = quote.article.text
    text.append(visible(body[quote.start : first]))
    text.append(visible(body[first:last]), "reverse")
    text.append(visible(body[last : quote.end]))
    return text
