"""Managing the bot in Discord: settings, articles of a server, standing questions, metrics."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import bot_world
import discord
import pytest
import simcord
from bot_world import QUESTION, VETO, World, text, world

from bot.conversation import words
from bot.conversation.corrections import Corrections
from bot.conversation.memory import Posted, ServerSettings
from bot.conversation.shelf import NOT_ADDED
from bot.conversation.standing import Newsroom, Undelivered
from bot.discord.admin import NOT_ALLOWED
from bot.discord.client import PullquoteBot
from bot.discord.following import Following
from bot.discord.mail import Mail
from bot.discord.measuring import measuring
from bot.discord.parts import administration, parts, questions
from bot.metrics import Metrics
from index import Library

pytestmark = pytest.mark.asyncio

NEWS = "Flood\nThe river flood closed the school on Sunday.\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of this test alone."""
    made = bot_world.library(tmp_path)
    yield made
    made.close()


async def following(bot: object) -> None:
    """The commands for standing questions, without what runs by itself."""
    await bot.add_cog(Following(bot))


PARTS = (administration(), following)


def manager(here: World) -> simcord.MemberActor:
    """A member with Manage Server."""
    rights = discord.Permissions(manage_guild=True)
    role = here.guild.create_role("Managers", permissions=rights)
    return here.guild.add_member(here.env.create_user("mara"), roles=[role])


def menu(message: object, kind: int) -> str:
    """The id of the menu of a kind."""
    components = [bot_world._raw(each) for each in message.components]
    return next(each["custom_id"] for each in bot_world._walk(components, kind))


def options(message: object) -> list[str]:
    """What the menus of a message offer."""
    components = [bot_world._raw(each) for each in message.components]
    return [option["value"] for each in components for option in offered(each)]


def offered(component: dict[str, object]) -> list[dict[str, str]]:
    """The options of a component and of all within it."""
    within = [option for each in component.get("components", []) for option in offered(each)]
    return [*component.get("options", []), *within]


def refusal(here: World, result: simcord.InteractionResult) -> str:
    """What a command said that could not be done, which simcord takes for an error."""
    assert here.env.errors
    assert result.ephemeral
    return text(result.response)


async def shown_to_all(here: World) -> None:
    """Have a server show the commands of managers to everybody, as it may choose to."""
    for command in await here.bot.tree.fetch_commands():
        if command.default_member_permissions is not None:
            here.guild.set_command_permissions(command, {here.guild.default_role: True})


async def test_only_managers_come_to_the_settings(library, memory):
    """Others are told what they lack; a role can be let in, and can't let in others."""
    async with world(library, memory, parts=PARTS) as here:
        await shown_to_all(here)
        for command in ("settings", "articles status", "articles update"):
            result = await here.alice.slash(here.channel, command)
            assert refusal(here, result) == NOT_ALLOWED
        editors = here.guild.create_role("Editors")
        editor = here.guild.add_member(here.env.create_user("edith"), roles=[editors])
        memory.set_settings(here.guild.id, ServerSettings(manager_role=editors.id))
        result = await editor.slash(here.channel, "settings")
        assert "How I answer in this server" in text(result.response)
        components = [bot_world._raw(each) for each in result.response.components]
        (roles,) = bot_world._walk(components, 6)
        assert roles["disabled"]
        assert roles["default_values"] == [{"id": editors.id, "type": "role"}]


async def test_settings_count_at_once_and_are_shown(library, memory):
    """Collections, channels, role, thread and visibility; none chosen means all."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        quiet = here.guild.create_text_channel("quiet")
        role = here.guild.create_role("Editors")
        result = await mara.slash(here.channel, "settings")
        assert result.ephemeral
        panel = result.response

        async def choose(kind: int, values: list[object]) -> None:
            await mara.select(panel.message, values, custom_id=menu(panel, kind))

        await choose(3, ["0"])
        await choose(8, [quiet])
        await choose(6, [role])
        await mara.click(panel.message, label="In the channel")
        await mara.click(panel.message, label="Everyone sees them")
        kept = memory.settings_for(here.guild.id)
        assert kept == ServerSettings(("city",), frozenset({quiet.id}), True, True, role.id)
        assert "In a thread of their own" in bot_world.labels(panel)
        assert "Only the asker sees them" in bot_world.labels(panel)
        await choose(3, [])
        await choose(8, [])
        await choose(6, [])
        assert memory.settings_for(here.guild.id) == ServerSettings(thread=True, private=True)


async def test_who_lost_the_right_can_change_nothing(library, memory):
    """Also in a panel that stands open still."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        panel = (await mara.slash(here.channel, "settings")).response
        here.env.backend.get_guild(here.guild.id).members[mara.id].role_ids.clear()
        result = await mara.click(panel.message, label="In the channel")
        assert text(result.response) == NOT_ALLOWED
        assert memory.settings_for(here.guild.id) == ServerSettings()


async def test_an_attachment_becomes_articles_of_its_server_alone(library, memory):
    """The numbers come when the revision is live; no other server is answered from it."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        file = ("flood.txt", NEWS.encode())
        result = await mara.slash(here.channel, "articles add", file=file)
        assert result.ephemeral
        told = text(result.response)
        assert "**New or changed**: 1 article\n- Flood" in told
        assert "answered from 4 articles" in told
        ours = here.bot.scope.visible(here.guild.id)
        assert f"server-{here.guild.id}" in ours
        assert f"server-{here.guild.id}" not in here.bot.scope.visible(here.guild.id + 1)
        assert "river flood" in text(await here.ask("what closed the school? flood river"))
        result = await mara.slash(here.channel, "articles add", file=file)
        assert "Nothing new" in text(result.response)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("virus.exe", b"MZ", "I can't read that kind of file"),
        ("bomb.jsonl.gz", b"\x1f\x8b", "I can't read that kind of file"),
        (".hidden.txt", b"Hello\nThere.", "I can't read that kind of file"),
        ("empty.txt", b"", "There is no article in that"),
        ("bad.jsonl", b"{", "There is no article in that"),
    ],
)
async def test_what_is_no_article_is_not_kept(library, memory, name, content, told):
    """It is refused with the reason, and nothing stays of it."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        result = await mara.slash(here.channel, "articles add", file=(name, content))
        assert told in refusal(here, result)
        folder = here.bot.scope.folder(here.guild.id)
        assert not folder.exists() or not list(folder.iterdir())


async def test_a_bad_file_does_not_take_the_place_of_a_good_one(library, memory):
    """What was there before is still there, and answers."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        await mara.slash(here.channel, "articles add", file=("flood.txt", NEWS.encode()))
        result = await mara.slash(here.channel, "articles add", file=("flood.txt", b" "))
        assert "There is no article" in refusal(here, result)
        folder = here.bot.scope.folder(here.guild.id)
        assert [path.read_text() for path in folder.iterdir()] == [NEWS]


async def test_a_link_becomes_an_article_of_its_server(library, memory, tmp_path):
    """The page is fetched, and kept in the server's folder; one that can't be is named."""
    page = tmp_path / "site" / "flood.html"
    page.parent.mkdir()
    page.write_text(
        "<html><head><title>Flood</title></head><body><article><h1>Flood</h1>"
        f"<p>{NEWS.splitlines()[1]} {'The mayor spoke of the water for long. ' * 20}</p>"
        "</article></body></html>"
    )
    handler = functools.partial(Quiet, directory=str(page.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    try:
        async with world(library, memory, parts=(administration(allow_private=True),)) as here:
            mara = manager(here)
            base = f"http://127.0.0.1:{server.server_port}"
            result = await mara.slash(here.channel, "articles add", link=f"{base}/flood.html")
            assert "- Flood" in text(result.response)
            assert "river flood" in text(await here.ask("what closed the school? flood river"))
            result = await mara.slash(here.channel, "articles add", link=f"{base}/none.html")
            assert "I could not get that page" in refusal(here, result)
    finally:
        server.shutdown()
        server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


async def test_what_was_added_is_listed_searched_and_removed(library, memory):
    """With who added it and when; pages turn in place; what is removed is gone."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        for number in range(9):
            file = (
                f"flood-{number}.txt",
                f"Flood {number}\nThe dam broke {number} times.".encode(),
            )
            await mara.slash(here.channel, "articles add", file=file)
        listed = (await mara.slash(here.channel, "articles list")).response
        assert f"added by <@{mara.id}> 20" in text(listed)
        assert "9 articles · page 1 of 2" in text(listed)
        await mara.click(listed.message, label="Older")
        assert "page 2 of 2" in text(listed)
        found = (await mara.slash(here.channel, "articles search", words="flood 3")).response
        assert "Flood 3" in text(found)
        assert "Flood 4" not in text(found)
        nothing = (await mara.slash(here.channel, "articles search", words="orchid")).response
        assert "No title" in text(nothing)
        offered = await mara.autocomplete(here.channel, "articles remove", "article", "flood 3")
        assert [each["value"] for each in offered] == ["flood-3.txt"]
        result = await mara.slash(here.channel, "articles remove", article="flood-3.txt")
        assert "**Removed**: 1 article" in text(result.response)
        assert not (here.bot.scope.folder(here.guild.id) / "flood-3.txt").exists()
        again = await mara.slash(here.channel, "articles remove", article="flood-3.txt")
        assert refusal(here, again) == NOT_ADDED
        here.env.errors.clear()
        outside = await mara.slash(here.channel, "articles remove", article="../flood-4.txt")
        assert refusal(here, outside) == NOT_ADDED


async def test_members_are_not_offered_what_they_cannot_use(library, memory):
    """The commands of managers are of servers alone, and shown to who may manage one."""
    async with world(library, memory, parts=PARTS) as here:
        told = {each.name: each.to_dict(here.bot.tree) for each in here.bot.tree.get_commands()}
        for name in ("articles", "settings"):
            assert told[name]["default_member_permissions"] == 1 << 5
            assert told[name]["contexts"] == [0]
            assert told[name]["integration_types"] == [0]


async def test_an_address_inside_the_network_is_not_fetched(library, memory):
    """A server's managers are not let into the network of whoever runs the bot."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        result = await mara.slash(here.channel, "articles add", link="http://127.0.0.1:1/a")
        assert "I could not get that page" in refusal(here, result)


async def test_one_thing_is_added_at_a_time(library, memory):
    """Neither nothing nor two."""
    async with world(library, memory, parts=PARTS) as here:
        mara = manager(here)
        result = await mara.slash(here.channel, "articles add")
        assert "either a file or a link" in refusal(here, result)


async def test_status_tells_of_no_other_server(library, memory):
    """Its numbers and outlets are of what this server may see."""
    async with world(library, memory, private={"secret": [99]}, parts=PARTS) as here:
        told = text((await manager(here).slash(here.channel, "articles status")).response)
        assert "Herald" in told
        assert "Secret Weekly" not in told
        assert "Articles: 2" in told


async def test_update_reads_what_came(library, memory, tmp_path):
    """What lies in the folders now answers from then on."""
    async with world(library, memory, parts=PARTS) as here:
        (tmp_path / "articles" / "city" / "new.txt").write_text(NEWS)
        result = await manager(here).slash(here.channel, "articles update")
        assert "New or changed**: 1 article" in text(result.response)


async def test_following_is_announced_listed_and_removed(library, memory):
    """In the channel where it is asked, and for all to see."""
    async with world(library, memory, parts=PARTS) as here:
        result = await here.alice.slash(here.channel, "follow", question="who *vetoed* it?")
        assert not result.ephemeral
        assert "**Following from now on**\nwho \\*vetoed\\* it?" in text(result.response)
        again = await here.alice.slash(here.channel, "follow", question="who *vetoed* it?")
        assert "Followed here already" in text(again.response)
        again = await here.alice.slash(here.channel, "follow", question="WHO vetoed  it")
        assert "Followed here already" in text(again.response)
        listed = await here.alice.slash(here.channel, "following")
        assert listed.ephemeral
        assert r"- who \*vetoed\* it?" in text(listed.response)
        (standing,) = memory.following()
        await here.alice.select(listed.response.message, [str(standing.id)])
        assert "No question is followed here" in text(listed.response)
        assert memory.following() == []


async def test_only_the_owner_or_a_manager_removes_a_followed_question(library, memory):
    """Others read the list and may remove none; one that has no owner is for managers."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        older = memory.follow(here.guild.id, here.channel.id, "who won?", 0)
        other = here.guild.add_member(here.env.create_user("otto"))
        seen = await other.slash(here.channel, "following")
        assert QUESTION in text(seen.response)
        assert "by whoever may manage the server" in text(seen.response)
        assert options(seen.response.message) == []
        own, _ = memory.following()
        seen = await here.alice.slash(here.channel, "following")
        assert options(seen.response.message) == [str(own.id)]
        seen = await manager(here).slash(here.channel, "following")
        assert options(seen.response.message) == [str(own.id), str(older.id)]
        assert "by whoever may manage the server" not in text(seen.response)


async def test_a_manager_of_before_removes_nothing(library, memory):
    """The right is asked for when the question is chosen, not when the list was shown."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        (standing,) = memory.following()
        role = here.guild.create_role("Desk")
        memory.set_settings(here.guild.id, ServerSettings(manager_role=role.id))
        mara = here.guild.add_member(here.env.create_user("mara"), roles=[role])
        seen = await mara.slash(here.channel, "following")
        memory.set_settings(here.guild.id, ServerSettings())
        await mara.select(seen.response.message, [str(standing.id)])
        assert memory.following() == [standing]


async def test_a_channel_where_it_may_not_speak_follows_nothing(library, memory):
    """It says so at once, instead of failing when something comes."""
    async with world(library, memory, parts=PARTS) as here:
        memory.set_settings(here.guild.id, ServerSettings(channels=frozenset({1})))
        result = await here.alice.slash(here.channel, "follow", question="who?")
        assert text(result.response) == words.NOT_HERE
        memory.set_settings(here.guild.id, ServerSettings())
        result = await here.alice.slash(here.channel, "follow", question="???")
        assert refusal(here, result) == words.NO_WORD
        assert memory.following() == []


async def test_an_article_that_arrives_is_posted_and_corrected(library, memory, tmp_path):
    """From following to the post, its buttons' answer, and the mark on it when it changes."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        mail = Mail(here.bot)
        newsroom = Newsroom(memory, library, here.bot.asking, mail.post)
        corrections = Corrections(memory, library, here.bot.asking.place, mail.edit, days=14)
        path = tmp_path / "articles" / "city" / "third.txt"
        path.write_text("Third\nThe judge vetoed the ceasefire for 45 days.\n")
        library.sync()
        await newsroom.step()
        await corrections.step()
        said = text(here.last())
        assert "A new article answers a question" in said
        assert "The judge vetoed the ceasefire for 45 days." in said
        (sent,) = here.sent("POST", f"/channels/{here.channel.id}/messages")
        assert sent["enforce_nonce"]
        path.write_text("Third\nThe judge vetoed the ceasefire for 47 days.\n")
        library.sync()
        await newsroom.step()
        await corrections.step()
        first = await here.bot.get_partial_messageable(here.channel.id).fetch_message(
            memory.posted_for(1)[-1].message
        )
        assert "**45**" in text(first)
        assert "**47**" in text(first)


async def test_a_correction_is_told_where_the_server_wants_it(library, memory, tmp_path):
    """As a reply to the answer, and in a channel; each once, beside the answer itself."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        desk = here.guild.create_text_channel("desk")
        told = ServerSettings(correction_reply=True, correction_channel=desk.id)
        memory.set_settings(here.guild.id, told)
        mail = Mail(here.bot)
        corrections = Corrections(memory, library, here.bot.asking.place, mail.edit, days=14)
        path = tmp_path / "articles" / "city" / "third.txt"
        path.write_text("Third\nThe judge vetoed the ceasefire for 45 days.\n")
        library.sync()
        await Newsroom(memory, library, here.bot.asking, mail.post).step()
        await corrections.step()
        answer = here.last()
        path.write_text("Third\nThe judge vetoed the ceasefire for 47 days.\n")
        library.sync()
        for _ in range(2):
            await corrections.step()
        reply = here.last()
        assert reply.reference.message_id == answer.id
        assert "**Corrected**" in text(reply)
        (post,) = desk.history()
        assert "**47**" in text(post)
        assert f"Of an answer in <#{here.channel.id}>" in text(post)


async def test_a_channel_that_is_gone_follows_no_more(library, memory):
    """And where the bot may not write, nothing is remembered as posted."""
    async with world(library, memory, parts=PARTS) as here:
        standing = memory.follow(here.guild.id, 4242, QUESTION, 0)
        answer = library.ask(QUESTION)
        posting = Posted(here.guild.id, 4242, QUESTION, (), 1, standing=standing.id)
        assert await Mail(here.bot).post(posting, answer) is Undelivered.REFUSED
        assert memory.following() == []
        shut = memory.follow(here.guild.id, here.channel.id, QUESTION, 0)
        here.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
        posting = Posted(here.guild.id, here.channel.id, QUESTION, (), 1, standing=shut.id)
        assert await Mail(here.bot).post(posting, answer) is Undelivered.REFUSED
        assert memory.following() == []


async def test_the_owner_is_told_once_that_a_channel_refused(library, memory):
    """By a direct message; a second refused post of the same question tells nobody."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        (standing,) = memory.following()
        here.env.inject_error(
            "POST", f"/channels/{here.channel.id}/messages", status=403, code=50013, times=None
        )
        posting = Posted(here.guild.id, here.channel.id, QUESTION, (), 1, standing=standing.id)
        for _ in range(2):
            sent = await Mail(here.bot).post(posting, library.ask(QUESTION))
            assert sent is Undelivered.REFUSED
        assert memory.following() == []
        told = here.alice.user.dm_channel.last_message
        assert len(here.alice.user.dm_channel.history()) == 1
        assert f"<#{here.channel.id}>" in text(told)
        assert QUESTION in text(told)


async def test_an_owner_who_cannot_be_reached_is_in_the_log(library, memory, caplog):
    """With the server and the channel, and without the question."""
    async with world(library, memory, parts=PARTS) as here:
        await here.alice.slash(here.channel, "follow", question=QUESTION)
        (standing,) = memory.following()
        here.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
        here.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
        posting = Posted(here.guild.id, here.channel.id, QUESTION, (), 1, standing=standing.id)
        assert await Mail(here.bot).post(posting, library.ask(QUESTION)) is Undelivered.REFUSED
        lines = [each for each in caplog.records if each.name == "bot.discord.mail"]
        assert [each.message for each in lines] == [
            "a channel refused a post: a question is dropped",
            "its owner can't be told: Forbidden",
        ]
        assert {(each.guild, each.channel) for each in lines} == {(here.guild.id, here.channel.id)}
        assert QUESTION not in caplog.text


async def test_questions_are_counted(library, memory, caplog):
    """By outcome, with the time they took; each has a line in the log, without its words."""
    metrics = Metrics()
    caplog.set_level("INFO", "bot.discord.measuring")
    async with world(library, memory) as here:
        await measuring_listeners(here, metrics)
        assert VETO in text(await here.ask(QUESTION))
        await here.ask("who painted the moon?")
    count = metrics.registry.get_sample_value
    assert count("pullquote_questions_total", {"outcome": "answered"}) >= 1
    assert count("pullquote_answer_seconds_count") == 2
    assert count("pullquote_queue_length") == 0
    lines = [each for each in caplog.records if each.name == "bot.discord.measuring"]
    assert [(each.message, each.guild, each.channel) for each in lines] == [
        ("a question", here.guild.id, here.channel.id)
    ] * 2
    assert all(QUESTION not in str(vars(each)) for each in lines)


async def measuring_listeners(here: World, metrics: Metrics) -> None:
    """Count, without looking at the index by itself."""
    here.bot.keep = lambda service, _name: service.close()
    await measuring(metrics)(here.bot)


async def test_all_parts_fit_together(library, memory):
    """As `pullquote bot` adds them: every command is there, and what runs by itself."""
    metrics, services = Metrics(), []
    others = [part for part in parts(14, metrics) if part is not questions]  # the world has these

    async def hold(bot: PullquoteBot) -> None:
        # The simulated clock would run on for ever with what sleeps and looks again.
        bot.keep = lambda service, name: services.append(name) or service.close()

    async with world(library, memory, parts=(hold, *others)) as here:
        memory.follow(here.guild.id, here.channel.id, QUESTION, 0)
        here.bot.dispatch("guild_remove", here.bot.get_guild(here.guild.id))
        await here.env.settle()
        assert memory.following() == []
        commands = set(manager(here).available_commands(here.channel))
        assert {"ask", "settings", "follow", "following"} <= commands
        assert {"articles add", "articles status", "articles update"} <= commands
        metrics.indexed(library.revision, None)  # as the service says that was held
        assert metrics.health() == (True, {"ready": True, "index": True, "away_s": 0.0})
    assert services == [
        "what was being added",
        "standing questions and corrections",
        "keeping the index true",
        "metrics of the index",
    ]
