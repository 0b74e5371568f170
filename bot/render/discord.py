"""Answer -> what Discord is sent: texts and buttons by Components V2; pure.

``Message`` is what is said; ``bot.discord.views`` makes discord.py's view, and the JSON, of it. No
text is longer than its share of the 4000 characters that Discord allows in a message, so that
nothing must be cut when all is put together. Links are buttons, so that an address is never read
as Markdown.

The id of a button is ``pq:<action>:<key>:<number>``: ``key`` names the answer where the client
keeps what it posted, ``number`` counts its quotes from 0: of "more" and "back" it is the quote to
show, of a refusal the nearest sentence is number 0. ``ACTIONS`` lists the actions;
"near" is the context of what was checked, and not found by a question, "mean" asks what may have
been meant.

All cards have one design: an edge in a colour, what it is about in bold, what others say in block
quotes, and one line in small print. Days are written so that each reader's Discord shows them in
its own language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.render.discord_text import Span, block_quote, clip, day, line, plain, size
from bot.render.links import to_words
from index.ask.check import Check, Match
from index.ask.source import SourceView
from index.english.dates import mentions
from index.library import Status
from index.records import Answer, Article, Quote, Refusal

ACTIONS = ("ctx", "more", "src", "up", "down", "share", "near", "del", "back", "mean")
CONTEXT, MORE, SOURCE, UP, DOWN, SHARE, NEAR, DELETE, BACK, MEAN = ACTIONS
SURE, FAIR, UNSURE = 0x2E8B57, 0xC9A227, 0x8A8F98
"""Colours of the card's edge: very likely, likely, and all else."""

OPEN = "Open article"
"""What the button beside a text with a link says."""
_LABELS = dict(
    zip(
        ACTIONS,
        (
            *("Context", "More", "Source", "👍", "👎", "Share", "Context", "Delete", "Back"),
            "Did you mean: {}",
        ),
        strict=True,
    )
)

# Shares of the 4000 characters of a message, escapes included; see test_render_discord.py.
_QUESTION = 225
_OFFERED = 150
_LABEL = 80
"""Characters that a button may have."""
_QUOTE = 1600
_LEADING, _LED = 300, len("-# Before it: \n")
_BESIDE = 400
_SHORTER = 600
"""What the quote of a refusal leaves to the reason, so that it is no taller than an answer."""
_DIFFERING = 600
_PASSAGE = 2800
_NEAR = 900
_LEAST = 0.15  # how sure the nearest sentence must be to be shown
_COMPARED = 260
_CHANGED = 1200
_TITLE = 250
_AUTHOR = 60
_NAME = 80
_REASON = 350
_FEW = 150
_MATCHES = 3
_NAMES = 5
_DATES = 3
_CLAIMS = 2


_FOUND = {
    "exact": ("**Word for word** in {}, the earliest first", SURE),
    "part": ("**Word for word** in {}, the earliest first; the sentence says more, in bold", FAIR),
    "near": ("**Nearly so** in {}, the nearest first; what differs is bold", FAIR),
}
_TURNED = ("These words stand in {}, but **the sentence may turn them round**", UNSURE)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Discord's Markdown, and the address that a button beside it opens, if any."""

    markdown: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A grey button; ``custom_id`` comes back when it is pressed."""

    label: str
    custom_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, in a card: the texts one below the other, then the buttons in rows.

    ``accent`` is the colour of the card's edge, as 0xRRGGBB.
    """

    texts: tuple[Text, ...]
    buttons: tuple[Button, ...] = ()
    accent: int = UNSURE

    @property
    def rows(self) -> tuple[tuple[Button, ...], ...]:
        """The buttons, five in a row as Discord wants it."""
        return tuple(self.buttons[at : at + 5] for at in range(0, len(self.buttons), 5))


# What is said


def question(question: str) -> Message:
    """What was asked, where the answer is given in a thread."""
    return Message((Text(f"{_bold(question)}\n{_small('The answer is in the thread')}"),))


def answer(
    answer: Answer, key: str, *, shown: int = 0, private: bool = False, turned: bool = False
) -> Message:
    """The quote number ``shown`` of an answer, or its refusal; further quotes are behind More.

    Where only the asker sees it (``private``), the button Share shows it to all. ``turned``: it is
    a page that somebody who pressed More turned to, and no answer to delete or to ask anew.
    """
    if not answer.quotes:
        return refusal(answer, key, private=private)
    quote = answer.quotes[shown]
    more = len(answer.quotes) > shown + 1
    differing = _differing_from(answer, shown)
    room = _room(quote, differs=bool(differing))
    count = len(answer.quotes)
    facts = [
        _confidence(quote),
        f"Quote {shown + 1} of {count}" if count > 1 else None,
        _said_by(quote),
        _also_in(quote),
        *_dates(quote),
        *_notes(answer),
        _newest(answer),
    ]
    texts = (
        _asked(answer),
        Text(
            _led(quote) + block_quote(quote.text, _highlight(quote), room=room, focus=_focus(quote))
        ),
        *_against(quote),
        _where(quote.article, quote.text, f"paragraph {quote.paragraph}"),
        *differing,
        Text(_grey(*facts)),
    )
    actions = [
        CONTEXT,
        *[BACK] * (shown > 0),
        *[MORE] * more,
        SOURCE,
        UP,
        DOWN,
        *[SHARE] * private,
        *[DELETE] * (private or not turned),
    ]
    buttons = _buttons(actions, key, shown) + (() if turned else _meant(answer, key))
    return Message(texts, buttons, _colour(quote.confidence))


def refusal(answer: Answer, key: str, *, private: bool = False) -> Message:
    """Why nothing is quoted, what was missing, and what came nearest; no taller than an answer."""
    refused = answer.refusal or Refusal("there is nothing to quote")
    told = [f"**No answer found**: {line(refused.reason, _REASON)}."]
    if answer.perhaps:
        told = ["**Perhaps**: nothing is sure enough to be an answer."]
    if refused.missing_words:
        words = line(", ".join(refused.missing_words), _REASON)
        told.append(f"Nowhere in the articles: {words}.")
    if refused.filtered_words:
        words = line(", ".join(refused.filtered_words), _FEW)
        told.append(f"In other articles than the filters let through: {words}.")
    covers = None
    if refused.covers:
        covers = f"The articles searched cover {' to '.join(map(day, refused.covers))}"
    texts = [_asked(answer), Text(_small(" ".join(told)))]
    near = refused.nearest
    if near and near.confidence < _LEAST:  # it has next to nothing to do with the question
        near = None
    if near:
        place = f"{_nearness(answer)} ({near.confidence:.2f}): {_title(near.article)}"
        facts = _facts(near.article, f"paragraph {near.paragraph}")
        quoted = _led(near) + block_quote(near.text, room=_room(near) - _SHORTER)
        link = to_words(near.article.url, near.text)
        texts += [Text(f"{_small(f'{place} · {facts}')}\n{quoted}", link), *_against(near)]
    newest = _newest(answer) if answer.newest and not refused.covers else None
    notes = _grey(covers, *_notes(answer), newest)
    if notes:
        texts.append(Text(notes))
    actions = [*([CONTEXT, SOURCE] if near else []), UP, DOWN, *[SHARE] * private, DELETE]
    return Message(tuple(texts), _buttons(actions, key, 0) + _meant(answer, key), UNSURE)


def _differing_from(answer: Answer, shown: int) -> list[Text]:
    """What the other quotes answer that don't agree with the one shown, each with its date."""
    pairs = [pair for pair in answer.conflicts if shown in pair]
    if not pairs:
        return []
    numbers = sorted({number for pair in pairs for number in pair} - {shown})
    told = " · ".join(_claim(answer.quotes[each]) for each in (shown, *numbers[:_CLAIMS]))
    return [Text(f"**The articles differ**: {told}")]


def _claim(quote: Quote) -> str:
    """A quote's short answer, with who reports it and when."""
    words = quote.article.text[slice(*(quote.highlight or (quote.start, quote.end)))]
    published = _day(quote.article)
    return f"{line(words, _NAME)} ({line(_name(quote.article), _NAME)}, {published})"


def _against(quote: Quote) -> list[Text]:
    """The sentence that stands against an accusation, if there is one."""
    if quote.against is None:
        return []
    words = block_quote(quote.article.text[slice(*quote.against)], room=_BESIDE)
    return [Text(f"{_small('The article also says:')}\n{words}")]


def _room(quote: Quote, *, differs: bool = False) -> int:
    """What there is for a quote beside what leads to it, stands against it, or differs from it."""
    return (
        _QUOTE - _LEADING * bool(quote.lead) - _BESIDE * bool(quote.against) - _DIFFERING * differs
    )


def _led(quote: Quote) -> str:
    """The sentences before a quote that name whom it speaks of, in small print above it."""
    if not quote.lead:
        return ""
    words = " … ".join(quote.article.text[slice(*span)] for span in quote.lead)
    return f"{_small(f'Before it: {line(words, _LEADING - _LED)}')}\n"


def _said_by(quote: Quote) -> str | None:
    if quote.said_by is None:
        return None
    return f"Said by {line(quote.article.text[slice(*quote.said_by)], _NAME)}"


def _notes(answer: Answer) -> list[str]:
    """What the filters did without a word: names of no outlet, articles without a date."""
    notes = []
    if answer.unknown_outlets and (answer.quotes or answer.perhaps):  # else it is the reason
        told = line("; ".join(answer.unknown_outlets), _FEW)
        notes.append(told[:1].upper() + told[1:])
    if count := answer.undated_left_out:
        articles = "1 article" if count == 1 else f"{count:,} articles"
        were = "was" if count == 1 else "were"
        notes.append(f"{articles} without a date {were} left out; undated takes them in")
    return notes


def _nearness(answer: Answer) -> str:
    return "It may be this" if answer.perhaps else "Nearest, but not sure enough"


def context(quote: Quote, key: str, *, number: int = 0) -> Message:
    """A quote, in bold, among the sentences around it."""
    before, after = quote.before.lstrip(), quote.after.rstrip()
    span = len(before), len(before) + len(quote.text)
    shown = block_quote(before + quote.text + after, [span], room=_PASSAGE, focus=span)
    texts = (
        _head(quote.article, quote.text, f"paragraph {quote.paragraph}"),
        Text(shown),
    )
    return Message(texts, _buttons((SOURCE,), key, number))


def near(view: SourceView) -> Message:
    """A passage in bold, among what stands around it in the article."""
    return source(view, room=_NEAR)


def source(view: SourceView, *, room: int = _PASSAGE) -> Message:
    """The article with the quote in bold, as much of it as there is room for."""
    text, span = view.article.text, (view.start, view.end)
    texts = [
        _head(view.article, text[view.start : view.end], _characters(text)),
        Text(block_quote(text.rstrip(), [span], room=room, focus=span)),
    ]
    if view.withdrawn:
        texts.insert(0, Text("**This article is gone from the index since it was quoted.**"))
    elif view.current:
        texts.insert(0, Text("**This article has changed since**; this is as it was quoted."))
    if view.weak:
        texts.insert(
            0, Text("-# This answer is of an earlier version; ask anew for a safe receipt.")
        )
    return Message(tuple(texts))


def check(check: Check, key: str) -> Message:
    """Whether a text stands in the articles, where, and what differs; the buttons are of the first.

    ``key`` names the passages where the client keeps them.
    """
    if not check.matches:
        told = "**Nowhere in the articles**, not even nearly:"
        return Message((Text(f"{told}\n{block_quote(check.text, room=_QUOTE)}"),), accent=UNSURE)
    count = len(check.matches)
    articles = "one article" if count == 1 else f"{count} articles"
    told, colour = _FOUND[check.found]
    if check.found != "near" and not check.exact:
        told, colour = _TURNED
    told = told.format(articles)
    texts = [Text(told)]
    for match in check.matches[:_MATCHES]:
        texts.append(Text(_compared(check.text, match, _COMPARED)))
        start, end = match.spans[0] if match.spans else (match.start, match.end)
        texts.append(_where(match.article, match.article.text[start:end]))
    if count > _MATCHES:
        names = (_name(match.article) for match in check.matches[_MATCHES:])
        texts.append(Text(_small(f"and in {_named(names)}")))
    return Message(tuple(texts), _buttons((NEAR, SOURCE), key, 0), colour)


def changed(view: SourceView, now: Match | None) -> Message:
    """That a quoted article has changed: the quote as it was, and ``now``, what it became.

    ``now`` is where the article holds the quote today; None if it nowhere nearly does.
    """
    quote = view.article.text[view.start : view.end]
    if view.withdrawn:
        told = "**Withdrawn**: the article is no longer among the articles. It was quoted:"
        body = block_quote(quote, room=_QUOTE)
    elif view.current is None:
        told = "**As quoted again**: the article was changed, and changed back. It says:"
        body = block_quote(quote, room=_QUOTE)
    elif now is None:
        told = "**Corrected**: the article was changed, and no longer says:"
        body = block_quote(quote, room=_QUOTE)
    elif now.kind == "exact" and not now.turned:
        told = "**Changed**: the article was changed elsewhere; these words still stand in it:"
        body = block_quote(quote, room=_QUOTE)
    else:
        told = "**Corrected**: the article was changed. What differs is bold."
        body = _compared(quote, now, _CHANGED, asked="It said", found="It says now")
    where = _where(
        view.current or view.article, now.article.text[now.start : now.end] if now else ""
    )
    return Message((Text(told), Text(body), where), accent=FAIR)


def corrected(question: str, key: str, view: SourceView, now: Match | None) -> Message:
    """What takes the place of an answer: its question, what changed, and the way to the source."""
    change = changed(view, now)
    texts = (Text(_bold(question)), *change.texts)
    return replace(change, texts=texts, buttons=_buttons((SOURCE, DELETE), key, 0))


def busy(position: int) -> Message:
    """That the question waits, and how many are before it."""
    return notice(f"Busy: you are number {position} in line. The answer will stand here.")


def notice(words: str) -> Message:
    """Words of the bot itself, shown as they are."""
    return Message((Text(clip(words.strip(), _PASSAGE) or "-"),))


def status(status: Status) -> Message:
    """What the index holds, a fact a line."""
    covers = " to ".join(map(day, status.covers)) if status.covers else "no article is dated"
    facts = {
        "Articles": f"{status.articles:,}",
        "Sentences": f"{status.sentences:,}",
        "Dates": covers,
        "Outlets": _named(status.outlets) or "none named",
    }
    told = "\n".join(f"{name}: {fact}" for name, fact in facts.items())
    small = _grey(f"Revision {status.revision}", f"{status.size_bytes / 1e6:,.1f} MB")
    return Message((Text(f"**What I answer from**\n{told}"), Text(small)), accent=SURE)


# Parts of it


def _asked(answer: Answer) -> Text:
    """The question, how it was understood where that is otherwise.

    What may have been meant is on a button; here, too, where a button is too short for it.
    """
    understood = answer.understood and f"Understood as: {line(answer.understood, _QUESTION)}"
    meant = answer.did_you_mean or ""
    offered = None if _fits(meant) else f"Did you mean: {line(meant, _OFFERED)}"
    small = _small(understood, offered)
    return Text(_bold(answer.question) + (f"\n{small}" if small else ""))


def _bold(title: str) -> str:
    """What a card is about."""
    return f"**{line(title, _QUESTION) or '-'}**"


def _meant(answer: Answer, key: str) -> tuple[Button, ...]:
    """The button that asks what may have been meant."""
    if not answer.did_you_mean:
        return ()
    label = _LABELS[MEAN].format(plain(answer.did_you_mean))
    label = label if _fits(answer.did_you_mean) else f"{label[: _LABEL // 2 - 1]}…"
    return (Button(label, f"pq:{MEAN}:{key}:0"),)


def _fits(meant: str) -> bool:
    return size(_LABELS[MEAN].format(plain(meant))) <= _LABEL


def _where(article: Article, words: str, place: str | None = None) -> Text:
    """Title, author, outlet, date and place, and the way to the page."""
    told = f"{_title(article)}\n{_small(_facts(article, place))}"
    return Text(told, to_words(article.url, words))


def _head(article: Article, words: str, place: str) -> Text:
    """The same where the card is about the article: its title in bold."""
    told = f"**{_title(article)}**\n{_small(_facts(article, place))}"
    return Text(told, to_words(article.url, words))


def _title(article: Article) -> str:
    return line(article.title, _TITLE) or line(article.id, _TITLE)


def _facts(article: Article, place: str | None) -> str:
    author = line(article.author, _AUTHOR) if article.author else None
    outlet = line(article.outlet, _NAME) if article.outlet else None
    return " · ".join(part for part in (author, outlet, _day(article), place) if part)


def _compared(
    given: str, match: Match, room: int, *, asked: str = "Given", found: str = "Article"
) -> str:
    """The article's sentences; where they are not what was given, that too; the rest in bold."""
    base, text = match.whole[0], match.article.text[slice(*match.whole)]
    if match.kind == "exact":
        return block_quote(text, room=2 * room)
    other = sorted((*match.around, *(each.found for each in match.differences)))
    sides = (
        (asked, given, [each.asked for each in match.differences]),
        (found, text, [(start - base, end - base) for start, end in other]),
    )
    # What turns the words round is seen in any case, however long the sentence is.
    turned = next(((start - base, end - base) for start, end in match.turned), None)
    said = [
        f"{name}:\n{_differing(words, spans, room, turned if name == found else None)}"
        for name, words, spans in sides
    ]
    return "\n".join([*said, *_turned(match)])


def _differing(text: str, spans: Sequence[Span], room: int, focus: Span | None) -> str:
    first = next((span for span in spans if span[0] < span[1]), None)
    return block_quote(text, spans, room=room, focus=focus or first)


def _turned(match: Match) -> list[str]:
    """The words in the sentence that may turn round what was looked up, in small print."""
    words = dict.fromkeys(match.article.text[slice(*span)] for span in match.turned[:_NAMES])
    named = line(", ".join(f"“{word}”" for word in words), _NAME)
    return [_small(f"Mind what stands around it: {named}")] if words else []


def _confidence(quote: Quote) -> str:
    words = "Very likely" if quote.confidence >= 0.9 else "Likely"
    words = words if quote.confidence >= 0.7 else "Perhaps"
    return f"{words} ({quote.confidence:.2f})"


def _colour(confidence: float) -> int:
    return SURE if confidence >= 0.9 else FAIR if confidence >= 0.7 else UNSURE


def _highlight(quote: Quote) -> list[Span]:
    return [_focus(quote)] if quote.highlight else []


def _focus(quote: Quote) -> Span:
    """The short answer, in offsets of the quote."""
    start, end = quote.highlight or (quote.start, quote.start)
    return start - quote.start, end - quote.start


def _also_in(quote: Quote) -> str | None:
    """Who else carries the words, and how many of all these reports are no copies."""
    if not quote.also_in:
        return None
    articles = (quote.article, *quote.also_in)
    outlets = {each.outlet for each in articles}
    count = f"{len(articles)} reports"
    if None not in outlets and len(outlets) >= quote.voices:
        count = f"{len(outlets)} outlets"
    names = _named(_name(each) for each in quote.also_in)
    return f"Also in {names} · {count}, {quote.voices} independent"


def _name(article: Article) -> str:
    return article.outlet or article.title or article.id


def _named(names: Iterable[str]) -> str:
    """Names, each once, and how many more there are."""
    unique = list(dict.fromkeys(names))
    told = ", ".join(line(each, _NAME) for each in unique[:_NAMES])
    return f"{told} and {len(unique) - _NAMES} more" if len(unique) > _NAMES else told


def _dates(quote: Quote) -> list[str]:
    """What the weekdays of the quote mean, by the date of its article."""
    text = quote.text[:_QUOTE]  # no more of it is shown
    meant = {text[start:end]: when for start, end, when in mentions(text, quote.article.published)}
    return [
        f"“{line(words, _NAME)}” is {day(when)}" for words, when in list(meant.items())[:_DATES]
    ]


def _day(article: Article) -> str:
    return day(article.published) if article.published else "undated"


def _newest(answer: Answer) -> str:
    return f"Newest article: {day(answer.newest) if answer.newest else 'none is dated'}"


def _characters(text: str) -> str:
    return f"{len(text):,} characters"


def _grey(*facts: str | None) -> str:
    """The one line in small print; empty without facts."""
    return _small(" · ".join(filter(None, facts)))


def _small(*lines: str | None) -> str:
    """Lines in small print."""
    return "\n".join(f"-# {each}" for each in lines if each)


def _buttons(actions: Iterable[str], key: str, number: int) -> tuple[Button, ...]:
    numbers = {MORE: number + 1, BACK: number - 1}
    return tuple(
        Button(_LABELS[each], f"pq:{each}:{key}:{numbers.get(each, number)}") for each in actions
    )
