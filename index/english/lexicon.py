"""Lists of English words that the rules for who speaks and who is meant are made of."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text, each once: how the lists here are written."""
    return frozenset(text.split())


SAYING = listed(
    """
    said says say told tells tell argued argues insisted insists insist warned warns warn admitted
    admits stressed stresses stated conceded alleged reckons commented remarked contends contended
    asserted accused accuses testified vowed pledged lamented quipped soid
    """
)
"""Verbs of saying: whoever is their subject speaks, whatever follows."""
WITH_THAT = listed(
    """
    added adds claimed claims claim announced announces reported reports confirmed confirms
    revealed reveals suggested suggests noted notes indicated indicates predicted predicts forecast
    forecasts estimated estimates wrote writes pointed observed asked agreed disclosed continued
    states complained showed shows found finds emphasised emphasized underlined mused smiled
    enthused cautioned proposed charged repeated maintains maintained declared concluded explained
    explains replied recalled joked acknowledged responded countered boasted reiterated denied
    denies
    """
)
"""Verbs of saying with "that", a quotation or a clause behind, or at the end of the sentence."""
WITH_QUOTE = listed(
    """
    called calls described describes branded brands criticised criticized characterized dismissed
    labelled condemned hailed praised attacked blasted urged urges lashed blamed blames defended
    likened welcomed rejected demanded slammed
    """
)
"""Verbs of saying with a quotation in what follows ("called it 'premature'")."""
SPEAKING = SAYING | WITH_THAT | WITH_QUOTE
"""All of these."""
INVERTED = SPEAKING - WITH_QUOTE - listed("told tells tell")
"""Those that stand before their subject: "..., said Ann Lee"."""
BETWEEN = listed(
    """
    has have had also later earlier yesterday today then recently previously repeatedly still
    however meanwhile already since once again always now reportedly publicly privately
    immediately quickly himself herself itself themselves both all simply even only strongly
    nevertheless therefore consistently separately initially subsequently have
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday tonight first
    """
)
"""What may stand between a subject and its verb of saying."""
UNSAID = listed(
    """
    not never n't is are was were be been being to will would can could may might should must
    cannot won't did does do didn't doesn't don't hardly if
    """
)
"""What before a verb of saying makes that it was not said: "would not say", "is to say"."""
LINKS = listed(
    """
    but and however meanwhile yesterday so or yet still now then also earlier later today
    separately instead nevertheless indeed overall tonight
    """
)
"""Words that link a sentence to the one before."""
LEAD_IN = listed(
    """
    in on at after before when while although though as asked speaking under with for by during
    despite since following recommending questioned commenting writing if last this according
    because despite responding announcing unlike like from to earlier later facing prior reached
    among however meanwhile but and yesterday today explaining describing referring about once
    until within instead of quoting citing at according
    """
)
"""Words that begin what stands before the subject of a sentence."""
DATES = listed(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June
    July August September October November December week month year night
    """
)
"""Words for a time that stand without a comma behind the subject or before it."""
CLAUSE = listed(
    """
    that which who whom whose when while as because although though if after before since where
    whether what how why is are was were has have had will would could should may might can must
    do does did be been being not n't
    """
)
"""Words that no noun phrase holds: they begin a clause, or are verbs."""
NOBODY = listed("i we you i've we've there this these those who which that what nobody one")
"""First words of what is no named speaker."""
ENDS_PHRASE = listed(
    """
    at in on during after when while who as from to with whose which following adding before
    yesterday today last of for that if by but and about because via shortly through without
    ahead despite since where speaking tonight late early later earlier here again
    """
)
"""Words that end a noun phrase, or begin none."""
NOUNS_TOO = listed(
    "forecasts reports claims estimates findings finds notes figures showed forecast"
)
"""Verbs of saying that are nouns at the end of a noun phrase."""
OFFICES = listed(
    """
    spokesman spokeswoman head director chairman president official officials analyst analysts
    member members governor minister leader secretary professor chief manager economist source
    sources editor spokesperson representative mayor report survey study statement
    """
)
"""Nouns for one who speaks, which keep what follows them: "a spokesman for the bank"."""
DETERMINERS = listed("a an the one another its his her their some most many several both")
"""Words that begin a noun phrase and are none."""
PAST = listed(
    """
    became began blew bought broke brought built came caught chose cut dealt drew drove fell felt
    fought flew forced gave got grew held hit kept knew led left lost made met paid put quit ran
    rang rose sank sat saw sent shook shot shut sold sought spent spoke stood struck swept took
    thought threw understood went withdrew won
    """
)
"""Irregular verbs in the past, which no noun phrase holds."""
BEGINS_CLAUSE = listed("that : he she it they there his its their recently yesterday")
"""Words behind a verb of saying that begin what is said."""
WITH_TO = listed("aide aides adviser advisers ambassador close envoy consultant secretary")
"""Nouns that "to" belongs to: "an aide to Stenholm"."""
DENIED = listed("any all reports claims allegations charges accusations suggestions knowledge")
"""What is denied: "denied any wrongdoing"."""
AFTER_TAIL = listed(
    """
    in on at after during to of when while without from yesterday today adding citing referring
    last this earlier as before following through by while here ahead monday tuesday wednesday
    thursday friday saturday sunday and tonight later late early about explaining
    """
)
"""What may stand behind "..., Ann Lee said" and still be the end of it."""
