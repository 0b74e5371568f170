"""Who alone imports the heavy libraries, and when; the rooms' order is tested beside this."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import network_guard
import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "torch": {"index.encoder.export"},
    "sentence_transformers": {"index.encoder.export"},
    "transformers": {"index.encoder.export"},
    "huggingface_hub": {"index.encoder.export"},
    "faiss": {"index.store.dense"},
    "tantivy": {"index.store.lexical"},
    "onnxruntime": {"index.encoder.runtime"},
    "openvino": {"index.encoder.encode", "index.ask.reader"},
    "tokenizers": {"index.encoder.encode", "index.ask.reader"},
    "trafilatura": {"index.formats.webpage"},
    "frontmatter": {"index.formats.markdown"},
    "charset_normalizer": {"index.formats.source"},
    "docx": {"index.formats.word"},
    "pypdf": {"index.formats.pdf"},
    "dateparser": {"index.english.dates"},
    "feedparser": {"index.web.feeds"},
    "httpcore": {"index.web.fetch"},
    "httpx": {"index.web.fetch"},
    "idna": {"index.web.urls"},
    "protego": {"index.web.robots"},
    "discord": {"bot.discord"},
    "pymilvus": {"index.store.milvus.client"},
    "grpc": {"index.store.milvus.client"},
    "ray": {"index.ingest.ray"},
    "prometheus_client": {"bot.metrics"},
    "pydantic_settings": {"bot.settings"},
    "warcio": {"index.formats.warc", "index.web.pages"},
    "watchfiles": {"index.ingest.watch"},
}
"""The modules (and packages) that alone may import a library."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the program, by its name."""
    for path in sorted([*ROOT.glob("index/**/*.py"), *ROOT.glob("bot/**/*.py")]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """What a module imports, anywhere: ``from index.ask import search`` is ``index.ask.search``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            folder = ROOT / node.module.replace(".", "/")
            for alias in node.names:
                is_module = (folder / f"{alias.name}.py").exists()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def test_the_core_knows_neither_discord_nor_settings():
    """Nothing in ``index`` imports the bot, Discord or the settings."""
    banned = {"bot", "discord", "pydantic_settings", "click", "rich"}
    wrong = [
        f"{name} imports {imported}"
        for name, tree in modules()
        if name.startswith("index")
        for imported in imports(tree)
        if imported.partition(".")[0] in banned
    ]
    assert wrong == []


def test_a_heavy_library_has_one_module():
    """Each is imported where it is used, and nowhere else."""
    wrong = [
        f"{name} imports {imported}"
        for name, tree in modules()
        for imported in imports(tree)
        if (home := HEAVY.get(imported.partition(".")[0])) is not None
        and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in home)
    ]
    assert wrong == []


def test_starting_imports_nothing_heavy(no_network_env):
    """Importing the library and the command loads no model's framework and no Discord."""
    code = "import sys, index, bot.cli; print(*sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=no_network_env,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = set(ended.stdout.split())
    heavy = {"torch", "sentence_transformers", "transformers", "discord", "onnxruntime", "openvino"}
    heavy |= {
        "huggingface_hub",
        "trafilatura",
        "faiss",
        "tantivy",
        "httpx",
        "feedparser",
        "pymilvus",
        "grpc",
    }
    heavy |= {"ray"}
    assert loaded & heavy == set()
    assert not [name for name in loaded if name.startswith("index.isolation.")]


def test_the_guard_against_the_network_can_fail(network_attempts):
    """A connection abroad is refused in this process and written down; one to here is not."""
    with pytest.raises(network_guard.NetworkUsedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(network_guard.NetworkUsedError):
        socket.getaddrinfo("example.org", 80)
    assert len(network_attempts) == 2
    network_attempts.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    assert network_attempts == []


def test_the_guard_against_the_network_can_fail_in_another_process(no_network_env):
    """A process that reaches abroad is stopped, and is found out even if it hides the error."""
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 80))\nexcept Exception: pass"
    subprocess.run([sys.executable, "-c", code], env=no_network_env, check=True)
    log = Path(no_network_env[network_guard.LOG])
    assert "192.0.2.1" in log.read_text("utf-8")
    log.unlink()


def test_no_setting_of_this_machine_reaches_a_test(tmp_path):
    """Tests run in an empty folder, without a variable of the program."""
    assert Path.cwd() == tmp_path
    assert not list(tmp_path.iterdir())
    assert not [name for name in os.environ if name.startswith("PULLQUOTE_")]
