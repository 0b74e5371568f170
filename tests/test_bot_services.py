"""The whole program against the loopback Discord: what it does by itself, and what it tells."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import pytest_asyncio
from discord_double import Double, running_bot
from discord_double.server import TOKEN

from index import Library

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

PULLQUOTE = Path(sys.executable).parent / "pullquote"
QUESTION = "Who opened the Zanzibar orchard?"
SAID = "Mayor Adaeze Okafor opened the Zanzibar orchard on Monday with 45 guests."


@pytest_asyncio.fixture
async def double(tmp_path: Path) -> AsyncIterator[Double]:
    """A Discord of this test alone, which finds nothing wrong."""
    async with Double(tmp_path) as double:
        yield double
        assert double.violations == []
        assert double.refused_hosts == []


@pytest.fixture
def index(seed_index: Path, tmp_path: Path) -> Path:
    """An index of the seeds that this test may write to."""
    return shutil.copytree(seed_index, tmp_path / "an-index")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def file(index: Path, folder: Path, text: str) -> None:
    """An article arrives, or changes, in another process's index, as a person would do it."""
    folder.mkdir(exist_ok=True)
    (folder / "orchard.txt").write_text(f"The orchard\n{text}\nIt was a cold day.\n", "utf-8")
    library = Library(index)
    library.sync([folder])
    library.close()


def posted(double: Double) -> list[str]:
    """What the bot said in the channel by itself."""
    said = [each.text for each in double.messages(double.channel)]
    return [text for text in said if "A new article answers" in text or "Corrected" in text]


async def test_it_posts_what_arrives_and_corrects_what_changes(double, index, tmp_path):
    """Also after a restart, once each; logs hold neither the token nor what people wrote."""
    port = free_port()
    env = {"PULLQUOTE_INDEX": str(index), "PULLQUOTE_METRICS_PORT": str(port)}
    async with running_bot(double, [PULLQUOTE, "bot"], env) as bot:
        await double.slash("follow", {"question": QUESTION})
        await double.slash("settings", user=double.manager)
        await asyncio.to_thread(file, index, tmp_path / "late", SAID)
        await double.until(lambda: len(posted(double)) == 1)
        assert "45 guests" in posted(double)[0]
        page = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/metrics")
        assert "pullquote_gateway_ready 1.0" in page
        health = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/healthz")
        assert json.loads(health)["ready"]
        for line in bot.written.splitlines():
            assert json.loads(line)["level"] == "info"
        for secret in (TOKEN, "Zanzibar", "Okafor"):
            assert secret not in bot.written
    await asyncio.to_thread(file, index, tmp_path / "late", SAID.replace("45", "47"))
    async with running_bot(double, [PULLQUOTE, "bot"], env):
        await double.until(lambda: "**47**" in posted(double)[0])
    assert len(posted(double)) == 1  # corrected where it stands, and no news
    with sqlite3.connect(index / "discord.sqlite") as db:
        (left,) = db.execute("SELECT count(*) FROM posted WHERE message IS NULL").fetchone()
    db.close()
    assert left == 0


def read(address: str) -> str:
    """A page of the bot's own."""
    with urlopen(address, timeout=10) as page:  # noqa: S310 - loopback
        return page.read().decode()
