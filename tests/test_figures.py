"""The figures: by hand, against an exhaustive count, and against scikit-learn."""

from __future__ import annotations

import math
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import PrecisionError
from index.measure.figures import (
    FEWEST,
    Bin,
    Level,
    aurc,
    auroc,
    exact,
    f1,
    fit_threshold,
    levels,
    normalised,
    reliability,
    steps,
)

FIVE = [(0.9, True), (0.8, True), (0.7, False), (0.6, True), (0.5, False)]
# Few different confidences, so that many are equal.
PAIRS = st.lists(st.tuples(st.integers(0, 10).map(lambda tenth: tenth / 10), st.booleans()))


@pytest.mark.parametrize(
    ("said", "answer", "harmony", "same"),
    [
        ("Monday", "Monday", 1, True),
        ("the Old City", "old city", 1, True),
        ("“very disastrous”", "very disastrous", 1, True),
        ("week-long", "weeklong", 1, True),
        ("on Monday", "Monday", 2 / 3, False),
        ("Russia and China", "China and the United States", 2 * 2 / (3 + 4), False),
        ("no no", "no", 2 / 3, False),
        ("Tuesday", "Monday", 0, False),
        ("", "Monday", 0, False),
        ("The", "a", 1, True),
    ],
)
def test_span_figures_by_hand(said: str, answer: str, harmony: float, same: bool) -> None:
    """F1 over words, each as often as it stands; exact but for case, punctuation, articles."""
    assert f1(said, answer) == pytest.approx(harmony)
    assert exact(said, answer) is same


@given(st.text(), st.text())
def test_span_figures_agree_with_each_other(said: str, answer: str) -> None:
    """F1 is symmetric, from 0 to 1, and 1 where the match is exact; to normalise is idempotent."""
    assert 0 <= f1(said, answer) == f1(answer, said) <= 1
    assert not exact(said, answer) or f1(said, answer) == 1
    assert normalised(normalised(said)) == normalised(said)


def test_risk_against_coverage_by_hand() -> None:
    """The risks of the 1, 2, ... 5 surest are 0, 0, 1/3, 1/4 and 2/5."""
    found = levels(FIVE)
    assert found[2] == Level(0.7, 3, 2, 5)
    assert [1 - level.precision for level in found] == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])
    assert [level.coverage for level in found] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert aurc(found) == pytest.approx((1 / 3 + 1 / 4 + 2 / 5) / 5)


@given(PAIRS.filter(lambda pairs: 0 < len(pairs) <= 6))
def test_equal_confidences_count_as_in_random_order(pairs: list[tuple[float, bool]]) -> None:
    """The area is the mean over every order that the confidences allow."""

    def area(order: tuple[tuple[float, bool], ...]) -> float:
        wrong = [not right for _, right in order]
        return math.fsum(sum(wrong[:k]) / k for k in range(1, len(wrong) + 1)) / len(wrong)

    allowed = [
        area(order)
        for order in permutations(pairs)
        if all(one[0] >= two[0] for one, two in pairwise(order))
    ]
    assert aurc(levels(pairs)) == pytest.approx(sum(allowed) / len(allowed))


@given(PAIRS.filter(bool), st.randoms())
def test_the_order_of_the_questions_does_not_matter(pairs, rng) -> None:
    """No figure depends on which question was asked first."""
    shuffled = rng.sample(pairs, len(pairs))
    assert levels(shuffled) == levels(pairs)
    assert auroc(shuffled) == auroc(pairs)
    assert [(each.low, each.questions) for each in reliability(shuffled)] == [
        (each.low, each.questions) for each in reliability(pairs)
    ]


@given(PAIRS.filter(bool))
def test_the_curve_covers_each_tenth_and_ends_with_all(pairs) -> None:
    """At most ten points, ever more covered, none more than it must be."""
    every = levels(pairs)
    curve = steps(every)
    assert 1 <= len(curve) <= 10
    assert curve[-1] == every[-1]
    for tenth in range(1, 11):
        enough = [each for each in every if 10 * each.answered >= tenth * each.of]
        assert enough[0] in curve


def test_auroc_by_hand() -> None:
    """Of four pairs two are in order, one is not, one is level."""
    assert auroc([(0.9, True), (0.6, True), (0.7, False), (0.6, False)]) == (1 + 1 + 0 + 0.5) / 4
    assert auroc([(0.9, True)]) is None
    assert auroc([(0.9, False)]) is None


@settings(deadline=None)  # the first example imports scikit-learn
@given(PAIRS.filter(lambda pairs: len({kind for _, kind in pairs}) == 2))
def test_auroc_is_that_of_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    """Ties included."""
    from sklearn.metrics import roc_auc_score

    scores, kinds = zip(*pairs, strict=True)
    assert auroc(pairs) == pytest.approx(roc_auc_score(kinds, scores))


def test_the_reliability_table_by_hand() -> None:
    """Borders belong to the bin above, 1 to the last; empty bins are left out."""
    pairs = [(1.0, True), (0.9, True), (0.85, False), (0.8, True), (0.1, False), (0.0, False)]
    table = reliability(pairs)
    assert [(each.low, each.high, each.questions, each.right) for each in table] == [
        (0.0, 0.1, 1, 0),
        (0.1, 0.2, 1, 0),
        (0.8, 0.9, 2, 0.5),
        (0.9, 1.0, 2, 1),
    ]
    assert table[2] == Bin(0.8, 0.9, 2, pytest.approx(0.825), 0.5)


@pytest.mark.parametrize("tenth", range(11))
def test_a_border_of_the_reliability_table_is_not_lost_to_rounding(tenth: int) -> None:
    """Every tenth opens its own bin."""
    assert reliability([(tenth / 10, True)])[0].low == min(tenth, 9) / 10


def test_the_least_threshold_that_keeps_the_precision() -> None:
    """With 0.6 four of six are right, with 0.5 five of seven; the lowest good one is taken."""
    pairs = [(0.9, True), (0.8, True), (0.75, True), (0.7, False), (0.65, True), (0.6, False)]
    pairs += [(0.5, True), (0.4, False), (0.3, False)]
    assert fit_threshold(pairs, 0.8).chosen == Level(0.65, 5, 4, 9)
    assert fit_threshold(pairs, 0.7).chosen == Level(0.5, 7, 5, 9)
    assert fit_threshold(pairs, 0.5).chosen.threshold == 0.3
    assert fit_threshold(pairs, 0.5).levels == steps(levels(pairs))


def test_below_the_threshold_six_of_ten_are_right_from_perhaps_on() -> None:
    """The lowest such confidence is taken, over five questions or more that are not sure."""
    sure = [(0.9, True)] * 5
    below = [(0.8, False), (0.7, True), (0.6, True), (0.5, True), (0.4, False), (0.3, False)]
    assert fit_threshold(sure + below, 1).perhaps == Level(0.4, 5, 3, 6)
    assert fit_threshold(sure + below[:4], 1).perhaps is None


def test_a_precision_out_of_reach_is_said_with_what_is_in_reach() -> None:
    """Three right ones on top are too few to promise 0.95; five answered give 0.8 at the best."""
    pairs = [(0.9, True), (0.8, True), (0.75, True), (0.7, False), (0.65, True), (0.6, False)]
    with pytest.raises(PrecisionError, match=r"0\.95 over these 6 questions: the most is 0\.800"):
        fit_threshold(pairs, 0.95)
    with pytest.raises(PrecisionError, match="too few to tell"):
        fit_threshold(pairs[: FEWEST - 1], 0.5)


@pytest.mark.parametrize("precision", [0, 1.1, float("nan")])
def test_a_precision_is_a_share(precision: float) -> None:
    """Anything else is the caller's mistake, and so is nothing to fit to."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit_threshold(FIVE, precision)
    with pytest.raises(ValueError, match="nothing"):
        fit_threshold([], 0.9)


@given(PAIRS.filter(bool), st.sampled_from([0.3, 0.5, 0.8, 0.95, 1.0]))
def test_the_threshold_is_what_trying_all_of_them_finds(pairs, precision: float) -> None:
    """It keeps the precision over enough questions, and no lower confidence does."""
    good = []
    for confidence in {confidence for confidence, _ in pairs}:
        answered = [right for each, right in pairs if each >= confidence]
        if len(answered) >= FEWEST and sum(answered) / len(answered) >= precision:
            good.append(confidence)
    if good:
        assert fit_threshold(pairs, precision).chosen.threshold == min(good)
    else:
        with pytest.raises(PrecisionError):
            fit_threshold(pairs, precision)
