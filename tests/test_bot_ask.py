"""Asking in Discord: by command, mention, direct message, reply, thread and menu."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import bot_world
import discord
import pytest
from bot_world import QUESTION, VETO, Gate, labels, new_bot, text, world, write
from encoders import WordEncoder

from bot.conversation import words
from bot.conversation.memory import Memory, ServerSettings
from bot.discord.parts import helping
from bot.discord.turns import QUESTIONS as TURNS
from bot.discord.views import notice
from index import Library
from index.ask.judge import FusionJudge
from index.errors import PullquoteError
from index.records import Receipt

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The judge of this module's library."""
    return Gate()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Library]:
    """A library that no test changes."""
    library = bot_world.library(tmp_path_factory.mktemp("bot"), judge=gate)
    yield library
    library.close()


@pytest.fixture
def library(shared: Library, gate: Gate) -> Library:
    """The library, with its gate open, nothing asked and nothing private."""
    shared.set_readers(dict.fromkeys(shared.collections()))
    gate.open.set()
    gate.asked.clear()
    return shared


async def test_a_mention_is_answered_with_the_quote(library: Library, memory: Memory) -> None:
    """A reply without a ping, with the quote, its source and buttons; typing shows meanwhile."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        assert VETO in text(answer)
        assert "Veto" in text(answer)
        assert "Herald" in text(answer)
        assert labels(answer)[1:] == ["Context", "More", "Source", "👍", "👎", "Delete"]
        (body,) = here.sent("POST", f"/channels/{here.channel.id}/messages")
        assert body["allowed_mentions"] == {"parse": [], "replied_user": False}
        question = here.channel.history()[-2]
        assert body["nonce"] == str(question.id)
        assert body["enforce_nonce"] is True
        assert body["message_reference"]["message_id"] == question.id
        assert here.sent("POST", "/typing")
        posted = memory.posted_as(answer.id)
        assert posted is not None
        assert posted.question == QUESTION


async def test_ask_is_acknowledged_before_it_is_answered(
    library: Library, memory: Memory, gate: Gate
) -> None:
    """The acknowledgement does not wait for the search."""
    async with world(library, memory, settle_timeout=0.3) as here:
        gate.open.clear()
        with pytest.raises(TimeoutError):
            await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert here.sent("POST", "/callback") == [{"type": 5}]
        assert not here.sent("PATCH", "/@original")
        gate.open.set()
        await here.env.settle(timeout=5)
        assert VETO in text(here.last())


async def test_help_and_privacy_are_told_to_who_asks(library: Library, tmp_path: Path) -> None:
    """What is said to be kept is what the settings make of it."""
    for names, correction_days, days in ((False, 14, "90 days"), (True, 120, "120 days")):
        memory = Memory(tmp_path / f"{names}.sqlite", names=names)
        async with world(library, memory, parts=[helping(correction_days)]) as here:
            told = await here.alice.slash(here.channel, "help")
            assert told.ephemeral
            assert text(told.response) == words.HELP
            told = await here.alice.slash(here.channel, "privacy")
            assert told.ephemeral
            assert days in text(told.response)
            assert ("with the name of" in text(told.response)) == names
        memory.close()


async def test_filters_of_the_command_hold(library: Library, memory: Memory) -> None:
    """Days in words and outlets restrict what may answer."""
    async with world(library, memory) as here:
        told = await here.alice.slash(
            here.channel, "ask", question=QUESTION, since="2016-12-08", outlet="Harbour Post"
        )
        assert "minister spoke" in text(told.response)
        told = await here.alice.slash(here.channel, "ask", question=QUESTION, until="2015")
        assert "No answer found" in text(told.response)
        assert "no article is of 2015-12-31 or earlier; they cover 2016-12-06" in text(
            told.response
        )
        told = await here.alice.slash(
            here.channel, "ask", question=QUESTION, outlet="Herald; harbour post", until="2016"
        )
        assert VETO in text(told.response)


async def test_the_source_of_a_record_of_a_followed_file_opens(
    tmp_path: Path, memory: Memory
) -> None:
    """The file is a collection of its own, and its records are in it, whatever their ids hold."""
    made = bot_world.library(tmp_path)
    lines = "".join(f'{{"id": "a/{n}", "text": "Zebras ran {n} miles."}}\n' for n in range(2))
    (tmp_path / "wire.jsonl").write_text(lines)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "wire.jsonl").write_text(lines.replace("ran", "walked"))
    made.sync([tmp_path / "wire.jsonl", tmp_path / "more" / "wire.jsonl"])
    bot = new_bot(made, memory, {"secret": [1], "wire.jsonl~2": [1]})
    here = await bot.asking.place(2)
    for article in made.articles():
        seen = not article.id.startswith(("secret/", "wire.jsonl~2#"))
        assert here.holds(article.id) == seen, article.id
        receipt = str(Receipt.of(article, 0, 4))
        if seen:
            assert (await bot.asking.source(here, receipt)).article == article
        else:
            with pytest.raises(PullquoteError, match="not among those of this server"):
                await bot.asking.source(here, receipt)
    made.close()


async def test_filters_that_leave_nothing_are_named(library: Library, memory: Memory) -> None:
    """An outlet that was misspelt, with the one that was meant, none of a private collection."""
    async with world(library, memory, private={"secret": [1]}) as here:
        for outlet, told in (
            ("Herold", "No outlet is called Herold; did you mean Herald?"),
            ("Weekly", "No outlet is called Weekly."),
        ):
            said = await here.alice.slash(here.channel, "ask", question=QUESTION, outlet=outlet)
            assert told.lower() in text(said.response).lower()
            assert "Nowhere in the articles" not in text(said.response)
        said = await here.alice.slash(
            here.channel, "ask", question=QUESTION, since="2016-12-09", until="2016-12-01"
        )
        assert "no day is both" in text(said.response)
        assert here.env.errors


async def test_undated_articles_that_were_left_out_are_counted(
    tmp_path: Path, memory: Memory
) -> None:
    """With the option that takes them in; nothing is said of those of a private collection."""
    made = bot_world.library(tmp_path)
    (tmp_path / "articles" / "city" / "note.txt").write_text(f"Note\n{VETO}")
    (tmp_path / "articles" / "secret" / "note.txt").write_text(f"Note\n{VETO}")
    made.sync()
    async with world(made, memory, private={"secret": [1]}) as here:
        told = await here.alice.slash(here.channel, "ask", question=QUESTION, since="2016")
        assert "1 article without a date was left out" in text(told.response)
        told = await here.alice.slash(
            here.channel, "ask", question=QUESTION, since="2016", undated=True
        )
        assert "left out" not in text(told.response)
    made.close()


async def test_a_day_that_cannot_be_read_is_said_to_the_asker_alone(
    library: Library, memory: Memory
) -> None:
    """And how to write it."""
    async with world(library, memory) as here:
        told = await here.alice.slash(here.channel, "ask", question=QUESTION, since="someday")
        assert told.ephemeral
        assert "2016" in text(told.response)
        assert here.env.errors


async def test_outlets_are_offered_while_typing(library: Library, memory: Memory) -> None:
    """Those that begin with what was typed come first; none of a collection that is private."""
    async with world(library, memory, private={"secret": [1]}) as here:
        offered = await here.alice.autocomplete(here.channel, "ask", "outlet", "h", question="x")
        assert [each["value"] for each in offered] == ["Harbour Post", "Herald"]
        assert not await here.alice.autocomplete(here.channel, "ask", "outlet", "Secr")


async def test_a_direct_message_is_a_question(library: Library, memory: Memory) -> None:
    """No mention is needed there."""
    async with world(library, memory) as here:
        await here.alice.send_dm(QUESTION)
        assert VETO in text(here.alice.user.dm_channel.last_message)


async def test_a_refusal_says_what_was_missing(library: Library, memory: Memory) -> None:
    """It carries thumbs, too."""
    async with world(library, memory) as here:
        answer = await here.ask("zebras xylophones?")
        assert "No answer found" in text(answer)
        assert "zebras" in text(answer)
        assert labels(answer)[-3:] == ["👍", "👎", "Delete"]


async def test_a_reply_to_an_answer_is_a_follow_up(library: Library, memory: Memory) -> None:
    """What it leaves out is taken from the question before, and how it was understood is shown."""
    async with world(library, memory) as here:
        answer = await here.ask(QUESTION)
        await here.ask("and when?", reply_to=answer)
        assert "Understood as: when did they veto the ceasefire" in text(here.last())
        await here.ask("and when?")
        assert "Understood as" not in text(here.last())


async def test_a_follow_up_keeps_the_dates_and_the_outlet_of_what_it_follows(
    library: Library, memory: Memory
) -> None:
    """As long as it can't stand alone: another question is asked of all articles again."""
    async with world(library, memory) as here:
        chosen = {"question": QUESTION, "outlet": "Harbour Post", "since": "2016-12-07"}
        told = await here.alice.slash(here.channel, "ask", **chosen)
        await here.ask("and when?", reply_to=told.response)
        kept = memory.latest_in(here.channel.id)
        assert kept is not None
        assert (kept.filters.outlets, kept.filters.since) == (("Harbour Post",), date(2016, 12, 7))
        await here.ask("Who opened the orchard on Sunday?", reply_to=told.response)
        kept = memory.latest_in(here.channel.id)
        assert kept is not None
        assert (kept.filters.outlets, kept.filters.since) == (None, None)


async def test_in_a_thread_the_question_before_counts(library: Library, memory: Memory) -> None:
    """Where the server wants threads, each mention gets one, and a mention in it follows up."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(thread=True))
        await here.ask(QUESTION)
        (thread,) = here.channel.threads
        assert thread.name == QUESTION
        assert VETO in text(thread.last_message)
        await here.ask("and when?", channel=thread)
        assert "Understood as" in text(thread.last_message)


async def test_the_command_answers_in_a_thread_too(library: Library, memory: Memory) -> None:
    """The question stands in the channel, the answer in the thread made from it."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(thread=True))
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert "in the thread" in text(told.response)
        (thread,) = here.channel.threads
        assert VETO in text(thread.last_message)


async def test_without_permission_for_threads_the_answer_stands_in_the_channel(
    library: Library, memory: Memory
) -> None:
    """It is not lost."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(thread=True))
        here.env.inject_error("POST", "/channels/*/messages/*/threads", status=403, code=50013)
        assert VETO in text(await here.ask(QUESTION))


async def test_without_permission_in_threads_the_answer_stands_in_the_channel(
    library: Library, memory: Memory
) -> None:
    """The thread is there, and stays empty."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(thread=True))
        here.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
        assert VETO in text(await here.ask(QUESTION))
        assert len(here.channel.threads) == 1


async def test_in_its_thread_the_bot_says_once_how_to_be_asked(
    library: Library, memory: Memory
) -> None:
    """It can't read what does not mention it."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(thread=True))
        await here.ask(QUESTION)
        (thread,) = here.channel.threads
        before = len(thread.history())
        await here.alice.send(thread, "and when?")
        assert text(thread.last_message) == words.MENTION_ME
        await here.alice.send(thread, "hello?")
        assert len(thread.history()) == before + 3


async def test_a_mention_without_a_question_is_told_how_to_ask(
    library: Library, memory: Memory
) -> None:
    """Nothing is searched."""
    async with world(library, memory) as here:
        assert text(await here.ask("")) == words.HOW_TO_ASK
        assert text(await here.ask("?! \u200b🙂")) == words.HOW_TO_ASK
        told = await here.alice.slash(here.channel, "ask", question="?")
        assert words.HOW_TO_ASK in text(told.response)
        assert here.env.errors


async def test_what_is_not_meant_for_the_bot_is_let_be(library: Library, memory: Memory) -> None:
    """Neither a message without a mention nor one of another bot is answered."""
    async with world(library, memory) as here:
        await here.alice.send(here.channel, QUESTION)
        other = here.guild.add_member(here.env.create_user("robot", bot=True))
        await other.send(here.channel, f"{here.me} {QUESTION}")
        assert len(here.channel.history()) == 2


async def test_a_message_can_be_asked_about(library: Library, memory: Memory) -> None:
    """Its text is the question."""
    async with world(library, memory) as here:
        said = await here.alice.send(here.channel, QUESTION)
        told = await here.alice.context_menu(here.channel, "Ask about this", said)
        assert VETO in text(told.response)


async def test_a_message_can_be_checked(library: Library, memory: Memory) -> None:
    """Word for word, or nowhere."""
    async with world(library, memory) as here:
        said = await here.alice.send(here.channel, VETO)
        told = await here.alice.context_menu(here.channel, "Check this quote", said)
        assert "Word for word" in text(told.response)
        said = await here.alice.send(here.channel, "Zebras play xylophones in the zoo.")
        told = await here.alice.context_menu(here.channel, "Check this quote", said)
        assert "Nowhere in the articles" in text(told.response)


async def test_the_menus_read_what_servers_hold(library: Library, memory: Memory) -> None:
    """Embeds, components, what was forwarded, and the bot's own answers."""
    async with world(library, memory) as here:
        news = here.bot.get_partial_messageable(here.channel.id)
        embed = discord.Embed(title="Veto", description=f"**{VETO}**")
        sent = [await news.send(embed=embed), await news.send(view=notice(VETO))]
        sent.append(await (await news.send(VETO)).forward(news))
        sent.append(await here.ask(QUESTION))
        for number, said in enumerate(sent):  # each by another person, for one asks only so often
            reader = here.guild.add_member(here.env.create_user(f"reader-{number}"))
            told = await reader.context_menu(here.channel, "Check this quote", said)
            assert "Word for word" in text(told.response)
            asked = await reader.context_menu(here.channel, "Ask about this", said)
            assert VETO in text(asked.response)


async def test_a_check_shows_its_context_and_source(library: Library, memory: Memory) -> None:
    """Nothing is kept of what was checked but where it stands."""
    async with world(library, memory) as here:
        said = await here.alice.send(here.channel, VETO)
        told = await here.alice.context_menu(here.channel, "Check this quote", said)
        assert labels(told.response) == ["Open article", "Context", "Source"]
        for label in ("Context", "Source"):
            pressed = await here.alice.click(told.response, label=label)
            assert pressed.ephemeral
            assert f"**{VETO[:-1]}**" in text(pressed.response)
            assert "The mayor spoke." in text(pressed.response)
        assert memory.latest_in(here.channel.id) is None


async def test_a_message_without_a_word_can_be_neither_asked_nor_checked(
    library: Library, memory: Memory
) -> None:
    """It is said so, to the asker alone."""
    async with world(library, memory) as here:
        said = await here.alice.send(here.channel, "?!")
        told = await here.alice.context_menu(here.channel, "Check this quote", said)
        assert words.NO_WORD in text(told.response)
        empty = await here.alice.send(here.channel, "https://example.org/a")
        told = await here.alice.context_menu(here.channel, "Ask about this", empty)
        assert told.ephemeral
        assert words.NO_TEXT in text(told.response)
        assert here.env.errors


async def test_one_person_asks_only_so_often(library: Library, memory: Memory) -> None:
    """Commands and mentions are counted together; said once in the channel; another is served."""
    async with world(library, memory) as here:
        for _ in range(TURNS // 2):
            assert VETO in text(await here.ask(QUESTION))
            told = await here.alice.slash(here.channel, "ask", question=QUESTION)
            assert VETO in text(told.response)
        assert "ask again in" in text(await here.ask(QUESTION))
        before = len(here.channel.history())
        await here.alice.send(here.channel, f"<@{here.bot.user.id}> {QUESTION}")
        assert len(here.channel.history()) == before + 1
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert told.ephemeral
        assert "ask again in" in text(told.response)
        bob = here.guild.add_member(here.env.create_user("bob"))
        told = await bob.slash(here.channel, "ask", question=QUESTION)
        assert VETO in text(told.response)
        assert here.env.errors


async def test_only_the_asker_sees_and_may_share(library: Library, memory: Memory) -> None:
    """Where the server wants it: a mention is told to use the command."""
    async with world(library, memory) as here:
        memory.set_settings(here.guild.id, ServerSettings(private=True))
        assert text(await here.ask(QUESTION)) == words.PRIVATE
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert told.ephemeral
        assert labels(told.response)[-2:] == ["Share", "Delete"]
        shared = await here.alice.click(told.response, label="Share")
        assert not shared.ephemeral
        assert VETO in text(shared.response)
        assert "Share" not in labels(shared.response)


async def test_it_speaks_only_where_it_may(library: Library, memory: Memory) -> None:
    """Elsewhere a command is refused to the asker alone, and a mention not heard."""
    async with world(library, memory) as here:
        other = here.guild.create_text_channel("other")
        memory.set_settings(here.guild.id, ServerSettings(channels=frozenset({other.id})))
        await here.ask(QUESTION)
        assert len(here.channel.history()) == 1
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert told.ephemeral
        assert text(told.response) == words.NOT_HERE
        told = await here.alice.slash(other, "ask", question=QUESTION)
        assert VETO in text(told.response)


async def test_a_server_never_sees_what_is_private_to_another(
    library: Library, memory: Memory
) -> None:
    """Not by asking, checking, a refusal, an outlet, nor by the buttons of an older answer."""
    async with world(library, memory) as here:
        asked = "who opened the orchard?"
        told = await here.alice.slash(here.channel, "ask", question=asked)
        assert "Secret Weekly" in text(told.response)
        older = told.response
        told = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert "Secret Weekly" in text(told.response)
        another = here.guild.id + 1
        await here.env.restart_bot(new_bot(library, memory, {"secret": [another]}))
        told = await here.alice.slash(here.channel, "ask", question=asked)
        assert "No answer found" in text(told.response)
        assert "orchard" in text(told.response).partition("Nowhere in the articles:")[2]
        said = await here.alice.send(here.channel, "The judge opened the orchard on Sunday.")
        checked = await here.alice.context_menu(here.channel, "Check this quote", said)
        assert "Nowhere in the articles" in text(checked.response)
        copied = await here.alice.slash(here.channel, "ask", question=QUESTION)
        assert VETO in text(copied.response)
        seen = [text(told.response), text(copied.response)]
        for label in ("Context", "Source"):
            pressed = await here.alice.click(older, label=label)
            seen += map(text, (pressed.response, *pressed.followups))
        assert len(seen) >= 3
        assert not [each for each in seen if "Secret Weekly" in each or "judge opened" in each]
        assert here.env.errors == []


async def test_a_busy_bot_says_the_place_and_answers_in_turn(
    library: Library, memory: Memory, gate: Gate
) -> None:
    """What was said first becomes the answer."""
    async with world(library, memory, settle_timeout=0.3) as here:
        gate.open.clear()
        for number in range(1, 6):
            with pytest.raises(TimeoutError):
                await here.ask(f"{QUESTION} {'please ' * number}")
        assert "you are number 3" in text(here.last())
        gate.open.set()
        await here.env.settle(timeout=5)
        mine = [each for each in here.channel.history() if each.author == here.bot.user]
        assert [VETO in text(each) for each in mine] == [True] * 5
        edits = here.sent("PATCH", f"/channels/{here.channel.id}/messages/")
        assert [each["allowed_mentions"]["parse"] for each in edits] == [[]]


async def test_the_same_question_is_searched_once(
    library: Library, memory: Memory, gate: Gate
) -> None:
    """Of two people, at the same moment."""
    async with world(library, memory, settle_timeout=0.3) as here:
        bob = here.guild.add_member(here.env.create_user("bob"))
        gate.open.clear()
        gate.asked.clear()
        for each in (here.alice, bob):
            with pytest.raises(TimeoutError):
                await each.slash(here.channel, "ask", question=QUESTION)
        gate.open.set()
        await here.env.settle(timeout=5)
        assert gate.asked == [QUESTION]
        assert [VETO in text(each) for each in here.channel.history()] == [True, True]


async def test_without_an_index_it_says_so_and_answers_as_soon_as_there_is_one(
    memory: Memory, tmp_path: Path
) -> None:
    """Nobody need start it again."""
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    async with world(library, memory) as here:
        assert text(await here.ask(QUESTION)) == words.NO_INDEX
        offered = await here.alice.autocomplete(here.channel, "ask", "outlet", "h")
        assert offered == []
        await asyncio.to_thread(library.sync, write(tmp_path / "articles"))
        assert VETO in text(await here.ask(QUESTION))
    library.close()
