"""The reader: how its input is put together, how spans are chosen, what its numbers mean."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ask.reader import (
    FOLDER,
    MAX_QUESTION,
    MAX_SENTENCE,
    MAX_SPAN,
    Calibration,
    Passage,
    Reader,
    Reading,
    best_span,
    pack,
)
from index.errors import ModelError

pieces = st.lists(st.integers(200, 30000), max_size=150)
logits = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=45)
CALIBRATION = Calibration(reader=1.0, search=2.0, share=1.5, bias=-1.0)

TITLE = "US, Western leaders calling for immediate Aleppo cease-fire"
VETO = (
    "The Syrian government has ruled out any further truces in Aleppo, and Russian Federation "
    "and China on Monday vetoed a UN Security Council resolution on a week-long ceasefire."
)
OTHERS = (
    "A Syrian army map showed that region held by the rebels in eastern Aleppo was quickly "
    "shrinking.",
    "The government offensive has killed 372 people in east Aleppo, including 45 children, the "
    "Observatory says.",
    "“There is no electricity at all, no drinking water”.",
    "Brig. Gen. Zeid al-Saleh told state TV that rebels must leave Aleppo or face death.",
)


@given(pieces, pieces, pieces, pieces)
def test_the_sentence_is_what_type_one_marks(question, title, before, sentence):
    """Type 1 stands on the sentence's pieces, up to the bound, and on nothing else."""
    ids, types = pack(question, title, before, sentence)
    assert len(ids) == len(types)
    marked = [piece for piece, kind in zip(ids, types, strict=True) if kind]
    assert marked == sentence[:MAX_SENTENCE]


@given(pieces, pieces, pieces, pieces)
def test_an_input_never_outgrows_its_bound(question, title, before, sentence):
    """However long its parts, an input stays within what the time for reading allows."""
    ids, _ = pack(question, title, before, sentence)
    assert len(ids) <= MAX_QUESTION + MAX_SENTENCE + 5


@given(logits, st.randoms(use_true_random=False))
def test_the_best_span_is_the_best_of_all_allowed_ones(start, random):
    """No pair of first and last piece, in order and short enough, has a higher sum."""
    starts = np.array(start, np.float32)
    ends = np.array([random.uniform(-20, 20) for _ in start], np.float32)
    found = best_span(starts, ends)
    assert found
    first, last = found
    assert 0 <= first <= last < min(len(start), first + MAX_SPAN)
    allowed = [
        starts[a] + ends[b]
        for a in range(len(start))
        for b in range(a, min(len(start), a + MAX_SPAN))
    ]
    assert starts[first] + ends[last] == max(allowed)


def test_nothing_has_no_best_span():
    """A sentence without pieces has no span."""
    assert best_span(np.zeros(0, np.float32), np.zeros(0, np.float32)) is None


def test_the_search_has_a_say():
    """A passage that the search finds much better goes before one that reads a little better."""
    readings = [Reading(1.2, None), Reading(1.0, None)]
    worse, better = CALIBRATION.judge(readings, [0.1, 0.9], ["north", "south"])
    assert better.score > worse.score
    assert better.confidence > worse.confidence


def test_a_close_second_lowers_confidence():
    """A rival that is nearly as good makes the first less sure."""
    alone = CALIBRATION.judge([Reading(3.0, None), Reading(-5.0, None)], [0, 0], ["north", "south"])
    rivalled = CALIBRATION.judge(
        [Reading(3.0, None), Reading(2.9, None)], [0, 0], ["north", "south"]
    )
    assert rivalled[0].confidence < alone[0].confidence


@pytest.mark.parametrize("same", ["300 people", "at least 300", "the 300 People", "300."])
def test_those_who_agree_do_not_take_confidence_from_each_other(same):
    """The same answer in another paper is no rival; another answer is."""
    readings = [Reading(3.0, None), Reading(-1.0, None), Reading(3.0, None)]
    (once, _) = CALIBRATION.judge(readings[:2], [0, 0], ["300 people", "Aleppo"])
    both = CALIBRATION.judge(readings, [0, 0, 0], ["300 people", "Aleppo", same])
    other = CALIBRATION.judge(readings, [0, 0, 0], ["300 people", "Aleppo", "45 people"])
    assert both[0] == both[2] == once
    assert other[0].confidence < once.confidence


def test_the_share_is_that_of_a_softmax_with_no_answer_at_0():
    """Worked out by hand: e / (1 + e + e²) for a score of 1 beside one of 2."""
    only_share = Calibration(reader=0, search=0, share=1, bias=0)
    verdicts = only_share.judge(
        [Reading(1.0, None), Reading(2.0, None)], [0, 0], ["north", "south"]
    )
    e = np.e
    share = e / (1 + e + e**2)
    assert verdicts[0].confidence == pytest.approx(1 / (1 + np.exp(-share)))


def test_nothing_read_is_nothing_judged():
    """No readings, no verdicts."""
    assert CALIBRATION.judge([], [], []) == []


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=6))
def test_confidence_lies_between_0_and_1(scores):
    """No score, however far out, leaves the range or fails."""
    verdicts = CALIBRATION.judge(
        [Reading(s, None) for s in scores], scores, [str(score) for score in scores]
    )
    assert all(0 <= v.confidence <= 1 for v in verdicts)


def test_no_passages_need_no_model(tmp_path):
    """Reading nothing loads nothing."""
    assert Reader(tmp_path).read("who vetoed the ceasefire?", []) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the package's model, to be damaged."""
    folder = tmp_path / "reader"
    shutil.copytree(FOLDER, folder)
    return folder


def test_a_missing_model_is_named(tmp_path):
    """Without a model the error names the file."""
    with pytest.raises(ModelError, match=r"reader\.json"):
        Reader(tmp_path).load()


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json"])
def test_altered_files_are_refused(copied, name):
    """A single changed byte in weights or tokenizer is found out when loading."""
    path = copied / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=name):
        Reader(copied).load()


def test_a_missing_file_is_named(copied):
    """Weights that are gone are named."""
    (copied / "reader.onnx").unlink()
    with pytest.raises(ModelError, match=r"reader\.onnx"):
        Reader(copied).load()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"format": 99}, "format 99"), ({"files": {}}, "names no"), ({"files": 3}, "names no")],
)
def test_other_manifests_are_refused(copied, change, message):
    """Another format, or a manifest that does not vouch for its files, is refused by name."""
    path = copied / "reader.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match=message):
        Reader(copied).load()


def test_a_manifest_without_calibration_is_refused(copied):
    """Scores without a meaning are not given one."""
    path = copied / "reader.json"
    manifest = json.loads(path.read_text())
    del manifest["calibration"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="calibration"):
        _ = Reader(copied).calibration


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Return the package's own reader."""
    return Reader()


def passages() -> list[Passage]:
    """Return sentences of the seed article in their context."""
    before = "“I don’t know anything, anything about them”, he said in an audio message."
    return [Passage(TITLE, before, sentence) for sentence in (VETO, *OTHERS)]


@pytest.mark.model
def test_who_vetoed_the_ceasefire(reader):
    """The answering sentence has the highest score, above "no answer"; its highlight says who."""
    readings = reader.read("who vetoed the ceasefire?", passages())
    assert readings[0].score > max(0, *(r.score for r in readings[1:]))
    assert readings[0].span
    assert "China" in VETO[slice(*readings[0].span)]


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of Syria?",
        "who vetoed the budget?",
        "How many people live in Aleppo?",
    ],
)
def test_what_is_not_said_scores_below_what_is(reader, question):
    """A question that the article does not answer scores far below one that it does."""
    said = max(r.score for r in reader.read("who vetoed the ceasefire?", passages()))
    assert max(r.score for r in reader.read(question, passages())) < said - 1


@pytest.mark.model
def test_a_score_does_not_depend_on_the_company(reader):
    """Alone, among others or in another order: the same score and span."""
    together = reader.read("who vetoed the ceasefire?", passages())
    turned = reader.read("who vetoed the ceasefire?", passages()[::-1])[::-1]
    for i, passage in enumerate(passages()):
        (alone,) = reader.read("who vetoed the ceasefire?", [passage])
        assert alone.score == pytest.approx(together[i].score, abs=1e-3)
        assert alone.score == pytest.approx(turned[i].score, abs=1e-3)
        assert alone.span == together[i].span == turned[i].span


@pytest.mark.model
@pytest.mark.parametrize(
    "sentence",
    ["", " ", "?", "停火", "e\u0301te\u0301 “x”", "word " * 400, "\u0000", "🙂 said Kerry"],
)
@pytest.mark.parametrize("question", ["", "who?", "why " * 300, "谁"])
def test_the_highlight_lies_inside_the_sentence(reader, question, sentence):
    """Whatever is read, the span is a piece of the sentence, and not an empty one."""
    (reading,) = reader.read(question, [Passage("", "", sentence)])
    if reading.span:
        start, end = reading.span
        assert 0 <= start < end <= len(sentence)
