"""A question handed to a running server: the same answer, or silently the ordinary way."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import entry as client
from bot.console import echo
from bot.entry import forward
from bot.screen import screen
from bot.serve import server as serving
from bot.serve.protocol import SOCKET, split
from bot.serve.server import Server
from bot.settings import load_settings

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
        ("--color", "never", "ask", "what is the capital of Mongolia?"),
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
    "answer", [b"", b"{", b"[]", b'{"protocol": 99, "code": 0}', b'{"protocol": 2, "code": null}']
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


@pytest.fixture
def listening(tmp_path: Path) -> Callable[..., Callable[[], bytes]]:
    """Answer one client at ``.pullquote/serve.sock`` by another process, of another user maybe.

    ``listening(answer, user=...)()`` waits for its end, and is what it was sent.
    """

    def listen(answer: bytes, *, user: int | None = None) -> Callable[[], bytes]:
        tmp_path.chmod(0o777)
        folder = tmp_path / ".pullquote"
        folder.mkdir()
        folder.chmod(0o777)
        sent = Path("sent")  # below here: the other user may not enter what is above
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        ready, tell = os.pipe()
        if (pid := os.fork()) == 0:
            if user is not None:
                os.setuid(user)
            server.bind(os.path.relpath(folder / SOCKET))
            server.listen()
            os.write(tell, b"!")
            connection, _ = server.accept()
            said = b""
            with contextlib.suppress(OSError):
                while part := connection.recv(65_536):
                    said += part
                connection.sendall(answer)
            sent.write_bytes(said)
            os._exit(0)
        os.read(ready, 1)
        server.close()

        def finished() -> bytes:
            os.waitpid(pid, 0)
            return sent.read_bytes()

        return finished

    return listen


ANSWER = json.dumps(
    {
        "protocol": 2,
        "code": 0,
        "out": "\x1b[1mA quote.\x1b[0m \x1b]0;x\x07\x9b2J\u202e\n",
        "err": "",
    }
).encode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_nothing_is_said_to_a_socket_of_another_user(
    listening: Callable[..., Callable[[], bytes]], capsys: pytest.CaptureFixture[str]
) -> None:
    """In somebody's folder lies his socket: he is sent nothing, and nothing of his is shown."""
    finished = listening(ANSWER, user=65_534)
    assert forward(["ask", "who?"], {"PULLQUOTE_DISCORD_TOKEN": "secret"}) is None
    assert capsys.readouterr() == ("", "")
    assert finished() == b""


def test_a_server_is_sent_no_secret_and_what_it_says_is_cleaned(
    listening: Callable[..., Callable[[], bytes]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the settings only which index and encoder; of its answer only text in our colours."""
    finished = listening(ANSWER)
    secret = {"PULLQUOTE_DISCORD_TOKEN": "secret", "PULLQUOTE_PROXY": "http://me:secret@proxy"}
    assert forward(["ask", "who?"], {**secret, "NO_COLOR": "1", "HOME": "/home/me"}) == 0
    assert capsys.readouterr().out == "\x1b[1mA quote.\x1b[0m ␛]0;x␇�2J�\n"
    sent = finished()
    request = json.loads(sent)
    assert (request["index"], request["encoder"]) == (".pullquote", None)
    assert request["environment"] == {"NO_COLOR": "1"}
    assert b"secret" not in sent


class Slow:
    """Stands in for a library whose answers take as long as ``go`` is not set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.go = threading.Event()
        self.asked = threading.Semaphore(0)

    def exists(self) -> bool:
        """There is something to ask."""
        return True

    def main(self, argv: Sequence[str]) -> int:
        """Answer, at once if "quick" was asked, by the screen of the thread."""
        if argv[-1] != "quick":
            self.asked.release()
            self.go.wait(SOON_S)
        echo(f"{argv[-1]} in {screen().folder}")
        return 0


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Slow, Server]]:
    """A server over such a library, in this process."""
    library = Slow(Path(".pullquote"))
    library.folder.mkdir()
    server = Server(library, load_settings(), library.main)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield library, server
    library.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def asked(server: Server, question: str, cwd: Path) -> str:
    """What the server prints for a question from a folder."""
    request = {"protocol": 2, "argv": ["ask", question], "cwd": str(cwd), "environment": {}}
    request |= {"index": str(server.path.parent.absolute()), "encoder": None, "store": None}
    told = client._exchange(
        str(server.path), json.dumps(request | {"terminals": [False, False]}).encode()
    )
    return str(json.loads(told)["out"])


def test_a_question_that_takes_long_holds_up_no_other(
    slow: tuple[Slow, Server], tmp_path: Path
) -> None:
    """Each has a screen and a folder of its own; no lock is held while one is answered."""
    library, server = slow
    (tmp_path / "here").mkdir()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(asked, server, "slow", tmp_path)
        assert library.asked.acquire(timeout=SOON_S)
        assert asked(server, "quick", tmp_path / "here") == f"quick in {tmp_path / 'here'}\n"
        assert not first.done()
        library.go.set()
        assert first.result(SOON_S) == f"slow in {tmp_path}\n"


def test_stopping_waits_for_no_client_that_drips(
    slow: tuple[Slow, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then keeps nobody from stopping; nor, for longer than a while, an answer."""
    library, server = slow
    monkeypatch.setattr(serving, "END_S", 0.5)
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dripping,
        ThreadPoolExecutor() as pool,
    ):
        dripping.connect(str(server.path))
        dripping.send(b"{")
        stuck = pool.submit(asked, server, "slow", Path.cwd())
        assert library.asked.acquire(timeout=SOON_S)
        began = time.monotonic()
        server.shutdown()
        server.server_close()
        assert time.monotonic() - began < 5
        assert not stuck.done()
        library.go.set()
        assert stuck.result(SOON_S).startswith("slow")


def test_a_client_that_drips_is_left(
    slow: tuple[Slow, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a while for all it has to say, not for each byte."""
    monkeypatch.setattr(serving, "REQUEST_S", 0.5)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dripping:
        dripping.connect(str(slow[1].path))
        dripping.settimeout(0.1)
        began = time.monotonic()
        told = b""
        while not told and time.monotonic() - began < SOON_S:
            with contextlib.suppress(TimeoutError):
                dripping.send(b" ")
                told = dripping.recv(65_536)
        assert json.loads(told)["code"] is None
