"""A verb as it stands in a question -> its plain form: "sacked" is what one "did sack".

Only forms that a question is turned with; what is not known for sure is None. English only.
"""

from __future__ import annotations

import re

from index.english.words import words

_IRREGULAR = """
    beat:beat:beaten become:became:become begin:began:begun bite:bit:bitten blow:blew:blown
    break:broke:broken bring:brought:brought build:built:built buy:bought:bought
    catch:caught:caught die:died:died choose:chose:chosen come:came:come cost:cost:cost
    cut:cut:cut deal:dealt:dealt draw:drew:drawn drink:drank:drunk drive:drove:driven
    eat:ate:eaten fall:fell:fallen feed:fed:fed feel:felt:felt fight:fought:fought
    find:found:found flee:fled:fled fly:flew:flown forbid:forbade:forbidden
    forget:forgot:forgotten get:got:got give:gave:given go:went:gone grow:grew:grown
    hear:heard:heard hide:hid:hidden hit:hit:hit hold:held:held hurt:hurt:hurt keep:kept:kept
    know:knew:known lay:laid:laid lead:led:led leave:left:left lend:lent:lent lie:lied:lied
    lose:lost:lost make:made:made mean:meant:meant meet:met:met overtake:overtook:overtaken
    pay:paid:paid put:put:put quit:quit:quit read:read:read ride:rode:ridden ring:rang:rung
    rise:rose:risen run:ran:run say:said:said see:saw:seen seek:sought:sought sell:sold:sold
    send:sent:sent set:set:set shake:shook:shaken shoot:shot:shot shrink:shrank:shrunk
    shut:shut:shut sing:sang:sung sink:sank:sunk speak:spoke:spoken spend:spent:spent
    split:split:split spread:spread:spread stand:stood:stood sue:sued:sued steal:stole:stolen
    stick:stuck:stuck strike:struck:struck swear:swore:sworn sweep:swept:swept take:took:taken
    teach:taught:taught tell:told:told think:thought:thought throw:threw:thrown
    understand:understood:understood use:used:used wake:woke:woken wear:wore:worn win:won:won
    withdraw:withdrew:withdrawn write:wrote:written
"""
_FORMS = [entry.split(":") for entry in _IRREGULAR.split()]
_BASE = {past: base for base, past, _ in _FORMS}
_PARTICIPLES = frozenset(participle for *_, participle in _FORMS) | {"been", "born", "done", "had"}
_SAME = frozenset(base for base, past, _ in _FORMS if base == past)
_PRESENT = frozenset(f"{base}s" for base, *_ in _FORMS) | words(
    """
    accuses aims asks backs believes blames calls causes claims controls costs denies does employs
    expects faces fears goes happens helps hopes includes leads likes lives makes means needs
    opposes owns plans plays produces publishes runs supports thinks uses wants warns watches works
    """
)

# What stands before "-ed" in verbs that end in "e": "accus-", "charg-", "settl-", "creat-" ...
_ENDS_IN_E = re.compile(
    r"""(?: [cuvz] | [^aeiou]l(?<!ll)(?<!rl) | (?<![aeiou])(?<!^)[aiou]s | [aeiou]{2}s | [nrpl]s
        | [rd]g | [aeiu]ng | [aeiu]g |
        (?: (?<![aeiou]) | (?<=qu) ) (?: [aiou]k | ad | id | od | ud | in | ir | ar | or | ur | am
        | im | um | ib | ob | ub | iz | ip | ap | op | at | ot | ut | it | ul | il | al ) )\Z
    """,
    re.VERBOSE,
)
_WITHOUT_E = words(
    """
    abandon answer alter appear audit award benefit bid budget canvas cancel credit deliver deposit
    discover edit enter envelop exhibit exit favor focus gossip harbor honor inherit inhibit
    label labor limit market model monitor murmur orbit pilot pivot pocket prohibit profit protest
    quit ransom recruit rebel rivet rumor seal signal solicit sponsor target travel total tutor
    visit veto vomit bang bias gas hang boycott scrap develop abort assert exert insert
    """
)


_WITH_E = words("clon creat dethron phon postpon telephon")


def plain(word: str) -> tuple[str, str] | None:
    """The plain form of a finite verb, and what takes its tense in a question; None if in doubt.

    >>> plain("vetoed"), plain("bought"), plain("owns"), plain("ceasefire")
    (('veto', 'did'), ('buy', 'did'), ('own', 'does'), None)
    """
    word = word.casefold()
    if word in _BASE:
        return _BASE[word], "did"
    if word in _PRESENT:
        return singular(word), "does"
    if len(word) > 4 and word.endswith("ed") and not word.endswith("eed"):
        return _regular(word), "did"
    return ("agree", "did") if word == "agreed" else None


def is_participle(word: str) -> bool:
    """Whether a word can stand behind "is" or "has" as the rest of its verb.

    >>> [is_participle(word) for word in ("killed", "thrown", "bombing", "president")]
    [True, True, True, False]
    """
    word = word.casefold()
    return word in _PARTICIPLES or (len(word) > 4 and word.endswith(("ed", "ing")))


def singular(word: str) -> str:
    """The plain form of a verb in the present that ends in "s"."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("shes", "ches", "sses", "oes")) else word[:-1]


def _regular(word: str) -> str:
    stem = word[:-2]
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem in _WITHOUT_E:
        return stem
    if stem in _WITH_E:
        return f"{stem}e"
    doubled = re.search(r"([bdgklmnprtv])\1\Z", stem)
    if doubled and doubled[1] != "l":
        return stem[:-1]
    if stem.endswith(("ell", "oll")) and len(stem) > 5:
        return stem[:-1]  # "cancelled", "controlled", but not "called", "killed", "spelled"
    return f"{stem}e" if _ENDS_IN_E.search(stem) else stem
