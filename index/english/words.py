"""The small words of English, by what they do in a question."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


ASKING = words("who whom whose what which when where why how whos whats")
AUXILIARY = words(
    """
    is are was were am be been being do does did has have had will would can could should shall may
    might must isn't isn’t wasn't wasn’t weren't weren’t didn't didn’t doesn't doesn’t don't don’t
    """
)
DETERMINERS = words("the a an any this that these those his her its their our your my some no")
PREPOSITIONS = words(
    "about against as at before after by during for from in on since to towards under until with"
)
FUNCTION = (
    ASKING
    | AUXILIARY
    | words(
        """
        a an the and or but nor so if of in on at by to for from with about as into than then there
        not no also too only just even ever exactly else again more most much many long far often
        old any some all both each other another others same one ones i me my we us our you your
        he him his she her hers it its they them their theirs this that these those happen happened
        """
    )
)
"""Words that say nothing of what a question is about."""
