"""Labelled questions: the seed set itself, reading it, judging, and the commands over it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder

from bot.cli import main
from index import Answer, Article, Library, Quote, Refusal
from index.ask.judge import FusionJudge, ReaderJudge
from index.ask.reader import Reader
from index.errors import QuestionsError, StoreLockedError, StoreMissingError
from index.measure.evaluate import Case, evaluate, judge, read_cases, summarise
from index.records import Receipt
from index.store.revisions import Store

HERE = Path(__file__).parent
SEED_QUESTIONS = HERE / "seed_questions.jsonl"
SEED = HERE.parent / "seeds" / "000_2df8917ad5cfe594.txt"
NEWS = Article(
    "news/a.txt", "Vote", "Vote\nThe council lost the vote on Monday. Snow fell. Rain, too."
)
FIRST, SECOND, THIRD = "The council lost the vote on Monday.", "Snow fell.", "Rain, too."


def quote(text: str, confidence: float = 0.5, highlight: str | None = None) -> Quote:
    """Words of NEWS as a quote, with the place of the highlight in them."""
    start = NEWS.text.index(text)
    at = None
    if highlight:
        first = NEWS.text.index(highlight, start)
        at = (first, first + len(highlight))
    return Quote(NEWS, start, start + len(text), text, 1, confidence, at)


def quoted(*quotes: Quote) -> Answer:
    """An answer of these quotes."""
    return Answer("?", quotes, None, 1, None, 1.0)


def refused(nearest: Quote | None = None) -> Answer:
    """A refusal, with what came nearest."""
    return Answer("?", (), Refusal("nothing answers", nearest=nearest), 1, None, 1.0)


def write(*records: object) -> Path:
    """A file of labelled questions in the present folder."""
    path = Path("questions.jsonl")
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


# The labelled questions on the seeds


def test_each_seed_quote_stands_once_in_the_article_and_holds_its_answers() -> None:
    """What is labelled as an answer is there, word for word, in one place."""
    text = SEED.read_text("utf-8")
    cases = [case for case in read_cases(SEED_QUESTIONS) if case.answerable]
    for case in cases:
        assert case.quote
        assert case.answers
        assert text.count(case.quote) == 1, case
        assert [answer for answer in case.answers if answer not in case.quote] == [], case


def test_the_seed_questions_are_many_different_and_of_both_kinds() -> None:
    """A hundred that the article answers, and half as many more that it does not."""
    cases = read_cases(SEED_QUESTIONS)
    answerable = Counter(case.answerable for case in cases)
    assert answerable[True] >= 100
    assert answerable[False] >= 60
    assert len({case.question.casefold() for case in cases}) == len(cases)


# Reading them


def test_answers_may_be_a_list_or_a_string_and_blank_ones_are_none() -> None:
    """All spellings of a case; what has nothing to be right by is unanswerable."""
    receipt = "a.txt:10-42@0123456789ab"
    path = write(
        {"question": " Who? ", "answers": ["Kerry", " ", "Kerry"]},
        {"question": "Who?", "answer": "Kerry", "answers": ["John Kerry"]},
        {"question": "Who?", "quote": "Kerry said", "id": 7},
        {"question": "Who?", "receipt": receipt},
        {"question": "Who?", "answers": []},
        {"question": "Who?", "answer": None, "answers": None, "quote": "", "receipt": " "},
        {"question": "Who?"},
    )
    assert read_cases(path) == [
        Case("Who?", ("Kerry",)),
        Case("Who?", ("John Kerry", "Kerry")),
        Case("Who?", quote="Kerry said"),
        Case("Who?", receipt=Receipt.parse(receipt)),
        *[Case("Who?")] * 3,
    ]
    assert [case.answerable for case in read_cases(path)] == [True] * 4 + [False] * 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ('["Who?"]', "not an object"),
        ('{"answers": ["Kerry"]}', '"question" is missing or blank'),
        ('{"question": "  "}', '"question" is missing or blank'),
        ('{"question": 7}', '"question" is not a string'),
        ('{"question": "Who?", "answers": "Kerry"}', '"answers" is not a list of strings'),
        ('{"question": "Who?", "answers": [7]}', '"answers" is not a list of strings'),
        ('{"question": "Who?", "receipt": "a.txt"}', "a receipt looks like"),
        ('{"question": "Who \\ud800?"}', "surrogates not allowed"),
    ],
)
def test_a_bad_line_is_named(line: str, reason: str) -> None:
    """The error has file, line and reason, and where the format is told; blank lines count."""
    Path("bad.jsonl").write_text('{"question": "Who?"}\n\n' + line + "\n", "utf-8")
    with pytest.raises(QuestionsError) as caught:
        read_cases(Path("bad.jsonl"))
    assert str(caught.value).startswith("bad.jsonl: line 3: ")
    assert reason in caught.value.reason
    assert "docs/evaluating.md" in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\x00"])
def test_a_file_without_questions_is_named(content: bytes | None) -> None:
    """Missing, empty, blank or no text."""
    path = Path("none.jsonl")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QuestionsError, match=r"none\.jsonl"):
        read_cases(path)


# Judging


@pytest.mark.parametrize(
    ("case", "right"),
    [
        (Case("?", ("THE  council",)), True),
        (Case("?", ("the mayor", "monday")), True),
        (Case("?", ("the mayor",)), False),
        (Case("?", ("ounc",)), False),
        (Case("?", ("vote",), "lost the\nvote"), True),
        (Case("?", ("vote",), "won the vote"), False),
        (Case("?", ("mayor",), "lost the vote"), False),
        (Case("?", quote="lost the vote"), True),
        (Case("?"), False),
    ],
)
def test_a_quote_is_right_by_its_words(case: Case, right: bool) -> None:
    """One of the answers as whole words, and the quote, whatever the case and the spaces."""
    assert case.accepts(quote(FIRST)) is right


def test_answers_in_scripts_without_spaces_need_no_word_borders() -> None:
    """A number beside a Chinese character stands for itself, not for a longer number."""
    text = "政府军打死372人。"
    article = Article("a", "t", text)
    found = Quote(article, 0, len(text), text, 1, 0.5)
    assert [Case("?", (each,)).accepts(found) for each in ("372", "政府军", "72")] == [
        True,
        True,
        False,
    ]


def test_a_quote_is_right_by_its_receipt() -> None:
    """It shares at least a character with the receipt, in the same version of the same article."""
    found = quote(SECOND)
    name, start, end, digest = NEWS.id, found.start, found.end, NEWS.digest[:12]
    receipts = {
        Receipt.of(NEWS, start, end): True,
        Receipt.of(NEWS, start - 5, start + 1): True,
        Receipt.of(NEWS, end - 1, end + 5): True,
        Receipt.of(NEWS, start - 5, start): False,
        Receipt.of(NEWS, end, end + 5): False,
        Receipt.of(replace(NEWS, id="news/b.txt"), start, end): False,
        Receipt.of(replace(NEWS, text="Snow."), start, end): False,
        Receipt(name, start, end, digest): True,
        Receipt(name, start, end, "0" * 12): False,
    }
    assert {each: Case("?", receipt=each).accepts(found) for each in receipts} == receipts


def test_a_quote_is_right_by_the_receipt_of_its_copy() -> None:
    """The receipt may name another article that carries the same words."""
    copy = Article("news/b.txt", "Weather", "Weather\nIt was cold. Snow fell.")
    folded = Quote(NEWS, *(quote(SECOND).start, quote(SECOND).end), SECOND, 1, 0.5, also_in=(copy,))
    at = copy.text.index(SECOND)
    there = Receipt.of(copy, at, at + 4)
    elsewhere = Receipt.of(copy, 0, at - 1)
    assert Case("?", receipt=there).accepts(folded)
    assert not Case("?", receipt=elsewhere).accepts(folded)


MONDAY = Case("when?", ("Monday",))
NOTHING = Case("who?")


@pytest.mark.parametrize(
    ("case", "answer", "verdict", "rank"),
    [
        (MONDAY, quoted(quote(FIRST)), "right", 1),
        (MONDAY, quoted(quote(SECOND), quote(THIRD), quote(FIRST)), "wrong", 3),
        (MONDAY, quoted(quote(SECOND)), "wrong", None),
        (MONDAY, quoted(quote(FIRST, 0.2)), "right", 1),
        (MONDAY, quoted(quote(FIRST, 0.1)), "missed", 1),
        (MONDAY, refused(quote(FIRST, 0.1)), "missed", 1),
        (MONDAY, refused(), "missed", None),
        (MONDAY, quoted(*[quote(SECOND)] * 10, quote(FIRST)), "wrong", None),
        (NOTHING, quoted(quote(FIRST)), "wrong", None),
        (NOTHING, quoted(quote(FIRST, 0.1)), "refused", None),
        (NOTHING, refused(quote(FIRST, 0.9)), "refused", None),
    ],
)
def test_the_verdict_on_an_answer(
    case: Case, answer: Answer, verdict: str, rank: int | None
) -> None:
    """Refused is what the library refuses, and what lies below the threshold of 0.2."""
    outcome = judge(case, answer, 0.2)
    assert (outcome.verdict, outcome.rank) == (verdict, rank)


def test_the_figures_of_six_questions_worked_by_hand() -> None:
    """Every figure, from answers that a person can follow on paper."""
    council, rain = Case("which?", ("the council",)), Case("what?", ("Rain",), SECOND)
    asked = {
        MONDAY: quoted(quote(FIRST, 0.95, "on Monday")),  # right, F1 2/3
        council: quoted(quote(SECOND, 0.75, "Snow"), quote(THIRD), quote(FIRST)),  # third
        rain: refused(quote(THIRD, 0.15)),  # not in the sentence that the label names
        NOTHING: quoted(quote(SECOND, 0.55)),
        Case("why?"): refused(quote(SECOND, 0.05)),
        Case("how?"): quoted(quote(FIRST, 0.25)),  # below the threshold
    }
    by_question = {case.question: answer for case, answer in asked.items()}
    result = evaluate(by_question.__getitem__, asked, 0.5)
    assert [each.verdict for each in result.outcomes] == [
        *("right", "wrong", "missed", "wrong", "refused", "refused"),
    ]
    third = pytest.approx(1 / 3)
    assert (result.first, result.first_3, result.first_10) == (third, 2 / 3, 2 / 3)
    assert result.mrr == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert (result.span_f1, result.span_exact) == (pytest.approx(2 / 9), 0)
    assert (result.answered, result.precision) == (3 / 6, third)
    assert (result.refusal_precision, result.refusal_recall) == (2 / 3, 2 / 3)
    # 0.95, 0.75 and 0.15 answerable against 0.55, 0.05 and 0.25: seven of nine pairs in order.
    assert result.auroc == pytest.approx(7 / 9)
    assert result.aurc == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5 + 5 / 6) / 6)
    # A bin each: |1 - 0.95|, and the confidences themselves where nothing is right.
    assert result.ece == pytest.approx((0.05 + 0.75 + 0.15 + 0.55 + 0.05 + 0.25) / 6)
    assert [level.answered for level in result.curve] == [1, 2, 3, 4, 5, 6]


def test_figures_without_a_question_to_be_of_are_none() -> None:
    """No highlight, nothing answerable, nothing refused: no figure instead of a wrong one."""
    result = summarise([judge(NOTHING, quoted(quote(FIRST)))])
    assert (result.first, result.mrr, result.span_f1, result.auroc) == (None,) * 4
    assert (result.refusal_precision, result.refusal_recall) == (None, 0)
    assert summarise([judge(MONDAY, quoted(quote(FIRST)))]).span_f1 is None
    with pytest.raises(ValueError, match="nothing"):
        summarise([])


def test_a_first_quote_without_highlight_counts_as_no_words_said() -> None:
    """Where others are highlighted, leaving one out is not rewarded."""
    outcomes = [judge(MONDAY, quoted(quote(FIRST, 0.5, mark))) for mark in ("Monday", None)]
    assert summarise(outcomes).span_f1 == 1 / 2


# The threshold in the index


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of one article, with an encoder that a person can compute."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(NEWS.text, "utf-8")
    made = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    made.sync([tmp_path / "news"])
    return made


def test_a_threshold_stays_with_the_index(library: Library, tmp_path: Path) -> None:
    """It is the judge's own at first; then it outlives the process and the next article."""
    assert library.threshold == FusionJudge.threshold
    library.set_threshold(1 / 3)
    (tmp_path / "news" / "b.txt").write_text("Rain\nMore rain fell.", "utf-8")
    library.sync()
    again = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    assert again.threshold == 1 / 3
    assert again.ask("rain").perhaps_from == min(1 / 3, FusionJudge.perhaps)
    library.set_threshold(1 / 3, 0.25)
    assert again.ask("rain").perhaps_from == 0.25
    assert library.status().revision == 2  # a threshold makes none of its own


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_a_threshold_is_a_confidence(library: Library, value: float) -> None:
    """Anything else is the caller's mistake."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        library.set_threshold(value)
    with pytest.raises(ValueError, match="from 0 to the threshold"):
        library.set_threshold(0.5, 0.5 + abs(value))


def test_a_threshold_is_written_by_one_at_a_time_into_an_index_that_is_there(
    library: Library, tmp_path: Path
) -> None:
    """Another writer is respected, and no index is made for a threshold alone."""
    with Store(library.folder).writing(), pytest.raises(StoreLockedError):
        library.set_threshold(0.5)
    assert library.threshold == FusionJudge.threshold
    with pytest.raises(StoreMissingError):
        Library(tmp_path / "none", encoder=WordEncoder(), judge=FusionJudge()).set_threshold(0.5)
    assert not (tmp_path / "none").exists()


# The commands


@pytest.fixture
def desk(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of the seeds, chosen by the environment; a copy, to write to."""
    folder = shutil.copytree(seed_index, Path("index").absolute())
    monkeypatch.setenv("PULLQUOTE_INDEX", str(folder))
    return folder


def some(answerable: int, unanswerable: int) -> Path:
    """A file of the first of the seed questions of each kind."""
    records = [json.loads(line) for line in SEED_QUESTIONS.read_text("utf-8").splitlines()]
    kinds = (
        [each for each in records if each["answers"]],
        [each for each in records if not each["answers"]],
    )
    return write(*kinds[0][:answerable], *kinds[1][:unanswerable])


@pytest.mark.model
def test_eval_of_the_seed_questions(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answering sentence is found among ten, and first nine times in ten."""
    assert main(["eval", str(SEED_QUESTIONS), "--json", "--verbose"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert err == ""
    assert result["first_10"] >= 0.98
    assert result["first"] >= 0.9
    assert result["auroc"] >= 0.75
    cases = read_cases(SEED_QUESTIONS)
    assert [each["question"] for each in result["outcomes"]] == [case.question for case in cases]
    assert sum(each["questions"] for each in result["reliability"]) == len(cases)


@pytest.mark.model
def test_eval_prints_tables_and_each_question_when_asked(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A figure a line; with --verbose a line for each question before them."""
    path = str(some(3, 2))
    assert main(["eval", path]) == 0
    plain = capsys.readouterr().out
    assert plain.startswith("questions")
    assert "5, 3 of them answerable" in plain
    assert main(["eval", path, "--verbose"]) == 0
    verbose = capsys.readouterr().out
    assert verbose.endswith(plain)
    first, *_ = verbose.splitlines()
    assert first.startswith(("right ", "missed "))
    assert (
        "  What did Kerry say would happen even if Aleppo falls?  Even if Aleppo falls, " in first
    )


@pytest.mark.model
def test_calibrate_keeps_a_threshold_that_eval_uses(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run keeps nothing; then the index holds what was printed."""
    path = str(some(12, 6))
    command = ["calibrate", path, "--precision", "0.7", "--json"]
    assert main([*command, "--dry-run"]) == 0
    dry = json.loads(capsys.readouterr().out)
    assert Library(desk).threshold == ReaderJudge(Reader()).threshold
    assert main(command) == 0
    kept = json.loads(capsys.readouterr().out)
    assert (dry.pop("kept"), kept.pop("kept")) == (False, True)
    assert dry == kept
    assert kept["precision"] >= 0.7
    assert Library(desk).threshold == kept["threshold"]
    answer = Library(desk).ask("who vetoed the ceasefire?")
    least = kept["perhaps"] or kept
    assert (answer.sure_from, answer.perhaps_from) == (kept["threshold"], least["threshold"])
    assert main(["eval", path, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["threshold"] == kept["threshold"]
    assert main([*command[:-1], "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert f"threshold {kept['threshold']:.4f}: {kept['answered']} of 18 questions" in out
    assert out.endswith("a dry run: the index keeps what it had\n")


@pytest.mark.model
def test_calibrate_says_when_a_precision_is_out_of_reach(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, what could be had, what to do; the index keeps no threshold."""
    assert main(["calibrate", str(some(0, 6))]) == 1
    err = capsys.readouterr().err
    assert err.startswith("pullquote: no threshold keeps a precision of 0.95 over these 6")
    assert "the most is 0.000" in err
    assert "--precision" in err
    assert Library(desk).threshold == ReaderJudge(Reader()).threshold


@pytest.mark.model
def test_labels_are_checked_before_anything_is_asked(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad line, a receipt of nothing, a missing file: named, each with its exit code."""
    Path("bad.jsonl").write_text("{}\n", "utf-8")
    assert main(["eval", "bad.jsonl"]) == 1
    assert 'bad.jsonl: line 1: "question" is missing' in capsys.readouterr().err
    path = write({"question": "Who?", "receipt": "seeds/a.txt:1-2@0123456789ab"})
    assert main(["calibrate", str(path)]) == 1
    assert "seeds/a.txt:1-2@0123456789ab: this article is not in the index" in (
        capsys.readouterr().err
    )
    assert main(["eval", "missing.jsonl"]) == 2


@pytest.mark.model
def test_a_receipt_of_an_article_that_changed_is_refused(
    with_models: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A label that no longer fits is named, not counted as a wrong answer."""
    news = tmp_path / "clippings"
    news.mkdir()
    (news / "a.txt").write_text(NEWS.text, "utf-8")
    library = Library(with_models(Path("index")))
    library.sync([news])
    receipt = str(library.ask("who lost the vote?").quotes[0].receipt)
    path = write({"question": "who lost the vote?", "receipt": receipt})
    assert main(["--index", "index", "eval", str(path)]) == 0
    (news / "a.txt").write_text(NEWS.text + " Hail.", "utf-8")
    library.sync()
    library.close()
    capsys.readouterr()
    assert main(["--index", "index", "eval", str(path)]) == 1
    assert "the article has changed or gone since" in capsys.readouterr().err
