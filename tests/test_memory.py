"""What the bot remembers comes back after a restart, and tells nobody's name."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.memory import DAY_S, Memory, Posted, ServerSettings
from bot.conversation.schema import SCHEMA
from index.errors import PullquoteError
from index.records import Filters

SNOWFLAKE = st.integers(1, 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
POSTED = st.builds(
    Posted,
    server=st.none() | SNOWFLAKE,
    channel=SNOWFLAKE,
    question=TEXT,
    receipts=st.lists(TEXT, max_size=3).map(tuple),
    revision=st.integers(0, 10**9),
    understood_as=st.none() | TEXT,
    filters=st.builds(
        Filters,
        since=st.none() | st.dates(),
        outlets=st.none() | st.lists(TEXT, max_size=3).map(tuple),
        collections=st.none() | st.lists(TEXT, max_size=3).map(tuple),
        filed_after=st.none() | st.integers(0, 10**9),
        undated=st.booleans(),
    ),
    message=st.none() | SNOWFLAKE,
    standing=st.none() | SNOWFLAKE,
    at=st.floats(0, 4e9),
    marked=st.none() | TEXT,
)


class Clock:
    """A clock that a test sets."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def memory(tmp_path):
    """A memory of this test alone."""
    made = Memory(tmp_path / "bot.db")
    yield made
    made.close()


def posted(**changed) -> Posted:
    """An answer as it is posted."""
    return replace(Posted(1, 2, "who vetoed it?", ("a.txt:1-5@0123456789ab",), 7), **changed)


@settings(deadline=None, max_examples=25)
@given(POSTED)
def test_an_answer_is_the_same_after_a_restart(tmp_path_factory, answer):
    """All that buttons, follow-ups and corrections need is kept, whatever it holds."""
    path = tmp_path_factory.mktemp("state") / "bot.db"
    first = Memory(path)
    assert first.remember(answer) == answer.key
    first.close()
    second = Memory(path)
    assert second.posted(answer.key) == answer
    assert second.latest_in(answer.channel) == answer
    second.close()


@given(
    st.none() | st.lists(TEXT, max_size=3).map(tuple),
    st.none() | st.frozensets(SNOWFLAKE, max_size=3),
    st.booleans(),
    st.none() | SNOWFLAKE,
)
@settings(deadline=None, max_examples=15)
def test_settings_are_the_same_after_a_restart(tmp_path_factory, collections, channels, on, role):
    """What a server chose is kept; another server keeps the defaults."""
    path = tmp_path_factory.mktemp("state") / "bot.db"
    chosen = ServerSettings(collections, channels, on, not on, role)
    first = Memory(path)
    first.set_settings(5, chosen)
    first.close()
    second = Memory(path)
    assert second.settings_for(5) == chosen
    assert second.settings_for(6) == second.settings_for(None) == ServerSettings()
    second.close()


def test_an_answer_is_found_by_the_message_that_it_became(memory):
    """It is remembered before it is sent, and known by its message from then on."""
    key = memory.remember(posted())
    assert memory.posted_as(99) is None
    memory.sent(key, 3, 99)
    kept = memory.posted_as(99)
    assert kept == memory.posted(key)
    assert (kept.key, kept.channel, kept.message) == (key, 3, 99)
    memory.forget(key)
    assert memory.posted(key) is None


def test_the_latest_answer_of_a_channel_is_the_one_to_follow_up(memory):
    """A question in a thread goes on from the last answer there."""
    old, new = posted(at=10.0), posted(at=20.0)
    memory.remember(new), memory.remember(old), memory.remember(posted(channel=4, at=30.0))
    assert memory.latest_in(2) == new
    assert memory.latest_in(5) is None


def test_an_event_is_seen_once(tmp_path):
    """Also when it is replayed after a restart."""
    first = Memory(tmp_path / "bot.db")
    assert not first.seen(123)
    assert first.seen(123)
    first.close()
    second = Memory(tmp_path / "bot.db")
    assert second.seen(123)
    assert not second.seen(124)
    second.close()


def test_old_answers_are_forgotten_votes_are_not(tmp_path):
    """Retention drops answers and seen events; thumbs, settings and standing questions stay."""
    clock = Clock()
    memory = Memory(tmp_path / "bot.db", clock=clock)
    old, new = posted(at=clock.now), posted(at=clock.now + 5 * DAY_S)
    memory.remember(old), memory.remember(new), memory.seen(1)
    memory.vote(old, 42, up=True)
    memory.follow(1, 2, "who?", 0)
    clock.now += 10 * DAY_S
    assert memory.prune(days=7) == 1
    assert (memory.posted(old.key), memory.posted(new.key)) == (None, new)
    assert not memory.seen(1)
    assert len(memory.votes()) == len(memory.following()) == 1
    memory.close()


def test_a_voter_has_one_vote_on_an_answer_and_no_name(tmp_path):
    """The last thumb counts; nothing in the file tells who it was, nor that two are of one."""
    memory = Memory(tmp_path / "bot.db")
    answer, other, voter = posted(), posted(), 314159265358979323
    memory.vote(answer, voter, up=True)
    memory.vote(answer, voter, up=False)
    memory.vote(answer, voter + 1, up=True)
    memory.vote(other, voter, up=True)
    assert sorted(vote.up for vote in memory.votes() if vote.answer == answer.key) == [False, True]
    assert [vote.name for vote in memory.votes()] == [None] * 3
    memory.close()
    with sqlite3.connect(tmp_path / "bot.db") as db:
        voters = [row[0] for row in db.execute("SELECT voter FROM vote")]
    db.close()
    assert len(set(voters)) == 3
    assert str(voter).encode() not in (tmp_path / "bot.db").read_bytes()


def test_another_install_hashes_a_voter_differently(tmp_path):
    """The secret is of this install: the hashes of two can't be joined."""
    hashes = []
    for name in "ab":
        memory = Memory(tmp_path / f"{name}.db")
        memory.vote(posted(key="same"), 42, up=True)
        memory.close()
        with sqlite3.connect(tmp_path / f"{name}.db") as db:
            hashes += db.execute("SELECT voter FROM vote").fetchone()
        db.close()
    assert hashes[0] != hashes[1]


def test_a_vote_is_on_the_quote_that_was_shown(memory):
    """One on a refusal has no receipt; of an answer, each quote can be voted on."""
    answer = posted(receipts=("x", "y"))
    memory.vote(posted(receipts=()), 1, up=True)
    memory.vote(answer, 1, up=False)
    memory.vote(replace(answer, receipts=("y",)), 1, up=True)
    assert {(vote.receipt, vote.up) for vote in memory.votes()} == {
        (None, True),
        ("x", False),
        ("y", True),
    }


def test_a_vote_is_on_what_was_searched_for(memory):
    """A follow-up can't stand alone; what it was understood as can."""
    memory.vote(posted(question="and China?", understood_as="did China veto it?"), 1, up=True)
    assert memory.votes()[0].question == "did China veto it?"


def test_names_are_kept_where_they_are_switched_on(tmp_path):
    """And nowhere else."""
    for names, kept in ((False, None), (True, "ada")):
        memory = Memory(tmp_path / f"{names}.db", names=names)
        memory.vote(posted(), 1, up=True, name="ada")
        assert memory.votes()[0].name == kept
        memory.close()


def test_a_deleted_post_of_a_followed_question_is_not_posted_again(memory):
    """Only the votes on it are forgotten; once it is followed no more, all of it is."""
    standing = memory.follow(1, 2, "who vetoed it?", 10)
    post = posted(standing=standing.id, message=5)
    memory.advance(standing.id, 11, post)
    memory.vote(post, 7, up=True)
    memory.deleted(post.key)
    assert memory.posted_for(standing.id) == [post]
    assert memory.votes() == []
    memory.unfollow(standing.id, 2)
    memory.deleted(post.key)
    assert memory.posted(post.key) is None


def test_a_channel_follows_a_question_once(memory):
    """Asking to follow it again changes nothing; another channel may follow it, too."""
    first = memory.follow(1, 2, "who?", after=10)
    assert memory.follow(1, 2, "who?", after=20) == first
    memory.follow(1, 3, "who?", after=20)
    assert len(memory.following()) == 2
    memory.advance(first.id, 15)
    assert [each.after for each in memory.following(2)] == [15]
    assert not memory.unfollow(first.id, channel=3)
    assert memory.unfollow(first.id, channel=2)
    assert memory.following(2) == []


def test_the_number_of_a_standing_question_is_never_used_again(memory):
    """What was posted for one that was removed is not taken for another's."""
    first = memory.follow(1, 2, "who?", 0)
    memory.remember(posted(standing=first.id))
    memory.unfollow(first.id, 2)
    assert memory.posted_for(memory.follow(1, 2, "where?", 0).id) == []


def test_only_quotes_that_stand_in_a_channel_can_be_corrected(tmp_path):
    """Refusals, what was never sent and what is too old are left out."""
    clock = Clock()
    memory = Memory(tmp_path / "bot.db", clock=clock)
    right = posted(message=1, at=clock.now)
    for each in (right, posted(message=2, receipts=(), at=clock.now), posted(at=clock.now)):
        memory.remember(each)
    memory.remember(posted(message=3, at=clock.now - 15 * DAY_S))
    assert memory.posted_since(days=14) == [right]
    memory.mark(right.key, "abc")
    assert memory.posted(right.key).marked == "abc"
    memory.close()


def test_many_threads_may_write(memory):
    """No call is lost and none fails when they come at once."""

    def work(number: int) -> None:
        for event in range(50):
            memory.seen(number * 1000 + event + 1)
            memory.remember(posted(channel=number + 1))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(memory.seen(number * 1000 + 50) for number in range(4))
    assert all(memory.latest_in(number + 1) for number in range(4))


def test_a_failed_write_changes_nothing(memory):
    """A transaction is whole or not at all, and the next one goes through."""
    with pytest.raises(sqlite3.Error):
        memory.follow(1, None, "who?", 0)
    memory.follow(1, 2, "who?", 0)
    assert len(memory.following()) == 1


def test_another_format_is_refused_by_name(tmp_path):
    """A file of a newer version is not touched."""
    Memory(tmp_path / "bot.db").close()
    with sqlite3.connect(tmp_path / "bot.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(PullquoteError, match=f"format 99, this version reads {SCHEMA.version}"):
        Memory(tmp_path / "bot.db")


def test_another_programs_file_is_refused(tmp_path):
    """Neither a database of something else nor a file that is none is written to."""
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE mine (a)")
    db.close()
    with pytest.raises(PullquoteError, match="another program"):
        Memory(tmp_path / "other.db")
    (tmp_path / "text.db").write_text("not a database " * 100)
    with pytest.raises(PullquoteError, match=r"text\.db: can't be used"):
        Memory(tmp_path / "text.db")
    assert (tmp_path / "text.db").read_text().startswith("not a database")


def test_filters_of_one_outlet_as_they_were_kept_at_first_are_read(memory):
    """An answer of before, about one outlet, is asked again about it."""
    posted = Posted(1, 2, "who?", (), 1)
    memory.remember(posted)
    with closing(sqlite3.connect(memory.path)) as database, database:
        database.execute("UPDATE posted SET filters = ?", ('{"outlet": "BBC"}',))
    assert memory.posted(posted.key).filters == Filters(outlets=("BBC",))


def test_filters_are_kept_as_they_were(memory):
    """An answer asked with filters is asked again with the same ones."""
    filters = Filters(
        date(2016, 12, 8), None, ("BBC", "CNN"), collections=("seeds",), filed_after=3
    )
    memory.remember(posted(key="k", filters=filters))
    assert memory.posted("k").filters == filters
