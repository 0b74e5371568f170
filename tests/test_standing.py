"""Standing questions over a real library: posted once, when something new answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from encoders import WordEncoder

from bot.conversation.asking import Place
from bot.conversation.memory import Memory, Posted, ServerSettings
from bot.conversation.scope import Scope
from bot.conversation.standing import AGAIN_S, MOST, Newsroom, Undelivered, follow
from bot.conversation.watching import watch
from index import Library
from index.ask.judge import FusionJudge
from index.errors import PullquoteError
from index.records import Answer, Filters

QUESTION = "Who vetoed the ceasefire?"
VETO = "Russia vetoed the ceasefire on Monday, and China vetoed the plan."
SEED_QUESTIONS = Path(__file__).parent / "seed_questions.jsonl"
SEEDS = Path(__file__).parent.parent / "seeds"
GUILD, CHANNEL, OWNER = 1, 2, 3


@dataclass
class Asks:
    """Asks the library at once."""

    library: Library
    asked: list[str] = field(default_factory=list)
    looks: int = 0
    threshold: float | None = 0.5

    async def place(self, guild: int | None) -> Place:
        """What a server with the default settings may see."""
        settings = ServerSettings()
        return Place(guild, settings, Scope(self.library).collections(guild, settings))

    async def ask(self, place: Place, question: str, *, filters: Filters, top: int) -> Answer:
        """Ask it."""
        self.asked.append(question)
        here = replace(filters, collections=place.collections)
        return self.library.ask(question, top=top, filters=here, threshold=self.threshold)

    async def worth_asking(self, asked: Sequence[tuple[Place, str, Filters]]) -> list[int]:
        """Look at all of them at once."""
        self.looks += 1
        here = [(text, replace(each, collections=to.collections)) for to, text, each in asked]
        return self.library.worth_asking(here)


class OneByOne(Asks):
    """Asks every question, whatever came."""

    async def worth_asking(self, asked: Sequence[tuple[Place, str, Filters]]) -> list[int]:
        """Leave none out."""
        return list(range(len(asked)))


class Channel:
    """What was posted; ``refuses`` and ``breaks`` are how Discord may fail."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[str, ...]] = {}
        self.outcome: Undelivered | None = None
        self.takes = True

    async def post(self, posting: Posted, answer: Answer) -> int | Undelivered:
        """Take a message; one with a number that it knows is the same message."""
        if self.takes:
            self.taken.setdefault(posting.key, tuple(quote.text for quote in answer.quotes))
        return self.outcome or 1000 + list(self.taken).index(posting.key)

    @property
    def quotes(self) -> list[str]:
        """Everything posted, in order."""
        return [quote for quotes in self.taken.values() for quote in quotes]


class Recorder:
    """The quotes that were posted, by question."""

    def __init__(self) -> None:
        self.posts: dict[str, list[str]] = {}

    async def post(self, posting: Posted, answer: Answer) -> int:
        """Take a message."""
        self.posts[posting.question] = [str(quote.receipt) for quote in answer.quotes]
        return len(self.posts)


class Clock:
    """A clock that a test sets."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the memory."""
    return Clock()


@pytest.fixture
def library(tmp_path) -> Library:
    """A library of one article that answers before anyone follows."""
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    arrives(made, "old", "The council vetoed the ceasefire in winter.")
    yield made
    made.close()


@pytest.fixture
def memory(tmp_path, clock) -> Memory:
    """The memory of a bot."""
    made = Memory(tmp_path / "bot.db", clock=clock)
    yield made
    made.close()


def arrives(library: Library, name: str, text: str) -> None:
    """An article is filed."""
    folder = library.folder.parent / "news"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(f"{name}\n{text}\n")
    library.sync([folder])


def newsroom(memory: Memory, library: Library, channel: Channel, clock: Clock) -> Newsroom:
    """What runs in the bot; another one is what runs after a restart."""
    return Newsroom(memory, library, Asks(library), channel.post, clock=clock)


def followed(memory: Memory, library: Library, question: str = QUESTION) -> None:
    """Follow a question."""
    asyncio.run(follow(memory, library, GUILD, CHANNEL, question, OWNER))


def test_what_arrives_and_answers_is_posted_once(library, memory, clock):
    """What was there before is not, nor is what does not answer, nor anything twice."""
    channel = Channel()
    news = newsroom(memory, library, channel, clock)
    followed(memory, library)
    asyncio.run(news.step())
    assert channel.quotes == []
    arrives(library, "storm", "A storm closed the school.")
    asyncio.run(news.step())
    assert channel.quotes == []
    arrives(library, "veto", VETO)
    for _ in range(3):
        asyncio.run(news.step())
    assert channel.quotes == [VETO]
    assert memory.latest_in(CHANNEL).message == 1000


def test_it_goes_on_after_a_restart(library, memory, clock):
    """What came while the bot was away is posted; what was posted is not posted again."""
    channel = Channel()
    followed(memory, library)
    arrives(library, "veto", VETO)
    asyncio.run(newsroom(memory, library, channel, clock).step())
    arrives(library, "more", "The minister vetoed a second ceasefire plan in the north.")
    asyncio.run(newsroom(memory, library, channel, clock).step())
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert len(channel.quotes) == len(set(channel.quotes)) == 2


def test_a_copy_of_what_was_posted_is_no_news(library, memory, clock):
    """Nor the same article with another word elsewhere; a figure that differs is news."""
    channel = Channel()
    news = newsroom(memory, library, channel, clock)
    followed(memory, library)
    arrives(library, "veto", VETO)
    asyncio.run(news.step())
    arrives(library, "copy", f"{VETO}\nSnow fell in the south.")
    arrives(library, "veto", f"{VETO}\nThe mayor spoke.")
    asyncio.run(news.step())
    assert channel.quotes == [VETO]
    arrives(library, "third", VETO.replace("China", "the council"))
    asyncio.run(news.step())
    assert len(channel.quotes) == 2


def test_a_corrected_article_is_not_posted_as_new(library, memory, clock):
    """Neither one that was posted, nor one from before; what is added to it is news."""
    channel = Channel()
    arrives(library, "before", "The mayor vetoed the ceasefire on Sunday for 45 days.")
    followed(memory, library)
    news = newsroom(memory, library, channel, clock)
    arrives(library, "before", "The mayor vetoed the ceasefire on Sunday for 47 days.")
    asyncio.run(news.step())
    assert channel.quotes == []
    arrives(library, "veto", VETO)
    asyncio.run(news.step())
    arrives(library, "veto", VETO.replace("Monday", "Sunday"))
    asyncio.run(news.step())
    assert channel.quotes == [VETO]
    added = "The judge vetoed the ceasefire too."
    arrives(library, "veto", f"{VETO}\n{added}")
    asyncio.run(news.step())
    assert channel.quotes == [VETO, added]


def test_killed_before_sending_it_is_sent_after_the_restart(library, memory, clock):
    """The post was remembered with the question's progress, and is not lost."""
    channel = Channel()
    followed(memory, library)
    arrives(library, "veto", VETO)

    async def killed(_posting: Posted, _answer: Answer) -> int:
        raise KeyboardInterrupt

    dying = Newsroom(memory, library, Asks(library), killed, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(dying.step())
    assert memory.following()[0].after == library.last_filed
    clock.now += 10
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert channel.quotes == [VETO]


def test_killed_after_sending_it_is_not_posted_twice(library, memory, clock):
    """It goes out again under its number, which Discord knows for minutes; never after them."""
    channel = Channel()
    followed(memory, library)
    arrives(library, "veto", VETO)

    async def killed(posting: Posted, answer: Answer) -> int:
        await channel.post(posting, answer)
        raise KeyboardInterrupt

    dying = Newsroom(memory, library, Asks(library), killed, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(dying.step())
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert channel.quotes == [VETO]
    assert memory.unsent(AGAIN_S) == []


def test_what_is_too_old_to_be_known_again_is_not_sent_again(library, memory, clock):
    """Once is promised, not at least once."""
    channel = Channel()
    followed(memory, library)
    arrives(library, "veto", VETO)
    channel.outcome = Undelivered.UNKNOWN
    news = newsroom(memory, library, channel, clock)
    with pytest.raises(PullquoteError):
        asyncio.run(news.step())
    channel.outcome, channel.taken = None, {}
    clock.now += AGAIN_S + 1
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert channel.quotes == []


def test_a_broken_line_is_tried_again(library, memory, clock):
    """With the same number, so that it is one message."""
    channel = Channel()
    followed(memory, library)
    arrives(library, "veto", VETO)
    channel.outcome, channel.takes = Undelivered.UNKNOWN, False
    news = newsroom(memory, library, channel, clock)
    with pytest.raises(PullquoteError):
        asyncio.run(news.step())
    channel.outcome, channel.takes = None, True
    clock.now += 30
    asyncio.run(news.step())
    assert channel.quotes == [VETO]


def test_a_refused_post_is_forgotten(library, memory, clock):
    """Nothing stays that a button or a correction could be for."""
    channel = Channel()
    channel.outcome, channel.takes = Undelivered.REFUSED, True
    followed(memory, library)
    arrives(library, "veto", VETO)
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert memory.latest_in(CHANNEL) is None


def test_no_server_hears_of_what_another_added(library, memory, clock):
    """A standing question is asked of what the server may see."""
    theirs = Scope(library).folder(99)
    theirs.mkdir(parents=True)
    channel = Channel()
    followed(memory, library)
    (theirs / "secret.txt").write_text(f"Secret\n{VETO}")
    library.sync([theirs])
    asyncio.run(newsroom(memory, library, channel, clock).step())
    assert channel.quotes == []


def test_a_rebuilt_index_is_no_news(library, memory, clock, tmp_path):
    """All articles have new numbers, or begin at one again; what comes afterwards is news."""
    channel = Channel()
    news = newsroom(memory, library, channel, clock)
    followed(memory, library)
    library.sync(rebuild=True)
    asyncio.run(news.step())
    assert channel.quotes == []
    for _ in range(3):
        library.sync(rebuild=True)
    memory.advance(1, 1000)
    asyncio.run(news.step())
    assert channel.quotes == []
    arrives(library, "veto", VETO)
    asyncio.run(news.step())
    assert channel.quotes == [VETO]


def test_nothing_is_asked_while_nothing_comes(library, memory, clock):
    """A look that finds nothing new costs no search."""
    asks = Asks(library)
    news = Newsroom(memory, library, asks, Channel().post, clock=clock)
    followed(memory, library)
    arrives(library, "storm", "A storm closed the school.")
    for _ in range(5):
        asyncio.run(news.step())
    assert (asks.looks, asks.asked) == (1, [])


def test_looked_at_together_the_same_is_posted_as_one_by_one(tmp_path, clock):
    """With the real models over the seeds: fewer questions are asked, and no post is lost."""
    labelled = SEED_QUESTIONS.read_text(encoding="utf-8").splitlines()[::16]
    questions = [json.loads(line)["question"] for line in labelled]
    questions += ["Who won the cricket match?", "What did the bank do to its rate?", "who sings?"]
    posts, asked = [], []
    with Library(tmp_path / "index") as library:
        library.sync([SEEDS])
        for kind in (Asks, OneByOne):
            memory = Memory(tmp_path / f"{kind.__name__}.db", clock=clock)
            for question in questions:
                memory.follow(GUILD, CHANNEL, question, 0)
            asks, channel = kind(library, threshold=None), Recorder()
            asyncio.run(Newsroom(memory, library, asks, channel.post, clock=clock).step())
            assert {each.after for each in memory.following()} == {library.last_filed}
            posts.append(channel.posts)
            asked.append(len(asks.asked))
            memory.close()
    assert posts[0] == posts[1] != {}
    assert asked[0] < asked[1] == len(questions)


def test_a_channel_follows_so_many_questions(library, memory):
    """As many as a menu lists; the same one counts once."""
    for number in range(MOST):
        followed(memory, library, f"question {number}?")
    followed(memory, library, " question  3? ")
    assert len(memory.following(CHANNEL)) == MOST
    with pytest.raises(PullquoteError, match="follows 25 questions already"):
        followed(memory, library, "one more?")


def test_a_service_outlives_a_failing_step():
    """The others go on; the one that failed rests, then is tried again."""
    calls: list[str] = []

    async def bad() -> None:
        calls.append("bad")
        raise PullquoteError("the index is being mended")

    async def good() -> None:
        calls.append("good")
        if calls.count("good") == 20:
            raise asyncio.CancelledError

    async def run() -> None:
        await watch([bad, good], lambda: True, every_s=0.001, pause_s=0.01)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert 2 <= calls.count("bad") < 20


def test_a_service_waits_for_the_gateway():
    """Nothing is asked or sent while the bot is away."""
    looks = iter([False] * 5 + [True])
    calls: list[int] = []

    async def step() -> None:
        calls.append(1)
        raise asyncio.CancelledError

    async def run() -> None:
        await watch([step], lambda: next(looks), every_s=0)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert calls == [1]
    assert list(looks) == []
