"""Confidence: what signals are worth together, and what they mean."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ask.confidence import NAMES, Calibration, Signals, log_shares

SIGNALS = Signals(reader=1.0, share=-0.5, span=-1.0, cosine=0.5, coverage=0.4, context=0.6)
CALIBRATION = Calibration(dict.fromkeys(NAMES, 1.0), [(-2.0, 0.1), (0.0, 0.4), (3.0, 0.9)])


@pytest.mark.parametrize("name", NAMES)
def test_a_higher_signal_is_never_worth_less(name):
    """Whatever is better about a sentence puts it further up and makes it surer."""
    better = CALIBRATION.rank(replace(SIGNALS, **{name: getattr(SIGNALS, name) + 0.5}))
    rank = CALIBRATION.rank(SIGNALS)
    assert better > rank
    assert CALIBRATION.confidence(better) > CALIBRATION.confidence(rank)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_confidence_rises_within_0_and_1(one, other):
    """A higher rank never has a lower confidence, however far out it is."""
    low, high = sorted((one, other))
    assert 0 <= CALIBRATION.confidence(low) <= CALIBRATION.confidence(high) <= 1


def test_confidence_goes_through_its_points():
    """At a point it is the point's, between two it lies on the line, beyond them it stays."""
    ranks = [-9.0, -2.0, -1.0, 0.0, 1.5, 3.0, 9.0]
    found = [CALIBRATION.confidence(rank) for rank in ranks]
    assert found == pytest.approx([0.1, 0.1, 0.25, 0.4, 0.65, 0.9, 0.9])


@pytest.mark.parametrize("same", ["300 people", "at least 300", "the 300 People", "300."])
def test_those_who_agree_do_not_take_confidence_from_each_other(same):
    """The same answer in another paper is no rival; another answer is."""
    once = log_shares([3.0, -1.0], ["300 people", "Aleppo"])
    both = log_shares([3.0, -1.0, 3.0], ["300 people", "Aleppo", same])
    other = log_shares([3.0, -1.0, 3.0], ["300 people", "Aleppo", "45 people"])
    assert both[0] == both[2] == once[0]
    assert other[0] < once[0]


def test_the_share_is_that_of_a_softmax_with_no_answer_at_0():
    """Worked out by hand: e / (1 + e + e²) for a score of 1 beside one of 2."""
    e = np.e
    shares = log_shares([1.0, 2.0], ["north", "south"])
    assert np.exp(shares) == pytest.approx([e / (1 + e + e**2), e**2 / (1 + e + e**2)])


@given(st.lists(st.floats(-1000, 1000), max_size=6))
def test_no_score_is_too_far_out(scores):
    """Shares are probabilities whatever the scores."""
    shares = log_shares(scores, [str(score) for score in scores])
    assert all(share <= 1e-9 for share in shares)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"weights": {}, "points": [[0, 0]]},
        {"weights": dict.fromkeys(NAMES, 1.0), "points": []},
        {"weights": dict.fromkeys(NAMES, 1.0), "points": [[0, 0.5], [1, 0.4]]},
        {"weights": dict.fromkeys(NAMES, 1.0), "points": [[1, 0.5], [0, 0.6]]},
        {"weights": dict.fromkeys(NAMES, "x"), "points": [[0, 0.5]]},
    ],
)
def test_what_is_no_calibration_is_refused(record):
    """A calibration without a weight, or that does not rise, is not used."""
    with pytest.raises(ValueError, match="not a calibration"):
        Calibration.parse(record)
