"""The reader: how its input is put together, how spans are chosen, what its numbers mean."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ask.reader import FOLDER, MAX_SPAN, Reader, Stretch, best_span, inputs
from index.ask.windows import pack
from index.errors import ModelError

logits = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=45)

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


@given(logits, st.randoms(use_true_random=False))
def test_the_best_span_is_the_best_of_all_allowed_ones(start, random):
    """No pair of first and last piece that is allowed has a higher sum."""
    starts = np.array(start, np.float32)
    ends = np.array([random.uniform(-20, 20) for _ in start], np.float32)
    first, last, sureness = best_span(starts, ends)
    allowed = {
        (a, b): starts[a] + ends[b]
        for a in range(len(start))
        for b in range(a, min(len(start), a + MAX_SPAN))
        if a > 0 or b == 0
    }
    assert allowed[first, last] == max(allowed.values())
    sums = np.array(list(allowed.values()), np.float64)
    best = allowed[first, last]
    assert sureness == pytest.approx(-np.log(np.exp(sums - best).sum()), abs=1e-5)


def test_nothing_to_read_needs_no_model(tmp_path):
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


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Return the package's own reader."""
    return Reader()


def stretch(*wanted: int) -> Stretch:
    """Return sentences of the seed article, the one about the veto first."""
    return Stretch(TITLE, (VETO, *OTHERS), wanted or tuple(range(5)))


@pytest.mark.model
def test_who_vetoed_the_ceasefire(reader):
    """The answering sentence has the highest score, above "no answer"; its highlight says who."""
    (readings,) = reader.read("who vetoed the ceasefire?", [stretch()])
    assert readings[0].score > max(0, *(readings[i].score for i in range(1, 5)))
    assert readings[0].span
    assert VETO[slice(*readings[0].span)] == "Russian Federation and China"


@pytest.mark.model
@pytest.mark.parametrize("question", ["what is the capital of Syria?", "who vetoed the budget?"])
def test_what_is_not_said_scores_below_what_is(reader, question):
    """A question that the article does not answer scores far below one that it does."""

    def highest(text: str) -> float:
        return max(reading.score for reading in reader.read(text, [stretch()])[0].values())

    assert highest(question) < highest("who vetoed the ceasefire?") - 1


@pytest.mark.model
def test_a_name_in_the_sentence_before_counts(reader):
    """What "he" says is told from who he is, which stands in the sentence before."""
    he = "He said that the new bridge would be opened in March."
    minister, singer = (
        Stretch("", (f"The {who} spoke to reporters on Friday.", he), (1,))
        for who in ("transport minister, Anna Roth,", "singer Paul Oram")
    )
    right, wrong = reader.read("When does Anna Roth say the bridge will open?", [minister, singer])
    assert right[1].score > wrong[1].score + 1


@pytest.mark.model
def test_a_score_does_not_depend_on_the_company(reader):
    """Alone, among others or in another order: the same score and span."""
    question = "who vetoed the ceasefire?"
    others = [Stretch("Rates", ("The bank cut rates.", text), (1,)) for text in OTHERS]
    (alone,) = reader.read(question, [stretch()])
    *_, last = reader.read(question, [*others, stretch()])
    first, *_ = reader.read(question, [stretch(), *others])
    for place, reading in alone.items():
        for other in (first[place], last[place]):
            assert reading.score == pytest.approx(other.score, abs=1e-4)
            assert reading.span == other.span


@pytest.mark.model
def test_what_fits_beside_a_wanted_sentence_is_judged_too(reader):
    """A neighbour that no search named gets a reading; one that is too far away gets none."""
    far = tuple(f"Sentence {n} of the report {'goes on and ' * 9}on." for n in range(12))
    (readings,) = reader.read("who vetoed the ceasefire?", [Stretch("", (*far, VETO), (12,))])
    assert {11, 12} <= readings.keys()
    assert 0 not in readings


@pytest.mark.model
@pytest.mark.parametrize(
    "sentence",
    [
        "",
        " ",
        "?",
        "停火",
        "e\u0301te\u0301 “x”",
        "word " * 400,
        "\u0000",
        "🙂 said Kerry",
        "停" * 900,
    ],
)
@pytest.mark.parametrize("question", ["", "who?", "why " * 300, "谁"])
def test_the_highlight_lies_inside_the_sentence(reader, question, sentence):
    """Whatever is read, the span is a piece of the sentence, and not an empty one."""
    (readings,) = reader.read(question, [Stretch("", (sentence, sentence), (0, 1))])
    for reading in readings.values():
        if reading.span:
            start, end = reading.span
            assert 0 <= start < end <= len(sentence)
        assert reading.sureness <= 0


@pytest.mark.model
def test_the_runtime_computes_what_the_graph_says(reader):
    """Scores and spans are those that NumPy gets from the same file, to a thousandth.

    Nothing in the graph depends on how a processor rounds: no product is of 8-bit numbers.
    """
    onnx = pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(FOLDER / "reader.onnx")
    assert not {node.op_type for node in model.graph.node} & {"MatMulInteger", "QLinearMatMul"}
    encoded = reader._tokenizer.encode_batch(
        ["who vetoed the ceasefire?", TITLE, VETO, OTHERS[1]], add_special_tokens=False
    )
    question, title, *sentences = (each.ids for each in encoded)
    window = inputs(pack(question, title, sentences))
    exact_scores, exact_span = ReferenceEvaluator(model).run(None, window)
    scores, span = reader._session.run(None, window)
    np.testing.assert_allclose(scores, exact_scores, atol=1e-3)
    np.testing.assert_allclose(span, exact_span, atol=1e-3)


@pytest.mark.model
def test_training_can_take_up_the_reader_that_ships():
    """Its weights, widened into the network that is trained, give the runtime's scores."""
    import torch

    from bench.reader.export import OneWindow
    from bench.reader.model import from_reader

    model = OneWindow(from_reader(FOLDER / "reader.onnx")).eval()
    reader = Reader()
    pieces = [
        reader._tokenizer.encode(text, add_special_tokens=False).ids for text in (VETO, *OTHERS)
    ]
    packed = inputs(pack([2040, 2310], [2149], pieces))
    with torch.no_grad():
        score, span = model(*(torch.from_numpy(value) for value in packed.values()))
    shipped = reader._session.run(None, packed)
    np.testing.assert_allclose(score.numpy(), shipped[0], atol=1e-3)
    np.testing.assert_allclose(span.numpy(), shipped[1], atol=1e-3)
