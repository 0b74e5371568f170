"""Text -> sentence spans, and the one place that knows where English news sentences end.

A full stop, question mark, exclamation mark or ellipsis *may* end a sentence; the word
before it and the word behind it decide. In doubt nothing is cut: a quotation that is too
long still holds the answer, half a sentence may not. Written for English; other
languages and scripts are cut at their stops, without knowledge of their abbreviations.

Every pattern here is possessive or bounded, so the time is linear in the text. A sentence has an
end in any case: what goes on for longer than ``LONGEST`` is a table or a list, and is cut at a
space, so that whoever looks through a sentence looks through no more than that.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A sentence: code points ``start`` to ``end`` of the text, in line ``paragraph``."""

    start: int
    end: int
    paragraph: int


LONGEST = 4000
"""Characters of a sentence. The longest of 40,000 articles that was one has a thousand."""


def segment(text: str) -> list[Span]:
    """Return the sentences of ``text`` in order.

    Every character that is not whitespace lies in exactly one span; no span starts or
    ends with whitespace, or crosses the end of a line (as ``str.splitlines`` has it).
    A line with anything on it is a paragraph, numbered from 0.

    >>> segment("The U.S. won. “Why?” he asked.")
    [Span(start=0, end=13, paragraph=0), Span(start=14, end=30, paragraph=0)]
    """
    spans: list[Span] = []
    offset = paragraph = 0
    for line in text.splitlines(keepends=True):
        if body := line.strip():
            start = offset + len(line) - len(line.lstrip())
            spans += (Span(start + a, start + b, paragraph) for a, b in _bounded(body))
            paragraph += 1
        offset += len(line)
    return spans


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name follows these, or a number: they end no sentence.
_LEADING = _words(
    """
    Mr Mrs Ms Mx Messrs Mme Mmes Mlle Dr Drs Prof Profs Gen Gens Brig Col Cols Maj Capt
    Lt Sgt Cpl Pvt Pfc Adm Cmdr Cdr Rev Fr Sen Sens Rep Reps Gov Govs Pres Amb Atty Supt
    Insp Det Hon Asst Ste Chas Geo Wm Thos v vs Vs lit a.k.a e.g i.e cf viz approx ca
    """
)

# Nothing but a number makes these abbreviations: "No. 10", but "He said no."
_NUMBERED = _words("No Nos no nos Vol Vols vol vols Fig Figs fig figs Sec Art Ch ch par para p pp")
_NUMBER = re.compile(r"#?\d|[IVX]{2,5}\b|(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b")

# "5 p.m. Monday", "5 p.m. EST", "5 p.m. Tokyo time" go on, "5 p.m. Police said" does not.
_CLOCK = _words("a.m p.m")
_AFTER_CLOCK = re.compile(
    r"(?:[A-Z]{2,4}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]{1,15}\s[Tt]ime"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Eastern|Central|Pacific|\(\d{3,4})\b"
)

# These, initials and "U.S." end a sentence only before a word that opens sentences.
_OPEN_ENDED = _words(
    """
    Inc Corp Co Cos Ltd Plc Bros Assn Intl Natl Dept Univ Inst Mfg Pharm Jr Sr Esq Alex Rt
    inc corp co ltd plc dept univ est etc al ed eds
    St Ave Blvd Rd Hwy Rte Mt Mts Ft Pt Sq
    Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo
    Mont Neb Nev Okla Ore Pa Penn Tenn Tex Va Vt Wash Wis Wyo Ont Que
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri
    """
)
_DOTTED = re.compile(r"[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
# Reuters writes "the U.S. And Japan", "the U.S. Will": only words that begin a main clause
# open a sentence here, or a phrase that a comma sets off ("On May 29, Yeltsin ...").
_SUBJECTS = _words(
    """
    A An Another Both But Her Here He His How However I In Indeed Instead It Its Many Meanwhile
    Moreover My Neither Nevertheless Nobody Nothing One Others Our Perhaps Several She Some The
    Their There These They This Those We What Why Yes Yet You Your
    """
)
_PHRASES = _words(
    """
    According After Although Among As At Because Before By Despite During Earlier Even For From
    If Last Later Like Of On Once Since So Still Then Though Through Thus To Under Unless Until
    When While With Within Without
    """
)
_OPENING = re.compile(
    rf"[\"'`“‘]*+(?:(?:{'|'.join(_SUBJECTS)}|That['’]s)(?=[\s,:'’])"
    rf"|(?:{'|'.join(_PHRASES)})\b[^.?!,]{{0,60}},)"
)

# Longer words are no abbreviations.
_LONGEST = 16
_LAST_WORD = re.compile(r"(?<![\w=@])[^\W_]++(?:[.'’][^\W_]++)*+\Z")

_STOP = re.compile(
    r"""(?P<marks> [.?!…؟۔।॥。！？｡]++ )
        (?P<close> (?: ["'`”’»›)\]}」』）】] | \s[”»] )*+ )
        (?P<gap> \s*+ )""",
    re.VERBOSE,
)
_FULL_WIDTH = "。！？｡"  # no space follows these

# "1." and "IV." number a sentence, and "..." may begin one; neither ends it.
_NUMBERING = re.compile(r"\W*(?:\d{1,3}|[IVX]{1,5}|[^\W\d_])?")

# How a sentence may begin: dashes, bullets, "(2) ", "b) ", quotes, brackets and an ellipsis
# first; then a letter (in lower case only iPhone, eBay, al-Qaeda and their like), a digit or
# a sign. Never with Inc: "Yahoo! Inc. fell", "Philip Morris Cos. Inc."
_BEGINNING = re.compile(
    r"""(?: [-–—•*·]++\s*+ | \(?[^\W_]{1,2}\)\s++ | ["'`“‘„«‹(\[{¿¡「『（] )*+
        (?: (?:\.\.\.?|…) \s? )?
        (?! (?:Inc|Corp|Cos?|Ltd|Plc|LLC|Jr|Sr|INC|CORP|CO|LTD|PLC)\b )
        (?P<first> [a-z]{1,2}-?[A-Z] | [^\W_] | [$£€¥#@&<] )""",
    re.VERBOSE,
)

# “Why?” Secretary Kerry asked.
_SPEECH = re.compile(
    r"(?:(?:[^\W_][\w'’-]{0,24}|(?:[A-Z][a-z]{0,3}\.){1,4})\s){1,4}"
    r"(?:said|says|asked|asks|added|cried|shouted|wondered|wrote|replied|told)\b"
)

# A stop with no space behind it ends a sentence only between plain words: in "ended.The
# next" and "3.5m.It was", not in U.N.Security, Node.js or www.Example.org.
_GLUED_BEFORE = re.compile(r"(?<![\w.@/])(?:[^\W_]*[a-z]{2}|\d[\d.,]*[a-z%])[)\]]?\Z")
_GLUED_NEXT = re.compile(r"[\"'“‘(\[]?(?:[A-Z][a-z]{1,24}|[AI])(?:['’][a-z]{1,2})?[,.?!]?(?:\s|\Z)")


def _bounded(line: str) -> Iterator[tuple[int, int]]:
    """Cut a line into sentences, and those that are too long into pieces."""
    for start, end in _cut(line):
        begin = start
        while end - begin > LONGEST:
            stop = begin + _piece(line[begin : begin + LONGEST + 1])
            yield begin, stop
            begin = stop
            while line[begin].isspace():
                begin += 1
        yield begin, end


def _piece(text: str) -> int:
    """Where to cut a text, before its last character: at the last space, if that is far enough."""
    whole = text[:-1].rstrip()
    if text[-1].isspace() or len(whole) < len(text) - 1:
        return len(whole)
    words = len(whole.rsplit(maxsplit=1)[0])
    return words if words >= LONGEST // 2 else len(whole)


def _cut(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a line begin and end; no space at the line's ends."""
    start = 0
    for stop in _STOP.finditer(line):
        if stop.end() < len(line) and _ends(line, start, stop):
            yield start, stop.start("gap")
            start = stop.end()
    yield start, len(line)


def _ends(line: str, start: int, stop: re.Match[str]) -> bool:
    """Say whether the sentence that begins at ``start`` ends with ``stop``."""
    marks, close, gap = stop.groups()
    at, behind = stop.start(), stop.end()
    if marks[-1] in _FULL_WIDTH:
        return True
    if at - start < _LONGEST and _NUMBERING.fullmatch(line, start, at):
        return False
    if not gap:
        return _ends_glued(line, start, at, behind)
    if not _may_begin(line, behind):
        return False
    if marks == ".":
        return not _abbreviated(line, start, at, behind)
    if marks[-1] in "?!" and close:
        return not _SPEECH.match(line, behind)
    return True


def _may_begin(line: str, at: int) -> bool:
    """Say whether what stands at ``at`` could be the beginning of a sentence."""
    found = _BEGINNING.match(line, at)
    return found is not None and (len(found["first"]) > 1 or not found["first"].islower())


def _abbreviated(line: str, start: int, at: int, behind: int) -> bool:
    """Say whether the full stop at ``at`` belongs to a word and ends no sentence."""
    last = _LAST_WORD.search(line, max(start, at - _LONGEST), at)
    if not last:
        return False
    word = last[0]
    if word in _LEADING:
        return True
    if word.isupper() and len(word) > 1:
        word = word.capitalize()  # GEN. in a headline is Gen., but MS. and ADM. may end one
    if word in _NUMBERED:
        return bool(_NUMBER.match(line, behind))
    if word.lower().lstrip("0123456789") in _CLOCK:
        return bool(_AFTER_CLOCK.match(line, behind))
    if word in _LEADING or word in _OPEN_ENDED or _DOTTED.fullmatch(word):
        return not _OPENING.match(line, behind)
    return False


def _ends_glued(line: str, start: int, at: int, behind: int) -> bool:
    """Say whether a stop with no space behind it ends a sentence."""
    return bool(
        _GLUED_BEFORE.search(line, max(start, at - _LONGEST), at)
        and _GLUED_NEXT.match(line, behind)
    ) and not _abbreviated(line, start, at, behind)
