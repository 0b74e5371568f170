"""Guilt and denial: who is asked about, and what an article says of it, for and against.

An accusation alone is no answer to "is the mayor guilty". ``blame`` knows such a question,
``stances`` finds the sentences of an article that accuse the same person, deny it, judge it, or say
that it is still open. ``denies`` tells whether a sentence says the opposite of what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from index.english.discourse import Stretch
from index.english.followup import FUNCTION
from index.english.negation import DENIALS, NEGATORS


class Stance(Enum):
    """What a sentence is to the question whether someone did wrong."""

    ACCUSATION = "accusation"
    DENIAL = "denial"
    VERDICT = "verdict"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Blame:
    """A question whether someone did wrong: ``question[start:end]`` names whom it is about.

    ``act`` is the word that makes it one: "guilty", "lie", "bribes".
    """

    start: int
    end: int
    subject: str
    act: str


@dataclass(frozen=True, slots=True)
class Finding:
    """That sentence ``number`` of an article accuses, denies, judges or leaves open."""

    stance: Stance
    number: int


_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_DOUBTS = re.compile(r"\A\W*(?:did|was|were|has|have|had) .{2,60}\breally\b", re.IGNORECASE)
_ASKS = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|might)\b|\W*who(?:['’]s|s)?"
    r"[ ](?:is|was|were|are)?[ ]?(?:really[ ])?(?:to blame|guilty|responsible|at fault)",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(?:guilty|innocent|to blame|at fault|responsible for|lie|lied|lying|liar|brib\w+|cheat\w*"
    r"|steal\w*|stole|stolen|theft|dop(?:e|ed|ing)|fraud\w*|kill(?:ed|ing)?|murder\w*|rape[ds]?"
    r"|corrupt\w*|launder\w*|embezzl\w*|insider (?:trading|dealing)|rigg?(?:ed|ing)?|abuse[ds]?"
    r"|assault\w*|violat\w*|defraud\w*|mislead\w*|misled|cover(?:ed)? up|hack\w*|smuggl\w*|discriminat\w*"
    r"|wrongdoing|illegal\w*|unlawful\w*|plagiari\w*|infring\w*|tamper\w*|collud\w*|deceiv\w*|dishonest"
    r"|falsif\w*|fak(?:e|ed|ing)|forg(?:e|ed|ing)|cook\w* the books|beat .{1,40} to death|crime|criminal"
    r"|racist|racism|anti-semit\w*|sexist|copy|copied|conflict of interest|dump(?:ed|ing)?|sabotag\w*"
    r"|(?:break|broke|broken|breach\w*|flout\w*|honou?ring?|obey\w*) .{0,60}\b(?:laws?|rules?|agreement"
    r"|pact|treaty|act|promise|code|article \d+|regulations?)|(?:charged|sued|arrested|indicted|convicted"
    r"|fined|banned|jailed)\b|find fault|found fault|harass\w*|negligen\w*|knowingly|deliberately|secretly"
    r"|on purpose|exploit(?:ed|ing|s)?|loot(?:ed|ing)?|hid(?:e|es|ing|den)?|spy(?:ing)?|spied|fiddl\w*"
    r"|ma[dk]e (?:\w+ ){0,3}up(?! (?:its|his|her|their) mind)|front for|terroris\w*|molest\w*|rob(?:bed)?|plott?(?:ed|ing)?|squander\w*"
    r"|wrong(?:ly)?|unfair(?:ly)?|antisemit\w*|dodg(?:e|ed|ing)|bungl\w*|evad\w*|spam|phone?y|held? .{0,20}hostages?"
    r"|tak(?:e|es|en|ing) (?:drugs|money|part in|bribes)|took (?:drugs|money|bribes)|know all along"
    r"|(?:go|gone|went) back on|behind (?:his|her|its|their) back|shred\w*|petrol bomb|carr(?:y|ied)"
    r" out|(?:break|broke|broken|breaking) .{0,40}\b(?:word|deal|contracts?|embargo|sanctions|pledge)"
    r"|manipulat\w*|profiteer\w*|scam\w*|swindl\w*|blam(?:e|ed)|punch\w*|attack(?:ed)? (?:the|his|her)"
    r"|negligent|scandal|leak(?:ed|ing)?|incit\w*|stok(?:e|ed|ing)|stir(?:red)? up|stag(?:e|ed|ing) the"
    r"|revenge|bug(?:ged)?\b|encourage[ds]? .{0,30}(?:drinking|violence|crime|hatred)|know .{0,40}fakes?"
    r"|buy .{0,40}(?:job|peerage|honour|votes)|misconduct|torture[ds]?|blackmail\w*|threaten\w*)(?!\w)",
    re.IGNORECASE,
)
# Said of no one's guilt: "did the storm kill", "will rates break the record".
_NO_AGENT = re.compile(r"\b(?:ozone|storm|quake|flood|virus|disease|cure|penalt\w+|allowed to)\b", re.I)

_HOW = ("really", "secretly", "deliberately", "knowingly", "wrongly", "illegally")
_MANY = 4  # words of a subject that is typed without capitals

_ACCUSES = re.compile(
    r"\b(?:accus(?:e|ed|es|ing|ation|ations)|alleg(?:e|ed|es|ing|edly|ation|ations)|charged with"
    r"|charges?|indict(?:ed|ment)|su(?:ed|ing)|lawsuits?|legal action|suspected|blam(?:e|ed|es|ing)"
    r"|violat(?:e|ed|es|ing|ions?)|criticis(?:ed|es|ing) .{0,40}for|criticiz(?:ed|es|ing) .{0,40}for"
    r"|defraud(?:ed|ing)?|conspir(?:ed|ing|acy)|fraudulent|infring(?:ed|es|ing|ement)|complaints?"
    r"|improperly|illegally|(?:failure|failed) to (?:honou?r|comply|adhere)|suggested .{0,40}secretly"
    r"|reportedly|claims? (?:the firm|he|she|they|it|that)|prosecutors? (?:said|say|claim\w*))\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:den(?:y|ied|ies|ying|ial|ials)|dismiss(?:ed|es|ing)|reject(?:ed|s|ing)?|refut(?:ed|es|ing)"
    r"|not guilty|innocence|(?:is|was|are|were|plead\w*) innocent|unfair and|unfounded|scorn(?:ed|s)|contest(?:ed|s|ing)|baseless"
    r"|untrue|no evidence|(?:does|do|did|had|have|has|was|were|is|are) not (?:violate[ds]?|break|broken"
    r"|racist|guilty|true|done|do|intend\w*|in breach)|exonerated|cannot be substantiated"
    r"|not (?:been )?proven|could not possibly|no case to answer|defence lawyers|defended"
    r"|in line with|corresponds? with|honou?ring|set up|deceived by)\b",
    re.IGNORECASE,
)
_JUDGES = re.compile(
    r"\b(?:convict(?:ed|ion)|found guilty|pleaded guilty|acquitted|cleared (?:of|by)|sentenced|jailed"
    r"|fined|verdict|exonerated|overturned|banned for|tribunal (?:has|ruled|found)|(?:judges?|court|jury)"
    r" (?:has |have )?(?:ruled|found|threw|dismissed)|upheld)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:investigat(?:e|ed|es|ing|ion|ions)|inquiry|probe[ds]?|probing|on trial|trial|awaiting"
    r"|could not comment|being considered|looking into|under review|be reviewed|may be (?:interviewed"
    r"|charged)|should .{0,40}be found guilty|if .{0,40}found guilty|could determine|pending"
    r"|not yet (?:been )?(?:decided|charged|contacted))\b",
    re.IGNORECASE,
)
_STANCES = (
    (Stance.VERDICT, _JUDGES),
    (Stance.DENIAL, _DENIES),
    (Stance.OPEN, _OPEN),
    (Stance.ACCUSATION, _ACCUSES),
)
_LONGEST = 2_000  # code points of a question or a sentence that are read
_NEAR = 6  # sentences after a name in which "he" is still the same


def blame(question: str) -> Blame | None:
    """Whom a question suspects, and of what; None where it does not ask for guilt.

    >>> blame("Did Ann Lee take bribes?").subject
    'Ann Lee'
    """
    question = question[:_LONGEST]
    asks, wrong = _ASKS.match(question), _WRONG.search(question) or _DOUBTS.match(question)
    if asks is None or wrong is None or _NO_AGENT.search(question):
        return None
    start, end = _subject(question, asks.end(), wrong.start() if wrong.start() > asks.end() else len(question))
    act = wrong[0] if wrong.re is _WRONG else "really"
    return Blame(start, end, question[start:end], act)


def _subject(question: str, start: int, end: int) -> tuple[int, int]:
    """The names between the verb and the wrong, or what stands there where there are none."""
    words = [match for match in _TOKEN.finditer(question, start, end)]
    names = [match for match in words if match[0][:1].isupper() or match[0].istitle()]
    chosen = names or [match for match in words if match[0].casefold() not in FUNCTION]
    if not chosen:
        return start, start
    last = chosen[0]
    for at, match in enumerate(chosen[1:], 1):
        between = question[last.end() : match.start()].strip()
        if between not in (("", "and", ",", "and the", "of", "of the") if names else ("", "of")):
            break
        if match[0] in _HOW or (not names and at >= _MANY):
            break
        last = match
    return chosen[0].start(), last.end()


def stances(text: str, sentences: Sequence[Stretch], asked: Blame) -> tuple[Finding, ...]:
    """The sentences of an article that accuse whom was asked about, deny it, judge it or leave it
    open, in order.

    A sentence counts if it names the person, or stands close behind one that does.
    """
    names = [word.casefold() for word in _TOKEN.findall(asked.subject) if word.casefold() not in FUNCTION]
    names = [name.removesuffix("'s").removesuffix("’s") for name in names if len(name) > 2]
    names = [name[: max(4, len(name) - 2)] for name in names]  # "Howards", "Liberia"
    found: list[Finding] = []
    last = -_NEAR - 1
    for number, sentence in enumerate(sentences):
        words = text[sentence.start : min(sentence.end, sentence.start + _LONGEST)]
        low = words.casefold()
        if any(name in low for name in names[-3:]):
            last = number
        if number - last > _NEAR:
            continue
        for stance, pattern in _STANCES:
            if pattern.search(words):
                found.append(Finding(stance, number))
    return tuple(found)


def counterpart(
    text: str, sentences: Sequence[Stretch], question: str, found: Sequence[Finding], number: int
) -> Finding | None:
    """What to show with an accusation in sentence ``number``: the verdict or the denial that is most
    about the question, or that it is open; None where the article has none of them.
    """
    asked = _stems(question)

    def fit(each: Finding) -> tuple[int, int]:
        sentence = sentences[each.number]
        words = text[sentence.start : min(sentence.end, sentence.start + _LONGEST)]
        about = len(_stems(words) & asked) + 2 * bool(_OF_THIS.search(words))
        return about, -abs(each.number - number)

    for wanted in (_AGAINST, (Stance.OPEN,)):
        against = [each for each in found if each.stance in wanted and each.number != number]
        if against:
            return max(against, key=fit)
    return None


_AGAINST = (Stance.VERDICT, Stance.DENIAL)
_OF_THIS = re.compile(r"\b(?:alleg|accus|claim|charge|guilt|innocen|cleared|convicted|wrongdoing)", re.I)

# The opposite of what was asked

_MORE_NEGATORS = frozenset(
    """
    unlikely oppose opposes opposed opposing cleared difficult unable impossible lack lacks lacked
    less little few
    """.split()  # noqa: SIM905
)
_IDLE = re.compile(
    r"\b(?:not only|not just|no doubt|not least|even without|no longer than|no less|no more than"
    r"|no later|not yet clear|whether or not|if not|without fear|nothing but|even if .{0,40}not"
    r"|but .{0,60}\bcan['’]t remember)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[;:]|,? \b(?:but|although|though|while|despite|whereas|because|since)\b|\"")


def denies(question: str, sentence: str) -> bool:
    """Whether a sentence says no to what a yes-or-no question asks, as far as its words show.

    >>> denies("Will Mr Cosby be charged?", "Mr Cosby will not be charged.")
    True
    """
    question, sentence = question[:_LONGEST], sentence[:_LONGEST]
    asked = _stems(question)
    clauses = [clause for clause in _CLAUSES.split(_IDLE.sub(" ", sentence)) if clause.strip()]
    if not asked or not clauses:
        return False
    # The clause that shares most with the question is the one that answers.
    turned = [(len(_stems(clause) & asked), _turned(clause)) for clause in clauses]
    return max(turned)[1] if not _turned(question) else False


def _turned(clause: str) -> bool:
    """Whether a clause turns round what it says: "not" does, "not opposed" does not."""
    words = [match[0].casefold() for match in _TOKEN.finditer(clause)]
    count = 0
    for at, word in enumerate(words):
        if word in NEGATORS:
            count += 1
        elif word in DENIALS or word in _MORE_NEGATORS:
            count += -1 if NEGATORS & set(words[max(0, at - 3) : at]) else 1
    return count > 0


def _stems(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _TOKEN.findall(text))
    return frozenset(_stem(word) for word in words if word not in FUNCTION)


def _stem(word: str) -> str:
    if word in ("deny", "denied", "denies", "denying"):
        return "den"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
