"""An article -> what it calls by name, how that is written, and whether it is a person.

People type "who did chelsea sack": the article knows that Chelsea is a name. Rules of thumb for
English news; where they don't know, they say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from index.english.words import FUNCTION, words

Gender = Literal["he", "she"]

_CAPITAL = r"(?:[^\W\d_a-z]|[a-z](?=[A-Z]))(?:[\w’'.&-]*\w)?"
NAME = re.compile(rf"(?<![\w’'-]){_CAPITAL}(?:\s+(?:(?:of|the|al-)\s+)*{_CAPITAL})*")
"""Words in a row that begin with a capital; "of" may stand between."""
POSSESSIVE = re.compile(r"['’]s?\Z")
LONGEST = 5  # words of a name
_WORD = re.compile(r"\w(?:[\w’'.&-]*\w)?")
_BEGINNING = re.compile(r"(?:\A|[.!?:“\"”])[\s'‘’]*\Z")
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Sir|Lady|Lord|Dame|Dr)\.?"
_ROLE = r"""(?i:president|minister|secretary|senator|governor|chancellor|ambassador|judge|gen\.
    |col\.|captain|coach|manager|boss|striker|midfielder|defender|goalkeeper|champion|chair(?:wo)?man
    |chief[ ]executive|spokes(?:wo)?man|director|analyst|attorney|singer|act(?:or|ress)|author|star
    |film-maker|student|leader|officer|economist|founder|prince(?:ss)?|king|queen)"""
_ORGANISATION = re.compile(
    r"""\b(?:inc|corp|corporation|co|ltd|plc|group|bank|university|city|united|council|commission
    |court|party|union|association|federation|company|department|ministry|observatory|nations
    |government|agency|committee|club|league|cup|street|studios|pictures|systems|airlines|forces
    |north|south|east|west|new|old|world)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_HE, _SHE = words("he his him"), words("she her hers")
_SIR, _MADAM = words("mr sir lord"), words("mrs ms miss lady dame")
_VOTES_WITHIN = 150  # characters behind a name


@dataclass(frozen=True)
class Names:
    """The names of one article's text, found when they are needed."""

    text: str

    def cased(self, question: str) -> str:
        """A question with the names of the article written as they are there.

        >>> Names("Yesterday Chelsea sacked Mutu.").cased("who did chelsea sack")
        'who did Chelsea sack'
        """
        tokens = list(_WORD.finditer(question))
        pieces, done, at = [], 0, 0
        while at < len(tokens):
            for size in range(min(LONGEST, len(tokens) - at), 0, -1):
                typed = question[tokens[at].start() : tokens[at + size - 1].end()]
                bare = POSSESSIVE.sub("", typed)
                if written := self._written.get(" ".join(bare.casefold().split())):
                    pieces += [question[done : tokens[at].start()], written, typed[len(bare) :]]
                    done, at = tokens[at + size - 1].end(), at + size
                    break
            else:
                at += 1
        return "".join([*pieces, question[done:]])

    def holds(self, phrase: str) -> bool:
        """Whether these words stand in the article in this order, in whatever case."""
        return bool(re.search(rf"\b{re.escape(phrase)}\b", self.text, re.IGNORECASE))

    def mentions(self, word: str) -> bool:
        """Whether a word stands in the article, or one that begins like it."""
        beginning = word[: max(4, len(word) - 3)]
        return bool(re.search(rf"\b{re.escape(beginning)}", self.text, re.IGNORECASE))

    def is_person(self, name: str) -> bool | None:
        """Whether a name is a person's; None where the article does not tell."""
        parts = POSSESSIVE.sub("", name).split()
        if re.fullmatch(_TITLE, parts[0]) or re.match(rf"{_ROLE}\s[A-Z]", name, re.VERBOSE):
            return True
        if _ORGANISATION.search(name) or parts[0].casefold() in FUNCTION or name[-1].isdigit():
            return False
        if name.isupper() and len(name) < 5:
            return False  # "TV", "IFA"
        last = re.escape(parts[-1])
        called = rf"\b(?:{_TITLE}|{_ROLE})\s(?:[A-Z][\w'’-]+\s){{0,2}}?{last}\b"
        if re.search(called, self.text, re.VERBOSE):
            return True
        first = re.escape(parts[0])
        if len(parts) == 2 and re.search(rf"(?<!\b{first}\s)\b{last}\b", self.text):
            return True  # "Adrian Mutu", and elsewhere "Mutu"
        if len(parts) == 1:
            whole = (each for each in self._written.values() if each.endswith(f" {name}"))
            return (
                True
                if any(len(each.split()) == 2 and self.is_person(each) for each in whole)
                else None
            )
        return None

    def gender(self, name: str) -> Gender | None:
        """By the title of a person, or the pronouns that follow the name; None if they tie."""
        last = re.escape(POSSESSIVE.sub("", name).split()[-1])
        votes: Counter[Gender] = Counter()
        for match in re.finditer(rf"(?:\b(\w+)\.?\s)?\b{last}\b", self.text):
            behind = self.text[match.end() : match.end() + _VOTES_WITHIN]
            title = (match[1] or "").casefold()
            heard = (word.casefold() for word in re.findall(r"\b\w+\b", behind))
            pronoun = next((word for word in heard if word in _HE | _SHE), "")
            if title in _SIR | _MADAM or pronoun:
                said = title if title in _SIR | _MADAM else pronoun
                votes["he" if said in _SIR | _HE else "she"] += 1
        if votes["he"] == votes["she"]:
            return None
        return "he" if votes["he"] > votes["she"] else "she"

    @cached_property
    def _written(self) -> dict[str, str]:
        """Every name and part of one, without regard to case, as it is written most often."""
        lower = {word for word in _WORD.findall(self.text) if word.islower()}
        seen: dict[str, Counter[str]] = {}
        for run in self._runs():
            for start in range(len(run)):
                for end in range(start + 1, min(len(run), start + LONGEST) + 1):
                    part = run[start:end]
                    key = " ".join(part).casefold()
                    if part[0].islower() or part[-1].islower() or key in lower:
                        continue
                    seen.setdefault(key, Counter())[" ".join(part)] += 1
        return {key: counts.most_common(1)[0][0] for key, counts in seen.items()}

    def _runs(self) -> Iterator[list[str]]:
        """The words of each name, where it tells something that it begins with a capital."""
        for line in self.text.splitlines():
            if not re.search(r"\b[a-z]{4,}", line):
                continue  # a headline, all in capitals
            for match in NAME.finditer(line):
                run = [POSSESSIVE.sub("", word) for word in match[0].split()]
                if _BEGINNING.search(line, max(0, match.start() - 4), match.start()) and (
                    run[0].casefold() in FUNCTION or len(run) == 1
                ):
                    run = run[1:]
                if run:
                    yield run
