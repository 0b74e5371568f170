"""The comparison with other programs says what was measured."""

from __future__ import annotations

from bench import comparison


def test_the_page_and_its_charts_show_the_committed_figures() -> None:
    """Made anew from the results, nothing changes; run `python -m bench.comparison`."""
    result = comparison.read()
    text = comparison.PAGE.read_text("utf-8")
    assert comparison.page(result, text) == text
    drawn = comparison.charts(result)
    assert drawn == {name: (comparison.PAGE.parent / name).read_text("utf-8") for name in drawn}
