"""A question handed to a running server: the same answer, or silently the ordinary way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import entry as client
from bot.entry import forward
from bot.serve.protocol import SOCKET, split

QUESTION = "who vetoed the ceasefire?"
SOON_S = 120


@pytest.fixture
def folder(seed_index: Path, tmp_path: Path) -> Path:
    """A folder whose ``.pullquote`` is an index of the seeds."""
    shutil.copytree(seed_index, tmp_path / ".pullquote")
    return tmp_path


@pytest.fixture
def serve(folder: Path, no_network_env: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start ``pullquote serve`` there, and wait until it listens."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from bot.entry import entry; entry()", "serve"],
            env=no_network_env,
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stderr
        while "serving at" not in (line := process.stderr.readline()):
            assert line, "it ended before it listened"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def run(folder: Path, env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the console script; with ``served``, its stderr says that bot.cli was not imported."""
    code = (
        "import sys, atexit; atexit.register(lambda: 'bot.cli' in sys.modules and "
        "print('in-process', file=sys.stderr)); from bot.entry import entry; entry()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *argv],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=SOON_S,
    )


def test_a_served_answer_is_the_same(
    folder: Path, serve: Callable[[], subprocess.Popen[str]], no_network_env: dict[str, str]
) -> None:
    """Text, JSON, refusal with its exit code, usage error: none imports what a question needs."""
    commands = (
        ("ask", *QUESTION.split()),
        ("--index", str(folder / ".pullquote"), "ask", QUESTION, "--context"),
        ("ask", "what is the capital of Mongolia?"),
        ("ask", QUESTION, "--since", "03/04/2016"),
    )
    alone = [run(folder, no_network_env, *command) for command in commands]
    assert all("in-process" in each.stderr for each in alone)
    server = serve()
    assert stat.S_IMODE((folder / ".pullquote" / SOCKET).stat().st_mode) == 0o600
    for command, one in zip(commands, alone, strict=True):
        served = run(folder, no_network_env, *command)
        assert (served.returncode, served.stdout) == (one.returncode, one.stdout)
        assert served.stderr == one.stderr.replace("in-process\n", "")
    assert [each.returncode for each in alone] == [0, 0, 4, 2]
    elsewhere = no_network_env | {"PULLQUOTE_ENCODER": "/models/other"}
    other = run(folder, elsewhere, "ask", QUESTION)
    assert (other.returncode, "other" in other.stderr) == (1, True), "not what the server has open"
    server.send_signal(signal.SIGTERM)
    assert server.wait(SOON_S) == 0
    assert not (folder / ".pullquote" / SOCKET).exists()


def test_a_second_server_is_refused_and_a_dead_ones_socket_replaced(
    folder: Path, serve: Callable[[], subprocess.Popen[str]], no_network_env: dict[str, str]
) -> None:
    """Killed, a server leaves its socket; questions are answered, and the next server starts."""
    first = serve()
    second = run(folder, no_network_env, "serve")
    assert (second.returncode, "served already" in second.stderr) == (1, True)
    first.kill()
    first.wait()
    assert (folder / ".pullquote" / SOCKET).exists()
    assert "in-process" in run(folder, no_network_env, "ask", QUESTION).stderr
    serve()
    assert "in-process" not in run(folder, no_network_env, "ask", QUESTION).stderr


@pytest.mark.parametrize(
    "answer", [b"", b"{", b"[]", b'{"protocol": 99, "code": 0}', b'{"protocol": 1, "code": null}']
)
def test_whatever_a_server_says_wrongly_is_answered_here(
    tmp_path: Path, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server, a dead one, a stranger: None, and nothing was printed."""
    monkeypatch.setattr(client, "ANSWER_S", 5.0)
    assert forward(["ask", "x"], {}) is None
    (tmp_path / ".pullquote").mkdir()
    path = tmp_path / ".pullquote" / SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(os.path.relpath(path))
        listening.listen()
        pid = os.fork()
        if pid == 0:
            connection, _ = listening.accept()
            while connection.recv(65_536):
                pass
            connection.sendall(answer)
            connection.close()
            os._exit(0)
        assert forward(["ask", "x"], {}) is None
        os.waitpid(pid, 0)
    assert forward(["ask", "x"], {}) is None, "nobody listens any more"


@pytest.mark.parametrize(
    "argv", [[], ["status"], ["ask", "--questions", "-"], ["ask", "-h"], ["--help"], ["--index"]]
)
def test_only_a_question_is_handed_over(argv: list[str], tmp_path: Path) -> None:
    """Everything else runs where it was called."""
    (tmp_path / ".pullquote").mkdir()
    (tmp_path / ".pullquote" / SOCKET).write_text("were it tried, it would fail")
    assert forward(argv, {}) is None


def test_where_the_index_lies_is_found_as_the_settings_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option, the environment, a line of .env, .pullquote: in this order."""
    tried: list[str] = []

    def exchange(path: str, request: bytes) -> bytes:
        tried.append(str(Path(path).parent))
        asked = json.loads(request)
        assert asked["cwd"] == str(tmp_path)
        return b"{}"

    monkeypatch.setattr(client, "_exchange", exchange)
    monkeypatch.setattr(client.os.path, "exists", lambda _: True)
    forward(["ask", "x"], {})
    Path(".env").write_text("# a comment\nPULLQUOTE_INDEX='from-file'\n")
    forward(["ask", "x"], {})
    forward(["ask", "x"], {"PULLQUOTE_INDEX": "from-environment"})
    forward(["--index=given", "ask", "x"], {"PULLQUOTE_INDEX": "from-environment"})
    assert tried == [".pullquote", "from-file", "from-environment", "given"]
    assert split(["--index", "a", "ask"]) == ("a", ["ask"])
