"""What the bot says of itself, in the channel: hints, refusals to act, faults."""

from __future__ import annotations

import logging

from index.errors import EncoderError, ModelError, PullquoteError, StoreError, StoreMissingError

NOT_MY_ROLE = "I can't read what names my role alone: mention me, or use /ask."
HOW_TO_ASK = (
    "Ask me a question and I quote the articles that answer it: use /ask, or mention me with "
    "your question."
)
MENTION_ME = "I only see what mentions me: to ask a follow-up, mention me in it, or use /ask."
PRIVATE = "Here only you may see your answers: ask with /ask."
NOT_HERE = "I may not answer in this channel."
SLOWER = "One question after another, please: ask again in {seconds} s."
NO_TEXT = "There is no text in that message."
NO_WORD = "There is no word in that to look for."
NO_MORE = "Nothing more in the articles answers this."
FORGOTTEN = "I have forgotten this answer; please ask again."
ELSEWHERE = "This answer was given elsewhere; please ask here."
NOT_YOURS = "Only who asked may delete this, and members who may manage messages."
THANKS = "Noted, thank you."
BUG = "Something went wrong, and my log says what. Please ask again in a moment."
NO_INDEX = "I have no articles yet. Whoever runs me: pullquote index adds them."
BROKEN = "I can't read my articles at the moment. Whoever runs me: my log says why."

HELP = """\
I quote the articles that answer a question, word for word, and show where the words stand.

**Ask**: `/ask`, or mention me with your question: who, what, when, where, why, how many. Days \
and outlets narrow it: `since`, `until`, `outlet`.
**Go on**: reply to my answer and mention me: "and China?"
**A story over time**: `/timeline`.
**In the menu of a message**, under *Apps*: *Ask about this*, and *Check this quote*, which says \
whether its words stand in the articles.
**Hear of it**: `/follow` posts here when a new article answers; `/following` lists and removes. \
`/digest` tells daily what came.
**Under an answer**: *Context*, *More*, *Source*; 👍 and 👎 say whether it was right; *Delete*, \
for who asked.
-# I answer only what an article says, and say so when none does. /privacy: what I keep."""

WELCOME = """\
**I quote the articles that answer a question**
Word for word, with where the words stand. Ask by `/ask`, or mention me with your question.
-# Who manages this server: /settings says where I may speak, /articles adds articles. \
/privacy: what I keep."""

_PRIVACY = """\
**What I read**: what mentions me, replies to me with a ping, is sent to me directly, or is \
given to a command. Nothing else that people write.
**What I keep of an answer**: the question, which quotes answered it, and in which channel and \
message, for {days:.0f} days. Not who asked; its buttons carry a code by which I know its asker \
again.
**Of a thumb**: the question and the quote it was on, {whose}, without a limit.
**Of a question that is followed**: the question, its channel and the id of who followed it, until \
`/following` removes it.
**Of a daily digest**: its channel, and how far it was told.
**Of articles that are added**: who added them, and when; until it is done also in which channel.

**To have it deleted**: press *Delete* under the answer, which members who manage messages may, \
too, or delete the message: the answer is forgotten at once, with its thumbs. Removing me from a \
server ends what it follows, and after 30 days I forget what I kept of it. For all else ask \
whoever runs me."""

log = logging.getLogger(__name__)


def privacy(days: float, *, names: bool) -> str:
    """What is kept: of an answer for ``days``; with ``names``, those of who votes."""
    whose = "with the name of who pressed it" if names else "without who pressed it"
    return _PRIVACY.format(days=days, whose=whose)


def of_fault(error: PullquoteError) -> str:
    """What an asker is told; what concerns only who runs the bot goes to the log."""
    if isinstance(error, StoreMissingError):
        log.error("%s", error)
        return NO_INDEX
    if isinstance(error, (StoreError, EncoderError, ModelError)):
        log.error("%s", error)
        return BROKEN
    text = str(error)
    return text[:1].upper() + text[1:]
