"""What comes from outside costs one worker, whatever it does: no time, no memory, no crash here."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile_tasks
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ArticleError
from index.formats import isolated, read
from index.isolation import pool
from index.isolation.pool import Allowance, Pool, WorkerError
from index.records import Article

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
ROOT = Path(__file__).parent.parent
SHORT = Allowance(1, 1)


@pytest.fixture
def workers() -> Iterator[Pool]:
    """A pool of this test alone."""
    made = Pool()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Pool]:
    """A pool for all examples of a property."""
    made = Pool()
    yield made
    made.close()


def run(workers: Pool, task: Callable[..., Iterator[Any]], *arguments: Any) -> list[Any]:
    """All that a task yields, with a second of processor time."""
    return list(workers.run(task, *arguments, allowance=SHORT))


def failure(workers: Pool, task: Callable[..., Iterator[Any]], *arguments: Any) -> str:
    """Why a task did not come to its end; afterwards the pool works as before."""
    with pytest.raises(WorkerError) as caught:
        run(workers, task, *arguments)
    assert run(workers, hostile_tasks.echo, "still there") == ["still there"]
    return caught.value.reason


@settings(max_examples=50, deadline=None)
@given(values=st.lists(JSON, max_size=4))
def test_what_a_task_yields_comes_over_as_it_is(shared: Pool, values: list[Any]) -> None:
    """Any JSON, in its order, lone surrogates included: names of files have them."""
    assert run(shared, hostile_tasks.echo, *values) == values


def test_a_pattern_that_never_ends_is_ended(workers: Pool) -> None:
    """It holds the lock of its own interpreter only; what came before it was had."""
    got: list[Any] = []
    begun = time.monotonic()
    with pytest.raises(WorkerError, match="more than 1 s of processor time"):
        got.extend(workers.run(hostile_tasks.spin, r"(a*)*b", allowance=SHORT))
    assert got == ["begun"]
    assert time.monotonic() - begun < 60


def test_many_small_steps_have_an_end_too(workers: Pool) -> None:
    """Each value brings its own time, up to what a task may take in all."""
    slow = workers.run(hostile_tasks.steps, 100, 0.3, allowance=Allowance(1, 3))
    got: list[Any] = []
    with pytest.raises(WorkerError, match="more than 1 s of processor time, or 3 s in all"):
        got.extend(slow)
    assert 5 <= len(got) <= 14


def test_what_stands_still_is_ended(workers: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any processor time, as on a network disk that is gone."""
    monkeypatch.setattr(pool, "SILENCE_S", 0.5)
    with pytest.raises(WorkerError, match="took more than 0 s"):
        run(workers, hostile_tasks.sleep)
    monkeypatch.undo()
    assert run(workers, hostile_tasks.echo, 1) == [1]


@pytest.mark.parametrize(
    ("task", "arguments", "reason"),
    [
        (hostile_tasks.swell, (3_000_000_000,), "took more than 2 GB of memory"),
        (hostile_tasks.crash, (), "ended the process that did (SIGSEGV)"),
        (hostile_tasks.fail, (), "failed in a way that nobody thought of (IndexError: list index"),
        (hostile_tasks.lie, ("no json\n",), "say what makes no sense"),
        (hostile_tasks.lie, ("[" * 100_000,), "say what makes no sense"),
        (hostile_tasks.lie, ("[1,2,3]\n",), "say what makes no sense"),
        (hostile_tasks.lie, ("",), "ended the process that did (code 0)"),
    ],
    ids=["memory", "crash", "bug", "nonsense", "endless", "shape", "silent"],
)
def test_whatever_happens_costs_one_worker(
    workers: Pool, task: Callable[..., Iterator[Any]], arguments: tuple[Any, ...], reason: str
) -> None:
    """It is named, and the next task is done by another."""
    assert reason in failure(workers, task, *arguments)


def test_what_a_library_prints_is_no_answer(workers: Pool) -> None:
    """Its standard output leads nowhere."""
    assert run(workers, hostile_tasks.babble) == ["answer"]


def test_a_worker_is_kept_for_the_next_task(workers: Pool) -> None:
    """As many run as tasks are under way; one that was interrupted is not used again."""
    first = run(workers, hostile_tasks.process)
    assert run(workers, hostile_tasks.process) == first
    half = workers.run(hostile_tasks.echo, 1, 2, allowance=SHORT)
    next(half)
    assert run(workers, hostile_tasks.process) != first
    half.close()
    assert run(workers, hostile_tasks.process) != first


def test_a_worker_of_a_large_process_is_kept_too(workers: Pool) -> None:
    """How much memory the process has that starts it is not the worker's affair."""
    large = bytearray(700_000_000)
    large[::4096] = b"x" * len(large[::4096])
    first = run(workers, hostile_tasks.process)
    assert run(workers, hostile_tasks.process) == first


def test_a_worker_that_is_swollen_makes_way(workers: Pool) -> None:
    """What one file has left of the memory in pieces is not missing for the next."""
    first = run(workers, hostile_tasks.process)
    assert run(workers, hostile_tasks.swell, 600_000_000) == [600_000_000]
    assert run(workers, hostile_tasks.process) != first


def test_a_worker_nobody_needs_is_ended(workers: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is the thread that looks after them."""
    monkeypatch.setattr(pool, "IDLE_S", 0.1)
    (number,) = run(workers, hostile_tasks.process)
    until = time.monotonic() + 30
    while Path(f"/proc/{number}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{number}").exists()
    monkeypatch.undo()
    assert run(workers, hostile_tasks.process) != [number]


def test_a_worker_may_do_little(
    workers: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can write no file, and is told no setting, so no token either."""
    monkeypatch.setenv("PULLQUOTE_DISCORD_TOKEN", "secret")
    assert run(workers, hostile_tasks.write, str(tmp_path / "x")) == ["OSError"]
    (environment,) = run(workers, hostile_tasks.environment)
    assert environment["PATH"] == os.environ["PATH"]
    assert "secret" not in str(environment)


def test_tasks_of_several_threads_do_not_mix(workers: Pool) -> None:
    """Each gets its own answers."""
    wrong: list[list[Any]] = []

    def ask(number: int) -> None:
        for each in range(50):
            got = run(workers, hostile_tasks.echo, number, each)
            wrong.extend([] if got == [number, each] else [got])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def script(code: str, env: dict[str, str], cwd: Path = ROOT) -> str:
    """What a Python process of this code prints; ``number()`` is that of its worker."""
    begin = (
        "import os; import hostile_tasks; from index.isolation import pool\n"
        "def number(): return next(iter(list(\n"
        "    pool.run(hostile_tasks.process, allowance=pool.Allowance()))))\n"
    )
    path = os.pathsep.join([env["PYTHONPATH"], str(ROOT / "tests")])
    ended = subprocess.run(
        [sys.executable, "-P", "-c", begin + code],
        env={**env, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )
    return ended.stdout


def test_a_process_that_is_forked_off_has_workers_of_its_own(
    no_network_env: dict[str, str],
) -> None:
    """It doesn't read the answers of the other."""
    code = "print(number(), flush=True)\nif os.fork(): os.wait()\nprint(number(), flush=True)\n"
    first, forked, again = script(code, no_network_env).split()
    assert first == again != forked


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 9)", "raise KeyboardInterrupt"])
def test_no_worker_outlives_who_started_it(end: str, no_network_env: dict[str, str]) -> None:
    """However that ended: killed, interrupted, or at its end."""
    number = int(script(f"print(number(), flush=True)\n{end}", no_network_env))
    until = time.monotonic() + 30
    while Path(f"/proc/{number}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{number}").exists()


def test_a_folder_that_is_called_like_a_module_misleads_no_worker(
    tmp_path: Path, no_network_env: dict[str, str]
) -> None:
    """Where the command runs, anything may lie."""
    (tmp_path / "json.py").write_text("raise SystemExit('mislead')")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "__init__.py").write_text("raise SystemExit('mislead')")
    (tmp_path / "news.txt").write_text("A flood came.")
    code = (
        "from pathlib import Path; from index.formats.isolated import read\n"
        "print(*(each.text for each in read(Path('news.txt'), 'a')))"
    )
    assert script(code, no_network_env, tmp_path) == "A flood came.\n"


# Files


def test_files_are_read_as_in_this_process() -> None:
    """The same articles and errors, in the same order."""
    paths = sorted(path for path in (ROOT / "tests/fixtures/articles").iterdir())
    for path in (*paths, *sorted((ROOT / "seeds").glob("*.txt"))[:5]):
        assert list(isolated.read(path, "a/b")) == list(read(path, "a/b"))


def test_errors_are_those_of_this_process(tmp_path: Path) -> None:
    """Of a record, of a file, and of a name."""
    (tmp_path / "a.jsonl").write_text('{"text": "A flood."}\n{"no": 1}\n')
    (tmp_path / "b.txt").write_bytes(b"\0")
    article, error = isolated.read(tmp_path / "a.jsonl", "a.jsonl")
    assert isinstance(article, Article)
    assert str(error) == f'{tmp_path / "a.jsonl"}: line 2: has no "text"; every record needs one'
    for name in ("b.txt", "none.txt"):
        with pytest.raises(ArticleError) as here:
            list(read(tmp_path / name, name))
        with pytest.raises(ArticleError) as there:
            list(isolated.read(tmp_path / name, name))
        assert str(here.value) == str(there.value)


@pytest.mark.parametrize(
    "told",
    [
        ["article", "other", "T", "X", None, None, None, None, None],
        ["article", "a.txt", "T", 7, None, None, None, None, None],
        ["article", "a.txt", "T", "X", "2016-02-30", None, None, None, None],
        ["article", "a.txt", "T", "X", None, None, None, [], None],
        ["article", "a.txt", "T", "X"],
        ["left out"],
        "article",
        None,
    ],
)
def test_a_worker_is_not_believed(monkeypatch: pytest.MonkeyPatch, told: object) -> None:
    """What is no article of this file is a fault, whoever took over the process that read it."""
    monkeypatch.setattr(pool, "run", lambda *_, **__: iter([told]))
    with pytest.raises(ArticleError, match="makes no sense"):
        list(isolated.read(Path("a.txt"), "a.txt"))
