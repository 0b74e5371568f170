"""A sentence of an article -> which of the three before it say whom and what it is about.

"He resigned on Friday" needs the sentence that says who he is, "the airline" the one that names it,
a quotation the one that says who speaks. What is shown is the sentence that holds the name, not all
up to it. A sentence that names what it is about needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.english.discourse import Stretch, View
from index.english.lexicon import DATES, LEAD_IN, listed
from index.english.nouns import COMPANIES, HE, IT, PRONOUNS, QUOTED, SHE, Kind, Token, kind, tokens
from index.english.speech import attributing
from index.english.words import FUNCTION

REACH = 3
"""How many sentences before are looked at."""
_READ = 80  # tokens of a sentence in which names are looked for

_DEMONSTRATIVE = listed("this these those that such both neither none")
_POSSESSIVE = listed("his her its their")
_WHEN = listed("earlier later last this next in on")
_LINKS = listed("but and however so or yet still also then meanwhile nevertheless instead moreover")
# "The airline", "the report": what was named before. Not "the government", "the world".
_LEANING = COMPANIES | listed(
    """
    spokesman spokeswoman official officials report survey study agreement accord deal plan plans
    proposal proposals move decision bill law offer bid merger acquisition purchase sale project
    programme program service system tax fee loan issue facility bonds notes shares increase
    increases rise fall drop decline reduction reductions change changes figure figures result
    results announcement meeting talks conference exhibition tour album song film movie book show
    game title award awards article letter statement indictment lawsuit suit case ruling judgement
    order contract site website software technology device gadget tool virus bug worm watchdog
    union unions team side club clubs band group duo trio pair couple sisters brothers twins singer
    actor actress star player striker defender winger midfielder champion duo author writer director
    minister secretary chancellor president premier mayor analyst economist trader lawyer judge
    man woman men women boy girl couple family victim victims suspect suspects mp senator
    two three four former latter same attack strike storm quake crash explosion blast loophole
    expo drilling well mine plant factory refinery pipeline ship vessel plane aircraft organisation
    organization agency department ministry commission committee council board court subcommittee
    sources dealers traders tags transaction buyout cause winner incident allegations charges claims
    researchers scientists institute university school schools college newspaper paper magazine
    """
)
_HUMAN = listed("pair couple duo trio sisters brothers twins singer actor actress star")
_LIGHT = listed("first second third latest new two three four other whole entire same private")
_TELLING = listed("of in for by to")
"""Behind a noun, they say which one it is."""
_AGAIN = re.compile(
    r"\b(?:the (?:next|following|same|previous) (?:day|week|month|year|morning|night)"
    r"|that (?:day|week|night|year)|in (?:his|her|their|its) place"
    r"|a (?:day|week|month|year) (?:later|earlier))\b",
    re.IGNORECASE,
)


def lead(text: str, sentences: Sequence[Stretch], number: int) -> tuple[int, ...]:
    """The sentences before ``number`` that hold the names it leaves out, in order; often none.

    >>> from index.english.segment import segment
    >>> text = "Ann Lee runs the bank. Rates rose. She resigned on Friday."
    >>> lead(text, segment(text), 2)
    (0,)
    """
    view = View(text, sentences)
    if number == 0:
        return ()
    found: list[int] = []
    if view.within(number) and view.attribution(number) is None:
        other = attributing(view, number)
        at = number - 1 if other is None else other[0]
        mention = None if other is None else other[1]
        found.append(_named(view, at, view.words(mention) if mention else []))
    else:
        subject = _leaning_subject(view, number)
        mention = view.attribution(number)
        said = view.words(mention) if mention else []
        if subject:
            found.append(_holder(view, number, subject))
        if said and _spoken_of(view, number, said):
            found.append(_person(view, number))
        if said and (subject is None or said != subject) and _leans(said):
            found.append(_holder(view, number, said))
        if not found and _AGAIN.search(text, sentences[number].start, sentences[number].end):
            found.append(number - 1)
    return tuple(sorted({at for at in found if number - REACH <= at < number}))


def _leaning_subject(view: View, number: int) -> list[str] | None:
    """The words of the subject that names nothing by itself: "he", "his party", "the airline"."""
    found = [token for token in view.tokens(number) if token.word or token.text == ","]
    at = 0
    while at < len(found) and (found[at].text.casefold() in _LINKS or found[at].text == ","):
        at += 1
    words = [token for token in found[at : at + 40] if token.word]
    if not words:
        return None
    while len(words) > 1 and words[0].text.casefold() in _WHEN and words[1].text in DATES | _WHEN:
        at, words = at + 1, words[1:]
    if words[0].text in DATES:
        at, words = at + 1, words[1:]
    if not words:
        return None
    this = [word.text.casefold() for word in words[:2]]
    if this[0] in LEAD_IN and (this[0] != "this" or this[1:] in (["week"], ["month"], ["year"])):
        at = _behind_lead_in(found, at)
        words = [token for token in found[at : at + 12] if token.word]
        if any(token.capital for token in found[1:at] if token.text not in DATES):
            return None
    return _start(words)


def _spoken_of(view: View, number: int, speaker: Sequence[str]) -> bool:
    """Whether the speaker speaks of "him" or "her", and nobody else is named."""
    if any(not set(name) <= set(speaker) for name in _names(view, number)):
        return False
    for quoted in view.tokens(number):
        if quoted.text == QUOTED:
            words = [token for token in tokens(view.text, quoted.start, quoted.end) if token.word]
            about = next((n for n, each in enumerate(words) if each.text.casefold() in HE | SHE), 0)
            named = any(each.capital and not each.text.startswith("I") for each in words[1:about])
            if words and (about or words[0].text.casefold() in HE | SHE) and not named:
                return True
    return False


def _behind_lead_in(found: Sequence[Token], at: int) -> int:
    """Where the subject begins behind "In 1972,"; "Under the law," leans itself."""
    comma = next((n for n in range(at, min(len(found), at + 14)) if found[n].text == ","), None)
    inside = [token.text.casefold() for token in found[at : comma if comma is not None else at + 4]]
    for n, word in enumerate(inside[:-1]):
        if word == "the" and inside[n + 1] in _LEANING and n + 2 >= len(inside):
            return at + n
    return at if comma is None else comma + 1


def _start(words: Sequence[Token]) -> list[str] | None:
    """The leaning words that a clause begins with, or None."""
    low = [token.text.casefold() for token in words[:6]]
    if not low:
        return None
    first = low[0]
    if first in PRONOUNS | _POSSESSIVE or first in ("it's", "he's", "she's", "they're", "it’s"):
        return [first.partition("'")[0].partition("’")[0]]
    if first in _DEMONSTRATIVE:
        if len(words) > 1 and words[1].capital:
            return None  # "Both Babangida and ..."
        return low[:2]
    if first in ("part", "some", "one", "many", "most", "none") and low[1:2] == ["of"]:
        return low[2:4] if low[2:3] and low[2] in _DEMONSTRATIVE | _POSSESSIVE | {"them"} else None
    return _definite(words[:4]) if first == "the" else None


def _definite(words: Sequence[Token]) -> list[str] | None:
    """The words of "the airline", "the two men", where nothing in or behind them says which."""
    low = [token.text.casefold() for token in words]
    for n in range(1, len(words)):
        if words[n].capital:
            return None
        if low[n] in _LEANING:
            behind = words[n + 1] if n + 1 < len(words) else None
            told = behind is not None and (behind.capital or behind.text in _TELLING)
            return None if told else low[: n + 1]
        if low[n] not in _LIGHT and n == 2:
            return None
    return None


def _leans(words: Sequence[str]) -> bool:
    """Whether who is mentioned is not named: "he", "the company"."""
    first, last = words[0].casefold(), words[-1].casefold()
    if len(words) == 1:
        return first in PRONOUNS
    named = any(word[:1].isupper() for word in words[1:])
    return first == "the" and last in _LEANING and not named


def _holder(view: View, number: int, words: Sequence[str]) -> int:
    """The sentence that holds the name of what is meant, at worst the one before."""
    first = words[0].casefold()
    if first in HE | SHE:
        return _person(view, number)
    if first == "the":
        return _thing(view, number, words[-1].casefold())
    return _named(view, number - 1, [])


def _person(view: View, number: int) -> int:
    """The nearest sentence before that names a person, outside quotations."""
    for at in range(number - 1, max(number - REACH, 0) - 1, -1):
        if view.within(at):
            continue
        mention = view.attribution(at)
        said = view.words(mention) if mention else ["he"]
        if said[0].casefold() not in PRONOUNS and kind(said) is Kind.PERSON:
            return at
        if any(view.may_be_person(name) for name in _names(view, at)):
            return at
    return number - 1


def _names(view: View, number: int) -> Iterator[list[str]]:
    """The runs of capitalised words of a sentence, calendar and function words aside."""
    run: list[str] = []
    for token in (*view.tokens(number)[:_READ], Token(".", 0, 0)):
        low = token.text.casefold()
        if token.word and token.capital and low not in FUNCTION | LEAD_IN and low not in _LINKS:
            run.append(token.text)
        elif run:
            if run[0] not in DATES and not (len(run) == 1 and run[0].isupper()):
                yield run
            run = []


def _thing(view: View, number: int, noun: str) -> int:
    """The nearest sentence before that has the noun, or that names a company for "the company"."""
    stem = noun[:-1] if noun.endswith("s") else noun
    first = max(number - REACH, 0)
    if noun in _HUMAN:
        return number - 1
    if noun not in COMPANIES and noun not in ("spokesman", "spokeswoman"):
        for at in range(number - 1, first - 1, -1):
            low = [token.text.casefold() for token in view.tokens(at)]
            if any(word.startswith(stem) for word in low):
                return _named(view, at, [])
        return number - 1
    for at in range(number - 1, first - 1, -1):
        where = view.subject(at) or view.attribution(at)
        words = view.words(where) if where is not None else ["it"]
        if words[-1][:1].isupper() and not view.may_be_person(words):
            return at
    return number - 1


def _named(view: View, at: int, words: Sequence[str]) -> int:
    """The sentence ``at``, or one before it where it leans itself and another holds the name."""
    while at and view.within(at):
        at, words = at - 1, []
    leaning = _leaning_subject(view, at) if not words else (list(words) if _leans(words) else None)
    if leaning and at and (leaning[0] in HE | SHE | IT or leaning[0] in _POSSESSIVE):
        if leaning[0] in HE | SHE:
            return _person(view, at)
        return at - 1
    return at
