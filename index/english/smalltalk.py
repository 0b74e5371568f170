"""A line that somebody typed -> what kind of line it is, before anything is searched for.

"thanks" and "hello" are no questions, "exit" is not searched for, and "the" asks nothing. Both the
prompt and a chat service ask here first. English only.
"""

from __future__ import annotations

import re
from enum import Enum

from index.english.words import ASKING, FUNCTION, words


class Line(Enum):
    """What is wanted with a line."""

    QUESTION = "question"
    THANKS = "thanks"
    HELLO = "hello"
    MORE = "more"
    LEAVE = "leave"
    NONSENSE = "nonsense"


REPLIES = {
    Line.THANKS: "You’re welcome.",
    Line.HELLO: "Hello! Ask me a question, and I quote the articles that answer it.",
    Line.NONSENSE: "That is no question yet. Ask who, what, when, where or why about the news.",
}
"""What is said to a line that needs no search."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ADDRESS = r"(?: (?:so much|very much|a lot|you|all|there|everyone|everybody|bot|again|for that))*"
_KINDS = {
    Line.THANKS: rf"(?:ok |okay |great |cool |perfect |many )?(?:thanks|thank you|thx|ty|cheers|ta)"
    rf"{_ADDRESS}|(?:ok|okay|great|cool|nice|good|perfect|got it|i see|lol|haha|wow)",
    Line.HELLO: rf"(?:hello|hi|hey|hiya|good (?:morning|afternoon|evening|day)){_ADDRESS}",
    Line.MORE: r"(?:please )?(?:(?:tell|show|give) (?:me|us) )?(?:some )?more(?: (?:please|quotes"
    r"|answers|of (?:that|this|it|them)|about (?:that|this|it)))?|go on|continue",
    Line.LEAVE: rf"(?:exit|quit|q|bye|goodbye|bye bye|good night|see you){_ADDRESS}",
}
_TRYING = words("test testing tests asdf qwerty foo ping help abc xyz")


def kind(line: str, *, follows: bool = False) -> Line:
    """What kind of line it is; ``follows`` says that something was answered before.

    After an answer "why" and "and then" are questions; alone they are not.

    >>> kind("Thanks!"), kind("why?"), kind("why?", follows=True)
    (<Line.THANKS: 'thanks'>, <Line.NONSENSE: 'nonsense'>, <Line.QUESTION: 'question'>)
    """
    found = [word.casefold() for word in _WORD.findall(line)]
    plain = " ".join(found)
    for named, pattern in _KINDS.items():
        if re.fullmatch(pattern, plain):
            return named
    if not found or (len(found) == 1 and (found[0] in _TRYING or len(found[0]) == 1)):
        return Line.NONSENSE
    asks = follows and not ASKING.isdisjoint(found)
    if len(found) < 3 and FUNCTION.issuperset(found) and not (asks or (follows and len(found) > 1)):
        return Line.NONSENSE
    return Line.QUESTION


def reply(line: str) -> str | None:
    """What is said to a line that, alone, asks nothing; None to a question.

    >>> reply("who vetoed it?"), reply("thanks")
    (None, 'You’re welcome.')
    """
    found = kind(line)
    return None if found is Line.QUESTION else REPLIES.get(found, REPLIES[Line.NONSENSE])
