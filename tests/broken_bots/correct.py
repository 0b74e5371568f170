"""A small bot that does everything right: the double has nothing to say against it."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
from common import SmallBot, run
from discord import app_commands

TRIES = 4


class Buttons(discord.ui.View):
    """Buttons that work after a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Context", custom_id="correct:context")
    async def context(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        """Say more, to who asked only."""
        await interaction.response.send_message("context", ephemeral=True)

    @discord.ui.button(label="More", custom_id="correct:more")
    async def more(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        """Put more into the message."""
        await interaction.response.edit_message(content="> more")

    @discord.ui.button(label="Wrong", custom_id="correct:wrong")
    async def wrong(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        """Ask what is wrong."""
        await interaction.response.send_modal(Complaint())


class Complaint(discord.ui.Modal, title="What is wrong?"):
    """A form with one field."""

    words = discord.ui.TextInput(label="Your words", custom_id="words")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say thanks."""
        await interaction.response.send_message(f"> {self.words.value}", ephemeral=True)


class Card(discord.ui.LayoutView):
    """An answer of Components V2."""

    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        row = discord.ui.ActionRow(discord.ui.Button(label="Source", url="https://example.org/"))
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text), row))


class Correct(SmallBot):
    """Defers, works, answers once, and tries again when the connection broke."""

    async def setup_hook(self) -> None:
        """Register the buttons and commands."""
        self.add_view(Buttons())
        await super().setup_hook()

    async def answer(self, message: discord.Message) -> None:
        """Answer once, also if the connection breaks before the answer to the answer."""
        for attempt in range(TRIES):
            try:
                await message.reply(f"> {message.content}", view=Buttons(), nonce=message.id)
                return
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.1 * attempt)
            except discord.HTTPException as error:
                if error.status != 429:
                    return  # the channel is closed to it, or the question is gone
                await asyncio.sleep(0.1)


bot = Correct()


@bot.tree.command(description="Ask the articles")
@app_commands.describe(question="What to ask", outlet="Whose articles")
async def ask(interaction: discord.Interaction, question: str, outlet: str | None = None) -> None:
    """Defer, think, answer."""
    await interaction.response.defer()
    await interaction.followup.send(view=Card(f"> {question} ({outlet})"))


@ask.autocomplete("outlet")
async def outlets(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the outlets that begin so."""
    known = ("Courier", "Chronicle", "Herald")
    return [app_commands.Choice(name=n, value=n) for n in known if n.startswith(typed)]


articles = app_commands.Group(name="articles", description="Articles")


@articles.command(description="Add an article")
async def add(interaction: discord.Interaction, file: discord.Attachment) -> None:
    """Read the file and say how long it is."""
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send(f"{len(await file.read())} bytes", ephemeral=True)


bot.tree.add_command(articles)


@bot.tree.context_menu(name="Check this quote")
async def check(interaction: discord.Interaction, message: discord.Message) -> None:
    """Say in a thread what the message says."""
    await interaction.response.send_message(f"> {message.content}")
    original = await interaction.original_response()
    whole = await interaction.channel.fetch_message(original.id)
    thread = await whole.create_thread(name="Check")
    async with thread.typing():
        await thread.send("in a thread")


if __name__ == "__main__":
    run(bot)
