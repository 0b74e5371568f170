"""One sentence -> the words in it that name who says what it says.

Three shapes are read: the speaker first ("Mr Smith said that ..."), last ("..., said Mr Smith",
"..., Mr Smith said") and "according to Mr Smith". What is before the verb must be explained whole
(a lead-in, a noun phrase, something between commas); in doubt the sentence has no speaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from index.english.lexicon import (
    AFTER_TAIL,
    BEGINS_CLAUSE,
    BETWEEN,
    CLAUSE,
    DATES,
    DENIED,
    DETERMINERS,
    ENDS_PHRASE,
    INVERTED,
    LEAD_IN,
    LINKS,
    NOBODY,
    NOUNS_TOO,
    OFFICES,
    PAST,
    SAYING,
    SPEAKING,
    UNSAID,
    WITH_QUOTE,
    WITH_THAT,
    WITH_TO,
)
from index.english.nouns import QUOTED, TITLES, Token

_LONGEST = 14  # words of a noun phrase
_MARKS_BEFORE_TAIL = (",", QUOTED, "--", "-", "–", "—")

Slice = tuple[int, int]


def attributed(sentence: Sequence[Token]) -> Slice | None:
    """Who is named as saying the sentence of these tokens: start and end, or None.

    >>> from index.english.nouns import tokens
    >>> attributed(tokens("Rain is due, said forecaster Ann Lee.", 0, 37))
    (18, 36)
    """
    verbs = [at for at, token in enumerate(sentence) if token.text in SPEAKING]
    for at in reversed(verbs):
        # "Ann Lee, the editor, said the paper ..." looks like "..., said the paper".
        between = at > 1 and sentence[at - 1].text == "," and _head(sentence, at)
        if found := between or _inverted(sentence, at) or _tail(sentence, at):
            return found
    for at in verbs[:3]:
        if found := _head(sentence, at):
            return found
    return _according(sentence)


def _slice(phrase: Sequence[Token]) -> Slice | None:
    """Where a phrase stands, if it can name a speaker."""
    phrase = _trimmed(phrase)
    if not phrase or len(phrase) > _LONGEST or not phrase[0].word or not phrase[-1].word:
        return None
    low = [token.text.casefold() for token in phrase]
    if low[0] in NOBODY | LEAD_IN or any(word in CLAUSE or word in SPEAKING for word in low[:-1]):
        return None
    if low[-1] in (CLAUSE | SPEAKING) - NOUNS_TOO:
        return None
    if any(_verb(a, b) for a, b in pairwise(phrase)):
        return None
    if len(low) == 1 and (low[0] in DETERMINERS or not phrase[0].text[0].isalpha()):
        return None
    if phrase[0].text[0].isdigit() or low[-1] in DETERMINERS | ENDS_PHRASE:
        return None
    return phrase[0].start, phrase[-1].end


def _verb(before: Token, token: Token) -> bool:
    """Whether a word in what should be a noun phrase is its verb: "Fox refused", "plans to"."""
    word = token.text
    if word in PAST or (word == "to" and not before.capital and before.text not in WITH_TO):
        return True
    plural = before.text.endswith("s") and before.text.islower()
    name = before.capital and before.text.casefold() not in DETERMINERS
    return word.islower() and word.endswith("ed") and (name or plural) and len(word) > 4


def _trimmed(phrase: Sequence[Token]) -> Sequence[Token]:
    """Without the day or year behind the name, and without what else follows it."""
    if len(phrase) > _LONGEST:
        lower = (n for n, token in enumerate(phrase) if n > 1 and token.text.islower())
        cut = next((n for n in lower if phrase[n].text.endswith(("ing", "ed"))), len(phrase))
        phrase = phrase[:cut]
    for at, token in enumerate(phrase):
        low, behind = token.text.casefold(), phrase[at + 1 : at + 2]
        if (
            at
            and low in ("in", "on", "last")
            and behind
            and (behind[0].text.isdigit() or behind[0].text in DATES)
        ):
            return phrase[:at]
        # "Dr Ann Lee head of research"
        if (
            at > 1
            and low in OFFICES
            and all(before.capital for before in phrase[:at])
            and behind
            and behind[0].text in ("of", "at", "for")
        ):
            return phrase[:at]
    return phrase


def _inverted(sentence: Sequence[Token], at: int) -> Slice | None:
    """The speaker in ``", said NP"``."""
    if at == 0 or sentence[at - 1].text not in _MARKS_BEFORE_TAIL:
        return None
    if sentence[at].text not in INVERTED:
        return None
    phrase: list[Token] = []
    for token in sentence[at + 1 : at + 2 + _LONGEST]:
        low = token.text.casefold()
        if low in CLAUSE or token.text == QUOTED:
            # "Ann Lee, the editor, said the paper was sold": what is said has a subject, too.
            if sentence[at - 1].text == "," and low not in ("who", "which", "whose"):
                return None
            break
        if not token.word or (low in ENDS_PHRASE and phrase and not _goes_on(phrase, low)):
            break
        phrase.append(token)
    if not phrase or phrase[0].text.casefold() in ENDS_PHRASE | CLAUSE:
        return None
    if sentence[at - 1].text == "," and _has_verb(sentence[at + 1 + len(phrase) :]):
        return None
    return _slice(phrase) if _nominal(phrase) else None


def _has_verb(rest: Sequence[Token]) -> bool:
    """Whether a clause of its own follows, not one about the speaker ("who leads the bank")."""
    for token in rest:
        low = token.text.casefold()
        if low in ("who", "which", "whose", "when", "as", "after", "while", "but", "and"):
            return False
        if low in CLAUSE:
            return True
    return False


def _goes_on(phrase: Sequence[Token], low: str) -> bool:
    """Whether "of", "for", "at" or "and" belong to the noun phrase: "a spokesman for the bank"."""
    if low == "and":
        return phrase[-1].capital and not _full_name(phrase)
    if low not in ("of", "for", "at", "from"):
        return False
    return phrase[-1].text.casefold() in OFFICES or (
        low == "of" and phrase[-1].capital and not _full_name(phrase)
    )


def _full_name(phrase: Sequence[Token]) -> bool:
    """Whether it ends with a first and a last name, or a title and a name."""
    return (
        len(phrase) > 1
        and phrase[-1].capital
        and (phrase[-2].capital or phrase[-2].text.casefold() in OFFICES)
    )


def _nominal(phrase: Sequence[Token]) -> bool:
    """Whether it may be a noun phrase that speaks: a determiner, a name, a pronoun or a plural."""
    if not phrase:
        return False
    low = phrase[0].text.casefold()
    return (
        low in DETERMINERS
        or low in ("he", "she", "it", "they", "police")
        or any(token.capital for token in phrase)
        or (phrase[-1].text.endswith("s") and len(phrase) < 5)
        or any(token.text.casefold() in OFFICES for token in phrase)
    )


def _before(sentence: Sequence[Token], at: int) -> int | None:
    """Where the subject of the verb ends, with what may stand between passed over."""
    end = at
    while end and (
        sentence[end - 1].text in BETWEEN or sentence[end - 1].text.casefold() in BETWEEN
    ):
        end -= 1
    if end == 0 or sentence[end - 1].text.casefold() in UNSAID:
        return None
    return end


def _tail(sentence: Sequence[Token], at: int) -> Slice | None:
    """The speaker in ``", NP said"`` at the end of what is said."""
    end = _before(sentence, at)
    if end is None or not _closes(sentence, at):
        return None
    begin = end
    if sentence[end - 1].text == ",":  # "..., Ann Lee, who leads the bank, said"
        commas = [
            n for n in range(end - 1) if sentence[n].text == "," or sentence[n].text == QUOTED
        ]
        if len(commas) < 2 and not (commas and sentence[commas[-1]].text == QUOTED):
            return None
        quote = max((n for n in range(end) if sentence[n].text == QUOTED), default=None)
        if quote is not None and quote + 1 < end - 1:
            first = quote + 1 + (sentence[quote + 1].text == ",")
            stop = next((n for n in range(first, end) if sentence[n].text == ","), end)
        else:
            first, stop = commas[-2] + 1, commas[-1]
        phrase = sentence[first:stop]
        if not phrase or not all(token.capital or token.text in TITLES for token in phrase[-1:]):
            return None
        return _slice(phrase) if _nominal(phrase) else None
    while begin and sentence[begin - 1].word and end - begin <= _LONGEST:
        begin -= 1
    if begin == 0 or sentence[begin - 1].text not in _MARKS_BEFORE_TAIL:
        return None
    phrase = sentence[begin:end]
    if phrase and phrase[0].text.casefold() in LINKS | ENDS_PHRASE | CLAUSE:
        return None
    return _slice(phrase) if _nominal(phrase) else None


def _closes(sentence: Sequence[Token], at: int) -> bool:
    """Whether the verb ends what it belongs to: nothing, a mark, or where and when behind it."""
    if sentence[at].text in WITH_QUOTE:
        return False
    behind = sentence[at + 1 : at + 3]
    if sentence[at].text in ("told", "tells", "asked"):
        rest = sentence[at + 1 :]
        return (
            not any(
                token.text in (":", QUOTED) or token.text.casefold() in CLAUSE
                for token in rest[:12]
            )
            and len(rest) < 14
        )
    after_quote = any(token.text == QUOTED for token in sentence[:at])
    if sentence[at].text in WITH_THAT and behind and not after_quote:
        return behind[0].text in (".", "!", "?", ",")
    if not behind or not behind[0].word:
        return not behind or behind[0].text not in (":", QUOTED)
    return behind[0].text.casefold() in AFTER_TAIL


def _according(sentence: Sequence[Token]) -> Slice | None:
    """The speaker in "according to NP"."""
    for at, (token, behind) in enumerate(pairwise(sentence)):
        if token.text.casefold() == "according" and behind.text == "to":
            phrase: list[Token] = []
            for n, each in enumerate(sentence[at + 2 : at + 3 + _LONGEST], at + 3):
                low = each.text.casefold()
                if not each.word or low in CLAUSE or _ends_name(phrase, each):
                    break
                if low in SPEAKING and n < len(sentence) and sentence[n].word:
                    break  # a verb; "forecasts" at the end is a noun
                if low in ENDS_PHRASE and phrase and not _goes_on(phrase, low):
                    break
                phrase.append(each)
            plan = phrase and phrase[-1].text.casefold() in (
                "plan", "plans", "schedule", "law", "terms", "rules", "need", "size", "type",
            )  # fmt: skip
            if phrase and not plan and (at == 0 or sentence[at - 1].text in _MARKS_BEFORE_TAIL):
                return _slice(phrase)
            return None
    return None


def _ends_name(phrase: Sequence[Token], token: Token) -> bool:
    """Whether a word can't belong to the name before it: a figure, "gathered"."""
    low = token.text
    return bool(phrase) and (low[0].isdigit() or (low.islower() and low.endswith("ed")))


def _head(sentence: Sequence[Token], at: int) -> Slice | None:
    """The speaker in "NP said ...", with everything before the verb explained."""
    if not _opens(sentence, at):
        return None
    end = _before(sentence, at)
    if end is None:
        return None
    begin = _lead_in(sentence, end)
    stop = next((n for n in range(begin, end) if not sentence[n].word), end)
    phrase = sentence[begin:stop] if stop == end else _set_off(sentence, begin, stop, end)
    return _slice([token for token in phrase if token.word]) if _nominal(phrase) else None


def _set_off(sentence: Sequence[Token], begin: int, stop: int, end: int) -> Sequence[Token]:
    """The subject where something between commas follows it: "Ann Lee, who leads the bank, said".

    All of it where the name is what is set off: "the party's leader, Ann Lee, said".
    """
    phrase, closed = sentence[begin:stop], sentence[end - 1].text in (",", ")")
    inner = sentence[stop + 1 : end - closed]
    if (
        not phrase
        or sentence[stop].text not in (",", "(")
        or any(token.text in SAYING for token in inner)
    ):
        return []
    if not inner or (not closed and not _office(phrase, inner)):
        return []
    named = all(token.capital or token.text in (",", "and", "of") for token in inner)
    office = any(token.text in OFFICES for token in phrase)
    if closed and named and (office or not phrase[-1].capital):
        return sentence[begin : end - 1]
    return phrase


def _office(phrase: Sequence[Token], inner: Sequence[Token]) -> bool:
    """Whether an office follows a name and its comma was left out: "Ann Lee, head of X said"."""
    full = len(phrase) > 1 and all(token.capital for token in phrase)
    return full and inner[0].text.casefold() in OFFICES | DETERMINERS | {"vice", "executive"}


def _opens(sentence: Sequence[Token], at: int) -> bool:
    """Whether what follows the verb is what is said."""
    verb, behind = sentence[at].text, sentence[at + 1 : at + 5]
    if verb in SAYING:
        return bool(behind)
    words = [token.text.casefold() for token in behind]
    rest = sentence[at + 1 :]
    if verb in WITH_THAT:
        if verb in ("denied", "denies") and words and _of_denial(words[0]):
            return True
        return words[:1] in ([QUOTED], *([word] for word in BEGINS_CLAUSE)) or words[:2] in (
            ["out", "that"],
            ["last", "week"],
            [",", QUOTED],
        )
    quoted = any(token.text == QUOTED for token in rest)
    return quoted or (verb in ("called", "calls") and words[:1] in (["for"], ["on"]))


def _of_denial(word: str) -> bool:
    return word.endswith("ing") or word in DENIED


def _lead_in(sentence: Sequence[Token], end: int) -> int:
    """Where the subject begins: behind "But", "However,", "In a speech on Tuesday,"."""
    begin = 0
    while begin < end and sentence[begin].text.casefold() in LINKS:
        begin += 1
        if begin < end and sentence[begin].text == ",":
            begin += 1
    dash = next((n for n in range(min(end, 5)) if sentence[n].text in ("-", "--")), None)
    if (
        begin == 0
        and dash
        and all(token.text.isupper() or not token.word for token in sentence[:dash])
    ):
        begin = dash + 1  # "TORONTO - "
    first = sentence[begin].text.casefold() if begin < end else ""
    if (
        first in ("in", "on", "last", "earlier")
        and begin + 2 < end
        and (sentence[begin + 1].text in DATES or sentence[begin + 1].text[0].isdigit())
    ):
        begin += 2
        first = sentence[begin].text.casefold()
        if first == ",":
            return begin + 1
    if first in LEAD_IN or first.endswith("ing"):
        commas = [n for n in range(begin, end - 1) if sentence[n].text == ","]
        # The last comma that leaves a plain noun phrase: "After a day, and a night, he said".
        if commas:
            begin = commas[-1] + 1
    while begin < end and sentence[begin].text.casefold() in LINKS:
        begin += 1
    return begin
