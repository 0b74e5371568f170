"""What the bot says of itself, in the channel: hints, refusals to act, faults."""

from __future__ import annotations

import logging

from index.errors import EncoderError, ModelError, PullquoteError, StoreError, StoreMissingError

HOW_TO_ASK = (
    "Ask me a question and I quote the articles that answer it: use /ask, or mention me with "
    "your question."
)
MENTION_ME = "I only see what mentions me: to ask a follow-up, mention me in it, or use /ask."
PRIVATE = "Here only you may see your answers: ask with /ask."
NOT_HERE = "I may not answer in this channel."
IN_THREAD = "Asked: {question} (the answer is in the thread)"
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

log = logging.getLogger(__name__)


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
