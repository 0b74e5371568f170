"""The command line: exit code, output and what it leaves on disk, with the real encoder."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main

SEEDS = Path(__file__).parent.parent / "seeds"
ARTICLE = "seeds/000_2df8917ad5cfe594.txt"
VETO = "who vetoed the ceasefire?"
pytestmark = pytest.mark.model


@pytest.fixture
def desk(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an index of the seeds, chosen by the environment; a copy, to write to."""
    folder = Path("index").absolute()
    shutil.copytree(seed_index, folder)
    monkeypatch.setenv("PULLQUOTE_INDEX", str(folder))
    return folder


def test_the_veto_is_quoted_with_its_source(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The question of the README is answered by the sentence that says so, and exit code 0."""
    assert main(["ask", VETO]) == 0
    out, err = capsys.readouterr()
    first, title, place, receipt, *_ = out.splitlines()
    assert first.startswith("1. The Syrian government has ruled out any further truces in Aleppo")
    assert "and **Russian Federation and China** on Monday vetoed" in first
    assert "US, Western leaders calling for immediate Aleppo cease-fire" in title
    assert "paragraph 8, characters 1574-1748" in place
    assert f"{ARTICLE}:1574-1748@" in receipt
    assert err == ""


def test_every_quote_in_json_is_a_slice_of_the_file(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The offsets lead to the same words in the file on disk."""
    assert main(["ask", "--json", "--top", "10", "--min-confidence", "0", VETO]) == 0
    answer = json.loads(capsys.readouterr().out)
    text = Path(answer["quotes"][0]["article"]["path"]).read_text("utf-8")
    assert len(answer["quotes"]) == 10
    for quote in answer["quotes"]:
        assert text[quote["start"] : quote["end"]] == quote["text"]
        before, after = quote["context"]["before"], quote["context"]["after"]
        assert before + quote["text"] + after in text


def test_a_question_beside_the_articles_is_refused(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4, and the words that stand nowhere are named."""
    assert main(["ask", "what is the capital of Mongolia?"]) == 4
    out = capsys.readouterr().out
    assert out.startswith("No answer found: no article mentions capital, Mongolia.")


def test_a_question_that_is_no_utf8_is_asked_all_the_same(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes of another encoding in the arguments or in the file are no fault of the program."""
    question = os.fsdecode(b"who vetoed the cease\xfffire?")
    assert main(["ask", "--min-confidence", "0", question]) == 0
    Path("questions.txt").write_bytes(b"who vetoed the cease\xfffire? veto\n")
    assert main(["ask", "--questions", "questions.txt"]) == 0
    assert "vetoed" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["the", "why", "-", "", "test", "hello", "thanks", "exit"])
def test_what_is_no_question_is_met_in_a_friendly_way(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line and no quote; no index is made for it, and a program is told in its own language."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert main(["ask", line]) == 4
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (1, "")
    assert not Path(".pullquote").exists()
    assert main(["ask", "--json", line]) == 4
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["refusal"]["reason"]) == ("refused", out.strip())


def test_a_question_can_come_by_a_pipe(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ask -` reads it from stdin, on however many lines."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("who vetoed\nthe ceasefire?\n"))
    assert main(["ask", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == VETO


def test_questions_in_a_file_come_out_as_json_lines(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question a line in, an object a line out, in order, blank lines passed over."""
    Path("questions.txt").write_text(f"{VETO}\n\nhow many children were killed?\n", "utf-8")
    assert main(["ask", "--questions", "questions.txt"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["question"] for answer in answers] == [VETO, "how many children were killed?"]
    assert [answer["verdict"] for answer in answers] == ["sure", "perhaps"]
    assert "45 children" in answers[1]["perhaps"][0]["text"]


def test_a_folder_that_was_never_indexed_is_indexed_first(
    with_models: Callable[[Path], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first question makes the index and says so on stderr."""
    with_models(Path("fresh"))
    monkeypatch.setenv("PULLQUOTE_ARTICLES", str(SEEDS))
    assert main(["--index", "fresh", "ask", VETO]) == 0
    out, err = capsys.readouterr()
    assert "vetoed" in out
    assert err.startswith("pullquote: no index in fresh yet; indexing")


def test_indexing_reports_what_it_did(
    desk: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A new folder is followed; a broken file is named, the others go on, exit code 1."""
    folder = tmp_path / "clippings"
    folder.mkdir()
    (folder / "a.txt").write_text("Budget passed\nParliament passed the budget.", "utf-8")
    (folder / "b.txt").write_bytes(b"\xff\xfe\x00\x01\x02\x00binary\x00")
    assert main(["index", "clippings", "--json"]) == 1
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert (report["new"], report["unchanged"], report["revision"]) == (1, 1, 2)
    assert [Path(failed["path"]).name for failed in report["failed"]] == ["b.txt"]
    assert "b.txt: " in err
    assert main(["ask", "who passed the budget?", "--article", "clippings/a.txt"]) == 0
    assert ". **Parliament** passed the budget.\n" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would be done is told, and the next run still has it to do."""
    folder = Path("clippings")
    folder.mkdir()
    (folder / "a.txt").write_text("Budget passed\nParliament passed the budget.", "utf-8")
    assert main(["index", "--dry-run", "clippings"]) == 0
    assert capsys.readouterr().out.startswith("1 new, 0 changed, 0 gone, 1 unchanged")
    assert main(["index", "clippings"]) == 0
    assert capsys.readouterr().out.startswith("1 new, 0 changed, 0 gone, 1 unchanged")


def test_a_forgotten_folder_answers_no_more(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not followed any more is gone from the index; its receipt still resolves."""
    assert main(["ask", "--json", VETO]) == 0
    receipt = json.loads(capsys.readouterr().out)["quotes"][0]["receipt"]
    assert main(["index", "--forget", str(SEEDS)]) == 0
    assert main(["ask", VETO]) == 4
    assert "the index is empty" in capsys.readouterr().out
    assert main(["source", receipt]) == 0
    out, err = capsys.readouterr()
    assert "Russian Federation and China on Monday vetoed" in out
    assert "gone from the index" in err


def test_a_changed_article_still_opens_at_an_old_receipt(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The article is shown as it was quoted, with word that it has changed since."""
    folder = Path("clippings")
    folder.mkdir()
    article = folder / "a.txt"
    article.write_text("Budget passed\nParliament passed the budget.", "utf-8")
    assert main(["index", "clippings"]) == 0
    assert main(["ask", "--json", "--article", "clippings/a.txt", "who passed the budget?"]) == 0
    captured = capsys.readouterr().out
    receipt = json.loads(captured[captured.index("{") :])["quotes"][0]["receipt"]
    article.write_text("Budget passed\nParliament did not pass the budget.", "utf-8")
    assert main(["index"]) == 0
    capsys.readouterr()
    assert main(["source", "--json", receipt]) == 0
    out, err = capsys.readouterr()
    shown = json.loads(out)
    assert shown["changed"] is True
    assert shown["article"]["text"].endswith("Parliament passed the budget.")
    assert "changed since" in err


def test_verify_finds_a_file_that_was_edited_behind_the_index(
    with_models: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 as long as every sentence is as on disk, 1 with the place when one is not."""
    folder = Path("clippings")
    folder.mkdir()
    article = folder / "a.txt"
    article.write_text("Budget passed\nParliament passed the budget.", "utf-8")
    with_models(Path("index"))
    assert main(["--index", "index", "index", "clippings"]) == 0
    assert main(["--index", "index", "verify"]) == 0
    assert "1 articles, 2 sentences: as on disk" in capsys.readouterr().out
    article.write_text("Budget passed\nParliament passed the bidget.", "utf-8")
    assert main(["--index", "index", "verify"]) == 1
    assert "clippings/a.txt differs at 14-43" in capsys.readouterr().out


def test_status_tells_what_is_there(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Articles, sentences, dates, encoder, revision and size are told."""
    assert main(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["articles"], status["sentences"], status["revision"]) == (1, 23, 1)
    assert status["encoder"].startswith("sentence-transformers/all-MiniLM-L6-v2@53aa51172d14")
    assert status["size_bytes"] > status["encoder_bytes"] > 80_000_000
    assert main(["status"]) == 0
    assert "no article is dated" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["ask"],
        ["ask", "who?", "--questions", "-"],
        ["ask", "who?", "--since", "yesterweek"],
        ["ask", "who?", "--top", "0"],
        ["source"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_exit_code_2(
    argv: list[str], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that can't be understood says how it is used, on stderr."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: pullquote" in err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--index", "none", "status"], "no index here yet; run `pullquote index`"),
        (["source", "nonsense"], "a receipt looks like"),
        (["source", "a.txt:1-2@0123456789ab"], "this article is not in the index"),
        (["index", "nowhere"], "nowhere: no such file or folder"),
        (["index", "--forget", "nowhere"], "nowhere: not among the followed"),
    ],
)
def test_a_fault_that_can_be_mended_is_one_line_and_exit_code_1(
    argv: list[str], says: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong and what to do stands in one line on stderr."""
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("pullquote: ")
    assert says in err
    assert len(err.splitlines()) == 1


def test_another_encoder_is_refused_by_name(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index made with one encoder is not read with another, and both are named."""
    monkeypatch.setenv("PULLQUOTE_ENCODER", "other-model")
    assert main(["ask", VETO]) == 1
    err = capsys.readouterr().err
    assert "made with the encoder sentence-transformers/all-MiniLM-L6-v2@53aa51172d14" in err
    assert "not other-model" in err


@pytest.mark.parametrize("damage", ["catalog.db", "revisions/00000001/manifest.json", "encoder"])
def test_the_command_that_errors_name_mends_the_index(
    damage: str, desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be read is refused with `index --rebuild`, and that, as it stands, mends it."""
    shutil.copytree(SEEDS, "seeds")
    if damage == "encoder":
        with closing(sqlite3.connect(desk / "catalog.db")) as catalog, catalog:
            catalog.execute("UPDATE meta SET value = 'another' WHERE key = 'encoder'")
    else:
        (desk / damage).write_bytes(b"no index of ours, and longer than a header of SQLite " * 99)
    if damage != "encoder":
        assert main(["ask", VETO]) == 1
        assert "run `pullquote index --rebuild`" in capsys.readouterr().err
    assert main(["index"]) == 1
    assert "run `pullquote index --rebuild`" in capsys.readouterr().err
    assert main(["index", "--rebuild"]) == 0
    assert main(["ask", VETO]) == 0
    assert "China** on Monday vetoed" in capsys.readouterr().out


def test_chat_answers_lines_and_knows_its_commands(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions, :more and :source work line by line; :quit ends it."""
    lines = f":more\n{VETO}\n:more\n:source\n:source 99\n:quit\nnever asked\n"
    monkeypatch.setattr(sys, "stdin", open_lines(lines))
    assert main(["chat"]) == 0
    out, err = capsys.readouterr()
    assert "there is no answer to show more of" in err
    assert "there is no quote 99" in err
    assert "4. " in out
    assert "Kremlin spokesman Dmitry Peskov" in out
    assert "never asked" not in out + err


def open_lines(text: str) -> io.StringIO:
    """A stdin that is no terminal."""
    return io.StringIO(text)


def test_asking_opens_no_connection_and_imports_no_torch(
    desk: Path, no_network_env: dict[str, str]
) -> None:
    """The whole process of a question reaches for no other machine and loads no torch."""
    code = (
        "import sys; from bot.cli import main; code = main(sys.argv[1:]); "
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'discord', 'openvino'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    env = {**no_network_env, "PULLQUOTE_INDEX": str(desk)}
    result = subprocess.run(
        [sys.executable, "-c", code, "ask", VETO],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == "[]\n"
    assert "vetoed" in result.stdout


def test_indexing_for_the_first_time_opens_no_connection(no_network_env: dict[str, str]) -> None:
    """Export, check and indexing, torch and all, reach for no other machine."""
    env = {**no_network_env, "PULLQUOTE_ARTICLES": str(SEEDS)}
    result = subprocess.run(
        [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())", "index"],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("1 new, 0 changed, 0 gone, 0 unchanged")


def test_output_into_a_closed_pipe_is_no_error(desk: Path) -> None:
    """`pullquote … | head` ends quietly."""
    code = "import sys; from bot.cli import main; sys.exit(main())"
    receipt = f"{ARTICLE}:1574-1748@bfuy37kutepts5skimy7fxez5mhiuitd"
    command = f'"{sys.executable}" -c "{code}" source {receipt} | head -n 1'
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_mistyped_command_is_told_what_it_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the nearest name, though no command was imported for it."""
    assert main(["asl"]) == 2
    assert "Did you mean 'ask'?" in capsys.readouterr().err


def test_the_version_imports_nothing_that_a_question_needs() -> None:
    """Neither NumPy nor the settings: it is said in a tenth of a second."""
    code = "import sys; from bot.cli import main; main(['--version']); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = ended.stdout.splitlines()
    assert version.startswith("pullquote, version")
    assert {"numpy", "pydantic", "rich", "index.library"}.isdisjoint(modules.split())


def test_it_runs_as_a_module() -> None:
    """``python -m bot.cli`` is the command."""
    command = [sys.executable, "-m", "bot.cli", "--version"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("pullquote, version")
