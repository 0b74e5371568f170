"""No command opens a socket to another machine, and none leaves a trace in the user's home.

``network_guard`` sees what Python does; the libraries that are not Python are seen here, by
strace, from outside: every system call of the process and of those that it starts.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
TOKEN = f"MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabc12.{'x' * 38}"
PULLQUOTE = (sys.executable, "-c", "from bot.entry import entry; entry()")
SOON_S = 300
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=network", "-e", "signal=none", "-o")


def _strace_works() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*STRACE, os.devnull, "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(
    not _strace_works(), reason="strace is not here, or may not trace (Linux: apt install strace)"
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose home is empty."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG", "HF"))}
    kept.pop("ORT_DISABLE_TELEMETRY", None)
    (tmp_path / "home").mkdir()
    return kept | {
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
        "PULLQUOTE_DISCORD_TOKEN": TOKEN,
        "PULLQUOTE_ARTICLES": str(SEEDS),
    }


@pytest.fixture
def start(env: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command line under strace, which writes to ``sockets.log``."""

    def start(*command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*STRACE, str(tmp_path / "sockets.log"), *command],
            env=env,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def abroad(folder: Path) -> list[str]:
    """The sockets that were opened, but for those of Unix, which lead nowhere but to a file."""
    calls = (folder / "sockets.log").read_text("utf-8")
    return re.findall(r"^.*\bsocket(?:pair)?\((?!AF_UNIX\b).*$", calls, re.MULTILINE)


def test_a_socket_that_python_does_not_see_is_seen(tmp_path, start):
    """The system's own ``socket``, called past Python, is told from one of Unix."""
    code = "import ctypes as c; libc = c.CDLL(None); libc.socket({}, 1, 0)"
    with start(sys.executable, "-c", code.format(1)) as process:
        process.communicate(timeout=SOON_S)
    assert abroad(tmp_path) == []
    with start(sys.executable, "-c", code.format(2)) as process:
        process.communicate(timeout=SOON_S)
    assert len(abroad(tmp_path)) == 1
    assert "AF_INET" in abroad(tmp_path)[0]


@pytest.mark.model
def test_indexing_for_the_first_time_opens_no_socket(tmp_path, start):
    """Nor does exporting the encoder with torch; the home stays empty."""
    with start(*PULLQUOTE, "index") as process:
        _, err = process.communicate(timeout=SOON_S)
    assert process.returncode == 0, err
    assert abroad(tmp_path) == []
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.model
def test_asking_opens_no_socket(tmp_path, start, seed_index):
    """The encoder and the reader run, and report it to nobody; the home stays empty."""
    shutil.copytree(seed_index, tmp_path / ".pullquote")
    with start(*PULLQUOTE, "ask", "who vetoed the ceasefire?") as process:
        out, _ = process.communicate(timeout=SOON_S)
    assert "vetoed a UN Security Council resolution" in out
    assert abroad(tmp_path) == []
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.model
def test_serving_opens_only_a_socket_of_unix(tmp_path, start, env, seed_index):
    """A server that answered a question has listened in the folder of the index, nowhere else."""
    shutil.copytree(seed_index, tmp_path / ".pullquote")
    with start(*PULLQUOTE, "serve") as process:
        while "serving at" not in (line := process.stderr.readline()):
            assert line, "it ended before it listened"
        ask = [*PULLQUOTE, "ask", "who vetoed the ceasefire?"]
        asked = subprocess.run(ask, env=env, cwd=tmp_path, capture_output=True, timeout=SOON_S)
        (server,) = psutil.Process(process.pid).children()
        server.send_signal(signal.SIGTERM)
        process.communicate(timeout=SOON_S)
    assert (asked.returncode, process.returncode) == (0, 0)
    assert "serve.sock" in (tmp_path / "sockets.log").read_text("utf-8")
    assert abroad(tmp_path) == []
    assert list((tmp_path / "home").iterdir()) == []


def test_the_link_of_an_invitation_opens_no_socket(tmp_path, start):
    """It is computed from the token; Discord is not asked."""
    with start(*PULLQUOTE, "bot", "--invite") as process:
        out, _ = process.communicate(timeout=SOON_S)
    assert out.startswith("https://discord.com/oauth2/authorize?client_id=123456789012345678&")
    assert abroad(tmp_path) == []
