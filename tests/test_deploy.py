"""What docs/discord.md and docs/deploy say is what the program does."""

from __future__ import annotations

import base64
import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import discord
import pytest
import yaml

from bot.cli import main
from bot.discord.invite import PERMISSIONS, application_id, link
from bot.metrics import Metrics
from bot.settings import Settings
from index.errors import PullquoteError

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
PAGE = (ROOT / "docs" / "discord.md").read_text("utf-8")
APPLICATION = 123456789012345678
TOKEN = f"{base64.b64encode(str(APPLICATION).encode()).decode()}.Gabc12.{'x' * 38}"


def test_the_invite_asks_for_the_permissions_that_the_page_explains():
    """These and no others, as discord.py counts them."""
    asked = parse_qs(urlsplit(link(TOKEN)).query)
    assert asked["client_id"] == [str(APPLICATION)]
    assert asked["scope"] == ["bot applications.commands"]
    wanted = discord.Permissions(
        view_channel=True,
        send_messages=True,
        read_message_history=True,
        create_public_threads=True,
        send_messages_in_threads=True,
    )
    assert int(asked["permissions"][0]) == wanted.value
    section = PAGE.partition("## Permissions and intents")[2].partition("\n## ")[0]
    told = re.findall(r"^\| ([A-Z][\w ]+?) \|", section, re.MULTILINE)
    assert told == list(PERMISSIONS)


def test_the_command_prints_the_link(monkeypatch, capsys):
    """Without connecting, and without an index."""
    monkeypatch.setenv("PULLQUOTE_DISCORD_TOKEN", TOKEN)
    assert main(["bot", "--invite"]) == 0
    assert capsys.readouterr().out.strip() == link(TOKEN)


@pytest.mark.parametrize("token", ["", "hello", "aGVsbG8=.x.y", "MTIz.x.y", "ÿ.x.y"])
def test_what_is_no_token_has_no_link(token):
    """The message says where to find one, and does not repeat what was given."""
    with pytest.raises(PullquoteError, match="not the token of a bot") as error:
        application_id(token)
    assert not token or token not in str(error.value)


def test_the_page_names_settings_and_metrics_that_exist():
    """Every variable and every metric of the page is one of the program's."""
    known = {f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields}
    pages = [PAGE, *(path.read_text("utf-8") for path in DEPLOY.iterdir())]
    assert {name for page in pages for name in re.findall(r"PULLQUOTE_[A-Z_]+", page)} <= known
    metrics = {family.name for family in Metrics().registry.collect()}
    told = set(re.findall(r"`(pullquote_[a-z_]+)", PAGE))
    assert {name.removesuffix("_total") for name in told} == metrics


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.service")))
def test_the_units_start_commands_that_exist(path):
    """With the options that they have, and settings that systemd knows the place of."""
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str
    unit.read(path, "utf-8")
    assert unit.sections() == ["Unit", "Service", "Install"]
    program, *arguments = unit["Service"]["ExecStart"].split()
    assert program.endswith("/pullquote")
    assert main([*arguments, "--help"]) == 0


DRAWN = {
    "discord-answer.svg": ("who vetoed the ceasefire?", "Context", "Source", "Delete"),
    "discord-refusal.svg": ("what is the capital of Mongolia?", "No answer found", "Delete"),
    "discord-meant.svg": ("Did you mean: who vetoed the ceasefire?",),
    "discord-context.svg": ("paragraph 8", "Source"),
    "discord-source.svg": ("characters",),
    "discord-check.svg": ("Given:", "Article:", "Context"),
    "discord-timeline.svg": ("Timeline: ", "5 December 2016"),
    "discord-correction.svg": ("Corrected", "Source", "Delete"),
    "discord-digest.svg": ("new articles since yesterday", "Harbour Post"),
    "discord-status.svg": ("What I answer from", "Sentences: "),
    "discord-articles.svg": ("Harbour strike", "page 1 of 1"),
    "discord-welcome.svg": ("Ask a question", "What I answer from", "What I can do"),
    "discord-help.svg": ("/timeline", "/privacy"),
}
"""Words that a picture must hold, of its card and of its buttons."""


@pytest.mark.parametrize("name", re.findall(r"\]\(([\w-]+\.svg)\)", PAGE))
def test_the_pictures_show_what_is_sent(name):
    """They are well-formed, and hold words of the card and the labels of the buttons."""
    drawn = ElementTree.parse(ROOT / "docs" / name)  # noqa: S314 - our own
    words = " ".join(
        "".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")
    )
    assert [each for each in DRAWN[name] if each not in words] == []


def test_the_image_is_made_of_what_the_package_needs():
    """Everything copied exists and is let through to the build; nothing else is."""
    copied = re.findall(r"^COPY (.*) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert names == {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in names)


SMALL_TORCH = "--index-url https://download.pytorch.org/whl/cpu --timeout 10 --retries 0"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch has no CUDA to be spared")
@pytest.mark.parametrize("reached", [True, False])
def test_make_asks_for_the_small_torch_first(tmp_path, reached):
    """Where its index can't be reached, one line says so, and the plain install follows."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    failing = "" if reached else "case $* in *pytorch.org*) echo no >&2; exit 1; esac"
    python.write_text(f'#!/bin/sh\necho "$*" >> asked\n{failing}\n')
    python.chmod(0o755)
    made = subprocess.run(
        ["make", "--silent", ".venv/installed"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    small, plain = (tmp_path / "asked").read_text().splitlines()
    assert SMALL_TORCH in small
    assert "--constraint constraints.txt torch" in small
    assert plain.endswith("--constraint constraints.txt --editable .")
    assert made.stderr.count("\n") == (0 if reached else 1)
    assert (tmp_path / ".venv" / "installed").exists()


def test_the_image_asks_for_the_small_torch_first():
    """In the words of the Makefile."""
    text = (DEPLOY / "Dockerfile").read_text()
    assert SMALL_TORCH in text
    assert text.index(SMALL_TORCH) < text.index("--constraint constraints.txt .\n")


def test_compose_has_one_writer_and_shows_nothing_to_the_outside():
    """Every setting exists, secrets come from .env, bots share no file, no port is published."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    ours = {name: each for name, each in services.items() if each["image"] == "pullquote-cluster"}
    known = {f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields}
    for each in ours.values():
        assert each["environment"].keys() <= known
    secrets = (value for each in services.values() for value in each.get("environment", {}).items())
    for name, value in secrets:
        if any(word in name for word in ("TOKEN", "PASSWORD", "SECRET")):
            assert "${" in value
    writers = [name for name, each in ours.items() if "index" in each.get("command", ())]
    assert writers == ["writer"]
    volumes = [each["volumes"][0].partition(":")[0] for each in ours.values()]
    assert len(set(volumes)) == len(ours)
    assert not any("ports" in each for each in services.values())
