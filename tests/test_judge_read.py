"""The reader's judge alone: what the reader is handed, and what becomes of what it says.

Neither search nor store takes part: a revision of a few articles, whose sentences have known ids,
and a reader that says what it is told to.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from index.ask.confidence import NAMES
from index.ask.judge import BEFORE, BEHIND, Judged, ReaderJudge, worth_reading
from index.ask.reader import Reading, Stretch
from index.ask.search import Hit, Question
from index.errors import ModelError
from index.records import Article, Candidate, Sentence
from index.store.engine import Filed, Floats, Ids, Located

POINTS = [[-10.0, 0.0], [10.0, 1.0]]
"""A confidence is a sum of signals, from -10 to 10, brought to 0 to 1."""


def manifest(**weights: float) -> dict[str, Any]:
    """What stands beside a reader's weights; by default a confidence is its score alone."""
    known = dict.fromkeys(NAMES, 0.0) | (weights or {"reader": 1.0})
    return {"calibration": {"weights": known, "points": POINTS}, "sure": 0.7}


class FakeReader:
    """Says what it is told to of a sentence, and notes what it was given."""

    def __init__(
        self, say: Callable[[str], Reading], manifest: Mapping[str, Any] = manifest()
    ) -> None:
        self.manifest = manifest
        self.given: list[Stretch] = []
        self._say = say

    def load(self) -> None:
        """Nothing is to be loaded."""

    def read(self, question: str, stretches: Sequence[Stretch]) -> list[dict[int, Reading]]:
        """Read every sentence of every stretch."""
        self.given += stretches
        return [dict(enumerate(map(self._say, each.sentences))) for each in stretches]


class FakeRevision:
    """Articles, each a list of sentences; the first sentence of all has id 0."""

    def __init__(self, articles: Mapping[str, Sequence[str]]) -> None:
        self._located: list[Located] = []
        for number, (name, texts) in enumerate(articles.items()):
            article = Article(name, f"Title of {name}", " ".join(texts))
            first = len(self._located)
            filed = Filed(number, name, article, article.digest, first, len(texts))
            start = 0
            for ordinal, text in enumerate(texts):
                sentence = Sentence(name, ordinal, start, start + len(text), 1)
                self._located.append(Located(first + ordinal, filed, (sentence,), sentence))
                start += len(text) + 1

    def found(self, id_: int, score: float, cosine: float = 0.0) -> Hit:
        """A sentence as search hands it over."""
        at = self._located[id_]
        candidate = Candidate(at.sentence, cosine, 0.25, 0.75, score)
        return Hit(candidate, id_, at.filed, at.around)

    def signals(self, text: str, vector: object, ids: Ids) -> Floats:
        """Neighbours are like the question in nothing."""
        return np.zeros((len(ids), 3))

    def located(self, ids: Sequence[int]) -> list[Located]:
        """The sentences of these ids."""
        return [self._located[id_] for id_ in ids]


def judge(reader: FakeReader, revision: FakeRevision, found: list[Hit], top: int = 3) -> Judged:
    """Judge what was found, best first."""
    question = Question("who?", np.zeros(1, np.float32))
    return ReaderJudge(reader).judge(question, found, top, revision)  # type: ignore[arg-type]


def scored(score: float = 1.0, span: tuple[int, int] | None = None) -> Callable[[str], Reading]:
    """Say the same of every sentence."""
    return lambda _text: Reading(score, span, -0.5)


TALE = [f"Sentence {number}." for number in range(30)]


def test_the_window_reaches_further_back_than_forward():
    """Seven sentences before a candidate and four behind it, itself between them, in order."""
    reader = FakeReader(scored())
    revision = FakeRevision({"tale": TALE})
    judge(reader, revision, [revision.found(15, 9.0)])
    (given,) = reader.given
    assert (BEFORE, BEHIND) == (7, 4)
    assert given == Stretch("Title of tale", tuple(TALE[8:20]), (7,))


def test_a_window_ends_where_the_article_does():
    """The sentence before the first of an article is of another one, and is not read with it."""
    reader = FakeReader(scored())
    revision = FakeRevision({"a": ["A one.", "A two."], "b": ["B one.", "B two."]})
    judge(reader, revision, [revision.found(2, 9.0), revision.found(1, 8.0)])
    assert reader.given == [
        Stretch("Title of a", ("A one.", "A two."), (1,)),
        Stretch("Title of b", ("B one.", "B two."), (0,)),
    ]


def test_candidates_near_each_other_are_read_in_one_stretch_the_best_first():
    """The order of the text is kept; which of its sentences matter more is said beside it."""
    reader = FakeReader(scored())
    revision = FakeRevision({"tale": TALE})
    judge(reader, revision, [revision.found(id_, 9.0 - id_ / 10) for id_ in (5, 3, 28)])
    near, far = reader.given
    assert near.sentences == tuple(TALE[0:10])
    assert [near.sentences[place] for place in near.wanted] == ["Sentence 5.", "Sentence 3."]
    assert far.sentences == tuple(TALE[21:30])


def test_every_sentence_that_was_read_is_judged_once():
    """Neighbours too; what the reader says of a sentence is said of that sentence."""
    revision = FakeRevision({"tale": TALE})
    reader = FakeReader(lambda text: Reading(float(text[9:-1]) / 10, None, 0.0))
    judged = judge(reader, revision, [revision.found(3, 9.0), revision.found(5, 8.0)])
    confidences = {found.id: verdict.confidence for found, verdict in judged}
    assert len(judged) == 10
    assert confidences == {id_: pytest.approx(0.5 + id_ / 200) for id_ in range(10)}


def test_the_same_words_beside_two_candidates_are_judged_once():
    """Whatever stands below every report does not take the place of other sentences."""
    revision = FakeRevision({"a": ["Left.", "Read more."], "b": ["Right.", "Read  MORE."]})
    judged = judge(FakeReader(scored()), revision, [revision.found(0, 9.0), revision.found(2, 8.0)])
    assert [found.text for found, _ in judged] == ["Left.", "Read more.", "Right."]


def test_a_copy_is_marked_at_its_own_place():
    """The answer is looked for in the words that the copy has; where it has not, none is marked."""
    revision = FakeRevision(
        {
            "read": ["Mr Holm closed it."],
            "later": ["It rained a lot.", "Mr Holm closed it."],
            "spaced": ["So.", "Mr   Holm closed it."],
            "loud": ["MR HOLM CLOSED IT."],
        }
    )
    reader = FakeReader(lambda text: Reading(2.0, (3, 7) if "Holm" in text else None, 0.0))
    ids = (0, 2, 4, 5)
    judged = judge(reader, revision, [revision.found(id_, 9.0) for id_ in ids])
    copies = {found.id: (found, verdict) for found, verdict in judged if found.id in ids}
    assert sum(len(each.wanted) for each in reader.given) == 1
    assert {verdict.confidence for _, verdict in copies.values()} == {0.6}
    marked = {id_: verdict.highlight for id_, (_, verdict) in copies.items()}
    assert marked == {0: (3, 7), 2: (20, 24), 4: (9, 13), 5: None}
    for found, verdict in copies.values():
        if verdict.highlight:
            assert found.filed.article.text[slice(*verdict.highlight)] == "Holm"


@pytest.mark.parametrize(("top", "read"), [(1, 6), (10, 10), (99, 16)])
def test_as_many_are_read_as_are_to_be_shown(top, read):
    """Of 20 candidates far behind the best, six, or as many as are asked for, up to a bound."""
    revision = FakeRevision({f"n{number}": [f"Word {number}."] for number in range(20)})
    reader = FakeReader(scored())
    found = [revision.found(0, 9.0), *(revision.found(id_, 1.0) for id_ in range(1, 20))]
    assert len(judge(reader, revision, found, top)) == read
    assert [each.sentences for each in reader.given] == [(f"Word {n}.",) for n in range(read)]


def test_what_comes_near_the_best_is_worth_reading():
    """At most 3.5 behind it."""
    assert worth_reading([9.0, *[5.5] * 9, *[5.4] * 9]) == 10


@pytest.mark.parametrize(
    ("signal", "value"),
    [
        ("reader", 2.0),
        ("share", 2.0 - math.log1p(math.exp(2.0))),  # among itself and "no answer"
        ("span", -0.5),
        ("cosine", 0.125),
        ("coverage", 0.25),
        ("context", 0.75),
    ],
)
def test_each_signal_counts_as_itself(signal, value):
    """With all other weights at 0, the confidence is that signal."""
    revision = FakeRevision({"one": ["Only this."]})
    reader = FakeReader(scored(2.0, (0, 4)), manifest(**{signal: 1.0}))
    ((_, verdict),) = judge(reader, revision, [revision.found(0, 9.0, cosine=0.125)])
    assert verdict.confidence == pytest.approx((value + 10) / 20)


def test_another_answer_takes_confidence_the_same_answer_does_not():
    """What a sentence answers is compared by the words that are marked in it."""

    def sure(other: str) -> float:
        revision = FakeRevision({"a": ["Dead were 300."], "b": [f"Killed: {other} people."]})
        reader = FakeReader(
            lambda text: Reading(2.0, (10, 13) if "Dead" in text else (8, 8 + len(other)), 0.0),
            manifest(share=1.0),
        )
        found = [revision.found(0, 9.0), revision.found(1, 8.0)]
        return judge(reader, revision, found)[0][1].confidence

    assert sure("300") > sure("45")


def test_judging_waits_for_the_model_that_is_being_loaded():
    """Loading begins when a question comes in, beside the search, and once."""
    may_load = threading.Event()
    begun: list[bool] = []
    loaded = threading.Event()

    class SlowReader(FakeReader):
        def load(self) -> None:
            begun.append(True)
            may_load.wait(10)
            loaded.set()

        def read(self, question: str, stretches: Sequence[Stretch]) -> list[dict[int, Reading]]:
            assert loaded.is_set(), "read before it was loaded"
            return super().read(question, stretches)

    revision = FakeRevision({"one": ["Only this."]})
    judge = ReaderJudge(SlowReader(scored()))  # type: ignore[arg-type]
    judge.prepare()
    judge.prepare()
    threading.Timer(0.2, may_load.set).start()
    question = Question("who?", np.zeros(1, np.float32))
    assert judge.judge(question, [revision.found(0, 9.0)], 3, revision)  # type: ignore[arg-type]
    assert begun == [True]


def test_a_model_that_can_not_be_loaded_is_told_where_it_is_read():
    """Not in the thread that loads, where nobody would hear it."""

    class BrokenReader(FakeReader):
        def load(self) -> None:
            raise ModelError("altered")

        def read(self, question: str, stretches: Sequence[Stretch]) -> list[dict[int, Reading]]:
            self.load()
            return super().read(question, stretches)

    revision = FakeRevision({"one": ["Only this."]})
    judge = ReaderJudge(BrokenReader(scored()))  # type: ignore[arg-type]
    judge.prepare()
    with pytest.raises(ModelError, match="altered"):
        judge.judge(
            Question("who?", np.zeros(1, np.float32)),
            [revision.found(0, 9.0)],
            3,
            revision,  # type: ignore[arg-type]
        )


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"calibration": {}, "sure": 0.7},
        {"calibration": {"weights": dict.fromkeys(NAMES, 1.0), "points": [[1, 0.5], [0, 0.6]]}},
    ],
)
def test_a_manifest_without_a_calibration_is_named(broken):
    """It is the installation that is broken: the error says what to do."""
    judge = ReaderJudge(FakeReader(scored(), broken))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="install pullquote again"):
        _ = judge.calibration


def test_the_threshold_is_the_manifests():
    """Sure is what was measured as sure; a manifest without it is an error."""
    assert ReaderJudge(FakeReader(scored())).threshold == 0.7  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="the reader has no sure"):
        _ = ReaderJudge(FakeReader(scored(), {})).threshold  # type: ignore[arg-type]
