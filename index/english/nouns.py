"""Words of a sentence -> tokens, and what kind of thing a noun phrase names: person, group, people.

No grammar is known here, only lists and capitals; in doubt nothing is said. English only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from index.english.lexicon import listed


class Token(NamedTuple):
    """A word, a mark, or a whole quotation (``QUOTED``), in offsets of what was tokenized."""

    text: str
    start: int
    end: int

    @property
    def word(self) -> bool:
        """Whether it is a word or a figure."""
        return self.text[0].isalnum()

    @property
    def capital(self) -> bool:
        """Whether it is written as a name is: ``Kerry``, ``U.S.``, ``al-Qaeda``, ``eBay``."""
        return any(letter.isupper() for letter in self.text[:4])


QUOTED = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
"""The text of the token that stands for words between quotation marks."""

_TOKEN = re.compile(
    r"""(?P<ticker> <[A-Z0-9.]{1,10}> )
    |   (?: [A-Z]\. ){2,6}
    |   (?: Mr | Mrs | Ms | Dr | Sen | Rep | Gov | Gen | Col | Lt | St | Jr | Sr | Prof | Rev )\.
    |   [A-Z]\. (?= [ ][A-Z][a-z] )
    |   [$£€]? \d[\d,.]*+ (?<![.,]) [^\W_]*+ (?: -[^\W_]++ )*+
    |   [^\W_]++ (?: [.'’&/-]{1,2} [^\W_]++ )*+
    |   -- | [^\w\s]""",
    re.VERBOSE,
)


def tokens(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]] = ()) -> list[Token]:
    """The tokens of ``text[start:end]``; each span of ``quoted`` (in order) is one of them.

    Ticker symbols (``<IBM>``) are left out.
    """
    found: list[Token] = []
    at = start
    for quote_start, quote_end in (*quoted, (end, end)):
        found += (
            Token(match[0], *match.span())
            for match in _TOKEN.finditer(text, at, max(at, min(quote_start, end)))
            if not match["ticker"]
        )
        if quote_start < end:
            found.append(Token(QUOTED, quote_start, min(quote_end, end)))
        at = min(quote_end, end)
    return found


class Kind(Enum):
    """What a noun phrase names."""

    PERSON = "person"
    GROUP = "group"  # a company, a court, a paper: "it"
    PEOPLE = "people"  # analysts, the Tories: "they"


HE = listed("he him his himself")
SHE = listed("she her hers herself")
IT = listed("it its itself")
THEY = listed("they them their theirs themselves")
PRONOUNS = HE | SHE | IT | THEY
TITLES = listed(
    """
    Mr Mrs Ms Miss Dr Sir Lord Lady Dame Prof Professor President Chancellor Senator Sen Rep Gov
    Judge Justice Captain Colonel General Gen Col Sheikh King Queen Prince Princess Pope
    """
)
MALE = listed("Mr Sir Lord King Prince")
FEMALE = listed("Mrs Ms Miss Lady Dame Queen Princess")
_ROLES = listed(
    """
    actor actress adviser aide ambassador analyst architect author banker boss broker captain
    chairman chairwoman chancellor chief coach commissioner coordinator councillor dealer defender
    delegate deputy designer diplomat director doctor economist editor executive expert father
    fighter filmmaker founder governor guitarist head husband inspector judge lawyer leader
    lecturer manager mayor minister mother mp officer official owner partner player politician
    premier president prince princess producer professor prosecutor psychologist researcher
    scientist secretary senator singer skipper solicitor spokesman spokesperson spokeswoman
    star strategist striker student teacher trader treasurer winger wife winner writer
    champion midfielder goalkeeper physiotherapist sergeant superintendent veteran youngster
    representative strategist consultant teenager man woman
    """
)
_GROUPS = listed(
    """
    administration agency airline alliance association authority bank board body broadcaster
    brokerage bureau cabinet campaign charity club coalition commission committee company
    confederation consortium corporation council court department embassy exchange federation firm
    force foundation fund giant government group house institute institution insurer label lawsuit
    magazine maker manufacturer ministry network newspaper office organisation organization panel
    paper parliament partnership party police proxy publisher regulator report retailer statement
    study subsidiary supplier survey team think-tank treasury tribunal trust union unit university
    watchdog website business carrier developer producer utility command service studio
    """
)
_COMPANY = listed(
    """
    Inc Corp Co Ltd Plc Group AG SA NV Bancorp Industries Bank Association Department Ministry
    Commission Committee Agency Council Institute University Union Organisation Organization Board
    Court Authority Exchange Federation Fund Trust Party Treasury Reserve Foundation Ministry
    Services Systems Technologies Resources Holdings Partners International Airlines Office
    Research Communications Financial Petroleum Energy Electric Bancshares Laboratories Stores
    """
)
_PEOPLE = listed("police MPs people staff critics campaigners activists opponents others Tories")
_NOT_PLURAL = re.compile(r"(?:ss|us|is|news|[A-Z0-9])\Z")


def kind(words: Sequence[str]) -> Kind | None:
    """What the noun phrase of these words names, if the words tell.

    >>> kind(["a", "Kremlin", "spokesman"])
    <Kind.PERSON: 'person'>
    """
    if len(words) == 1 and words[0].casefold() in PRONOUNS:
        low = words[0].casefold()
        return Kind.PERSON if low in HE | SHE else Kind.GROUP if low in IT else Kind.PEOPLE
    words = [part for word in words for part in word.split("-")]  # "vice-chairman"
    if not words:
        return None
    if any(word in _COMPANY or word == "Cos" for word in words):
        officer = any(word.casefold() in _ROLES for word in words)
        return Kind.PERSON if officer else Kind.GROUP
    return _by_last(words[-1].strip(".'’")) or _by_name(words)


def _by_last(last: str) -> Kind | None:
    """What the last word tells: "analysts", "spokesman", "bank"."""
    low = last.casefold()
    if low in _PEOPLE or last in _PEOPLE:
        return Kind.PEOPLE
    if low.endswith("s") and low.removesuffix("s") in _ROLES and low != "boss":
        return Kind.PEOPLE
    if low in _ROLES:
        return Kind.PERSON
    if low in _GROUPS:
        return Kind.GROUP
    plural = low.endswith("s") and last[:1].islower() and not _NOT_PLURAL.search(last)
    return Kind.PEOPLE if plural else None


def _by_name(words: Sequence[str]) -> Kind | None:
    """Whether it is a person by title, by role ("spokesman Dmitry Peskov") or by first name."""
    if words[0].strip(".") in TITLES:
        return Kind.PERSON
    if words[-1][:1].isupper() and any(word.casefold() in _ROLES for word in words[:-1]):
        return Kind.PERSON
    full = 2 <= len(words) <= 4 and all(word[:1].isupper() for word in words)
    return Kind.PERSON if full and words[0] in _FIRST_NAMES else None


COMPANIES = listed(
    "company firm group corporation concern bank airline carrier retailer maker brokerage"
    " partnership"
)
"""Words for a business that was named before: "the company"."""
LEANING_GROUPS = COMPANIES | listed(
    "agency department ministry commission union exchange committee board council court association"
)
"""Words for any body that was named before, where it bore the word in its name."""


def named_as_person(text: str, surname: str) -> bool:
    """Whether a text gives a title, a role or a first name before a surname somewhere."""
    for match in re.finditer(rf"(?<!\w){re.escape(surname)}(?!\w)", text):
        before = text[max(0, match.start() - 40) : match.start()].split()
        for word in before[-1:] + (
            before[-2:-1] if before[-1:] and before[-1][:1].isupper() else []
        ):
            plain = word.strip(".,")
            if plain in TITLES or plain in _FIRST_NAMES or plain.casefold() in _ROLES:
                return True
    return False


_FIRST_NAMES = listed(
    """
    Aaron Adam Alan Albert Alex Alexander Alice Alison Allan Allen Amy Andre Andrea Andreas Andrew
    Andy Angela Ann Anna Anne Anthony Antonio Arthur Barbara Barry Ben Benjamin Bernard Bill Bob
    Brad Brendan Brian Bruce Carl Carlos Carol Caroline Catherine Charles Chris Christian Christine
    Christopher Claire Clive Colin Craig Daniel Darren Dave David Dean Deborah Dennis Derek Diane
    Dick Dominique Don Donald Doug Douglas Edward Elizabeth Emma Eric Ernst Eugene Fernando Francis
    Francois Frank Franz Fred Gareth Gary Gavin Geoff George Gerald Gerhard Gilles Gordon Graham
    Greg Guy Hans Harold Harry Heinz Helen Helmut Henri Henry Howard Hugh Ian Ivan Jack Jacques
    James Jan Jane Jason Jean Jeff Jeffrey Jennifer Jeremy Jerry Jessica Jim Jimmy Joan Joe John
    Jonathan Jorge Jose Joseph Juan Juergen Julia Julian Julie Justin Karen Karl Kate Keith Ken
    Kenneth Kevin Klaus Larry Laura Lawrence Lee Leonard Les Lewis Liam Linda Lisa Louis Luis Luke
    Malcolm Manuel Marc Marcel Margaret Maria Marie Mario Mark Martin Mary Matt Matthew Max Michael
    Michel Mike Mohamed Mohammed Nancy Neil Nicholas Nick Nicolas Nigel Norman Oliver Oscar Pat
    Patricia Patrick Paul Pedro Peter Phil Philip Philippe Pierre Rachel Ralph Ray Raymond Richard
    Rob Robert Roberto Robin Rod Roger Ron Ronald Roy Russell Ruth Ryan Sam Samuel Sandra Sarah
    Scott Sean Sergio Sharon Simon Sophie Stanley Stefan Stephen Steve Steven Stuart Sue Susan Ted
    Terry Thomas Tim Tom Tony Trevor Victor Vincent Vladimir Walter Warren Wayne Werner Will William
    Wolfgang Yasser Yuri Kofi Hugo Saddam Ariel Silvio Menzies Ruud Thierry Wim Sven Jens
    """
)
