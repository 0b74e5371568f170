"""Answers are marked when the article that they quote is not as it was, over a real library."""

from __future__ import annotations

import asyncio

import pytest
from encoders import WordEncoder

from bot.conversation.asking import Place
from bot.conversation.corrections import Correction, Corrections
from bot.conversation.memory import DAY_S, Memory, Posted, ServerSettings
from bot.conversation.scope import Scope
from bot.conversation.standing import Undelivered
from bot.render import discord as render
from index import Library
from index.ask.judge import FusionJudge
from index.errors import PullquoteError

BEFORE = "Russia vetoed the ceasefire on Monday, and 45 people of the crew were hurt."
AFTER = BEFORE.replace("45", "47")


class Clock:
    """A clock that a test sets."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


class Channel:
    """What messages say instead, and how Discord may fail."""

    def __init__(self) -> None:
        self.edited: list[str] = []
        self.buttons: list[str] = []
        self.outcome: Undelivered | None = None

    async def edit(self, posted: Posted, correction: Correction) -> int | Undelivered:
        """Take an edit."""
        message = render.corrected(posted.question, posted.key, correction.view, correction.now)
        self.edited.append("\n".join(text.markdown for text in message.texts))
        self.buttons = [button.custom_id for button in message.buttons]
        return self.outcome or posted.message


@pytest.fixture
def library(tmp_path) -> Library:
    """A library of one article."""
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    write(made, f"Veto\n{BEFORE}\nSnow fell.")
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    """The clock of the memory."""
    return Clock()


@pytest.fixture
def memory(tmp_path, clock) -> Memory:
    """The memory of a bot."""
    made = Memory(tmp_path / "bot.db", clock=clock)
    yield made
    made.close()


@pytest.fixture
def channel() -> Channel:
    """Where the answer stands."""
    return Channel()


@pytest.fixture
def service(library, memory, channel) -> Corrections:
    """What runs in the bot."""
    return serving(library, memory, channel)


def serving(library: Library, memory: Memory, channel: Channel) -> Corrections:
    """Another one is what runs after a restart."""

    async def place(guild: int | None) -> Place:
        settings = memory.settings_for(guild)
        return Place(guild, settings, Scope(library).collections(guild, settings))

    return Corrections(memory, library, place, channel.edit, days=14)


def write(library: Library, text: str) -> None:
    """The article is filed, or changed."""
    folder = library.folder.parent / "news"
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text(text)
    library.sync([folder])


def post(library: Library, memory: Memory, clock: Clock, **changed: object) -> Posted:
    """An answer stands in a channel."""
    quote = library.ask("Who vetoed the ceasefire?", threshold=0.0).quotes[0]
    assert quote.text == BEFORE
    facts = {"message": 5, "at": clock.now, "receipts": (str(quote.receipt),), **changed}
    posted = Posted(1, 2, "Who vetoed *it*?", revision=library.revision, **facts)
    memory.remember(posted)
    return posted


def step(service: Corrections) -> None:
    """Look once."""
    asyncio.run(service.step())


def test_a_corrected_quote_is_shown_with_the_difference(library, memory, clock, channel, service):
    """As it was and as it is, what differs marked, once; with the question and a button."""
    posted = post(library, memory, clock)
    step(service)
    assert channel.edited == []
    write(library, f"Veto\n{AFTER}\nSnow fell.")
    step(service)
    (said,) = channel.edited
    assert r"Who vetoed \*it\*?" in said
    assert "**45**" in said
    assert "**47**" in said
    assert channel.buttons == [f"pq:{each}:{posted.key}:0" for each in ("src", "del")]
    step(service)
    step(serving(library, memory, channel))
    assert len(channel.edited) == 1


def test_a_quote_that_is_denied_now_is_a_correction(library, memory, clock, channel, service):
    """Its words still stand, in a sentence that says the opposite: all of it, the denial named."""
    post(library, memory, clock)
    denied = f"It is not true that {BEFORE}"
    write(library, f"Veto\n{denied}\nSnow fell.")
    step(service)
    (said,) = channel.edited
    assert "still stand" not in said
    assert "Corrected" in said
    assert "**It is not true that**" in said
    assert "“not”" in said


def test_each_version_is_marked(library, memory, clock, channel, service):
    """A second correction replaces the first; one taken back is said, too."""
    post(library, memory, clock)
    for text, told in (
        (AFTER, "**47**"),
        (BEFORE.replace("45", "50"), "**50**"),
        (BEFORE, "As quoted again"),
    ):
        write(library, f"Veto\n{text}\nSnow fell.")
        step(service)
        assert told in channel.edited[-1]
    assert len(channel.edited) == 3


def test_a_change_elsewhere_is_told_from_a_correction(library, memory, clock, channel, service):
    """The words still stand; the message says so."""
    post(library, memory, clock)
    write(library, f"Veto\n{BEFORE}\nRain fell.")
    step(service)
    assert "these words still stand" in channel.edited[0]


def test_words_that_are_gone_and_articles_that_are_gone(library, memory, clock, channel, service):
    """Neither hides what was quoted."""
    post(library, memory, clock)
    write(library, "Veto\nThe mayor spoke.")
    step(service)
    assert "no longer says" in channel.edited[0]
    assert "45 people of the crew" in channel.edited[0]
    (library.folder.parent / "news" / "a.txt").unlink()
    library.sync()
    step(service)
    assert "Withdrawn" in channel.edited[1]


def test_old_answers_and_refusals_are_left_alone(library, memory, clock, channel, service):
    """What is older than the set number of days, or was never sent, is not edited."""
    post(library, memory, clock, at=clock.now - 15 * DAY_S)
    post(library, memory, clock, message=None)
    post(library, memory, clock, receipts=())
    write(library, f"Veto\n{AFTER}")
    step(service)
    assert channel.edited == []


def test_a_message_that_is_gone_is_not_tried_again(library, memory, clock, channel, service):
    """Discord said no; it would say so each time."""
    post(library, memory, clock)
    write(library, f"Veto\n{AFTER}")
    channel.outcome = Undelivered.REFUSED
    step(service)
    step(serving(library, memory, channel))
    assert len(channel.edited) == 1


def test_a_broken_line_is_tried_again(library, memory, clock, channel, service):
    """An edit can be done twice."""
    post(library, memory, clock)
    write(library, f"Veto\n{AFTER}")
    channel.outcome = Undelivered.UNKNOWN
    with pytest.raises(PullquoteError, match="did not come through"):
        step(service)
    channel.outcome = None
    step(service)
    step(service)
    assert len(channel.edited) == 2


def test_what_a_server_may_see_no_more_is_not_told(library, memory, clock, channel, service):
    """A new version of an article of a collection that it gave up stays unsaid."""
    post(library, memory, clock)
    memory.set_settings(1, ServerSettings(collections=("other",)))
    write(library, f"Veto\n{AFTER}")
    step(service)
    assert channel.edited == []
