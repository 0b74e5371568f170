"""Copies: the same words fold, other statements do not; copies of one report are one voice."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from encoders import WordEncoder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index import Article, Library
from index.ask.judge import FusionJudge
from index.english.copies import copied, fold, imprint, same_words, voices, words

SAME = [
    ("Russia vetoed the ceasefire.", "RUSSIA  vetoed\u00a0the ceasefire"),
    (
        "“Stop,” said the mayor’s aide to the council.",
        '"Stop", said the mayor\'s aide to the council',
    ),
    ("Mr Smith said on Monday the bridge would open.", "Mr. Smith said the bridge would open."),
    ("The firm can't pay its debts, Jones said.", "The firm cannot pay its debts, Jones says"),
    (
        "Sales rose 5% to 2,000 mln dlrs in Sept.",
        "Sales rose 5 percent to 2000 million dollars in September",
    ),
    (
        "The government of Chad resigned on Friday night.",
        "The goverment of Chad resigned Friday night.",
    ),
    ("Lloyds Bank Plc <LLOY.L> is ready, Anna Lind said.", "Lloyds Bank Plc is ready, Lind said."),
    ("And it is possible that the talks will fail.", "It is possible that the talks will fail."),
    ("They organised a strike in the old harbour.", "They organized a strike in the old harbor."),
    ("It was down by three at 4-1/2 on the day.", "It was down by 3 at 4-1/2 on the day"),
]
OTHER = [
    (
        "The fire killed 12 people in the old harbour.",
        "The fire killed 15 people in the old harbour.",
    ),
    (
        "It killed 12 and injured 15 in the old harbour.",
        "It killed 15 and injured 12 in the old harbour.",
    ),
    ("It fell to -5 degrees in the north at night.", "It fell to 5 degrees in the north at night."),
    ("He paid $5m for the old house by the river.", "He paid $5bn for the old house by the river."),
    ("He paid $5 for the old house by the river.", "He paid £5 for the old house by the river."),
    (
        "The area is 10² miles of the northern coast.",
        "The area is 102 miles of the northern coast.",
    ),
    ("Some 5½ tonnes of grain were lost at sea.", "Some 51/2 tonnes of grain were lost at sea."),
    ("The court will hear the case on Monday.", "The court will not hear the case on Monday."),
    (
        "Smith did not pay and Jones left the firm.",
        "Smith did pay and Jones did not leave the firm.",
    ),
    (
        "Russia vetoed the plan for a ceasefire in Syria.",
        "China vetoed the plan for a ceasefire in Syria.",
    ),
    (
        "Russia and China vetoed the plan for a ceasefire.",
        "Russia vetoed the plan for a ceasefire.",
    ),
    (
        "The talks begin on Monday in the old town hall.",
        "The talks begin on Tuesday in the old town hall.",
    ),
    (
        "Magma said it is raising its copper price now.",
        "Magma said it is lowering its copper price now.",
    ),
    (
        "The minister may resign over the affair, he said.",
        "The minister resigned over the affair, he said.",
    ),
    ("The former minister was seen near the harbour.", "The minister was seen near the harbour."),
    (
        "Russia, China vetoed the plan for a ceasefire.",
        "China vetoed the plan for a ceasefire.",
    ),
    ("Johnson won the vote for mayor of the town.", "Johnston won the vote for mayor of the town."),
    ("It snowed.", "It rained."),
    ("***", "---"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_small_edits_leave_the_words_the_same(one, other):
    """Case, punctuation, spelling, titles, days that are left out: still the same words."""
    assert same_words(one, other)
    assert same_words(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_figure_name_or_negation_is_another_statement(one, other):
    """However much else is shared."""
    assert not same_words(one, other)
    assert not same_words(other, one)


VOCABULARY = [
    *("the", "a", "not", "12", "15", "1,200", "-3", ".5", "two", "Smith", "Jones", "said"),
    *("mayor", "of", "bridge", "opened", "Monday", "and", "vetoed"),
]
sentences = st.lists(
    st.sampled_from(VOCABULARY),
    min_size=1,
    max_size=12,
).map(" ".join)


def numbers(text: str) -> list[str]:
    """The figures of a sentence of the strategy, in order."""
    return [word for word in text.split() if re.search(r"\d", word) or word == "two"]


@settings(max_examples=300, deadline=None)
@given(sentences, sentences)
@example("12 Smith said the mayor of the bridge", "15 Smith said the mayor of the bridge")
def test_folding_is_symmetric_and_reflexive_and_keeps_figures_apart(one, other):
    """Whatever the sentences: the order does not matter; where they fold, figures are the same."""
    assert same_words(one, one)
    assert same_words(one, other) == same_words(other, one)
    if same_words(one, other):
        assert numbers(one) == numbers(other)
        assert one.split().count("not") == other.split().count("not")


@settings(max_examples=100, deadline=None)
@given(st.lists(sentences, max_size=8))
def test_folding_loses_nothing(texts):
    """Every row is in one group, and says the words of the first of its group."""
    groups = fold(texts)
    assert sorted(row for group in groups for row in group) == list(range(len(texts)))
    for group in groups:
        assert group == sorted(group)
        assert all(same_words(texts[group[0]], texts[row]) for row in group)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(sentences, st.none() | st.dates(date(2016, 1, 1), date(2016, 1, 4))),
             min_size=2, max_size=6)
)  # fmt: skip
def test_being_copied_is_symmetric_and_reflexive(given_):
    """For any texts and days; and there are as many voices at most as articles."""
    articles = [Article(str(n), "T", text * 8, day) for n, (text, day) in enumerate(given_)]
    prints = [imprint(article) for article in articles]
    for one in prints:
        assert copied(one, one)
        assert all(copied(one, other) == copied(other, one) for other in prints)
    assert 1 <= voices(articles) <= len(articles)
    assert voices(articles) == voices(articles[::-1])


WIRE = """Ferry sinks off the northern coast
A ferry with 212 people on board sank in a storm off the northern coast on Sunday night.
"The storm came within minutes and the crew had no time," said the harbour master, Anna Lind.
Rescuers in 14 boats searched for survivors until the early morning, and found 187 of them.
The company that owns the ferry, Nordline, said it was inspected in May and found to be sound.
The minister of transport, Per Holm, ordered an inquiry and grounded three ships of the same kind.
It was the worst accident on this coast since 1994, when 31 people died in a fire on a trawler.
"""
CUT = "\n".join(WIRE.splitlines()[:4])
STYLED = (
    WIRE.replace('"', "”").replace("said the", "told reporters the").replace("Sunday", "Sunday, a")
)
BUILT_IN = f"""Our coast
Local shops in Easthaven stayed closed on Monday while families waited for news at the harbour.
{WIRE}
The vicar of Easthaven opened the church all night, and forty people came to pray and to wait.
"""
INDEPENDENT = """Survivors tell of a night at sea
Karin Berg, 34, swam for an hour before a fishing boat saw her torch and pulled her on deck.
"The storm came within minutes and the crew had no time," said the harbour master, Anna Lind.
Her brother is still missing, and the hospital in Westport would not say who else was brought in.
The fishermen of the village say they had warned the shipping line about the old hatches for years.
Nordline did not answer our questions, but a former mate told us that repairs were put off twice.
"""


def test_copies_of_a_report_are_found_cut_styled_or_built_in():
    """Also from two copies that share little of each other: they are copies of the same."""
    texts = [WIRE, CUT, STYLED, BUILT_IN]
    prints = [imprint(Article(str(n), "T", text)) for n, text in enumerate(texts)]
    assert all(copied(prints[0], other) for other in prints)
    assert not copied(prints[0], imprint(Article("x", "T", INDEPENDENT)))
    assert voices([Article(str(n), "T", text) for n, text in enumerate([*texts, INDEPENDENT])]) == 2


def test_a_notice_of_another_day_in_the_same_words_is_another_report():
    """The same brief a week later is not a copy; a long report is."""
    brief = "The bank left its rates unchanged after the regular meeting of its council today."
    early, late = date(2016, 3, 5), date(2016, 3, 12)
    assert voices([Article("a", "T", brief, early), Article("b", "T", brief, early)]) == 1
    assert voices([Article("a", "T", brief, early), Article("b", "T", brief, late)]) == 2
    assert voices([Article("a", "T", WIRE, early), Article("b", "T", WIRE, late)]) == 1


def test_a_template_with_other_figures_is_another_report():
    """Earnings are told in the same words by every company."""
    one = "Net profit was 12.1 mln dlrs against 9.4 mln, or 31 cts a share against 27 cts, it said."
    other = (
        "Net profit was 48.0 mln dlrs against 51.2 mln, or 80 cts a share against 91 cts, it said."
    )
    assert voices([Article("a", "T", one), Article("b", "T", other)]) == 2


def test_five_outlets_two_voices(tmp_path):
    """Four papers carry a wire report, lightly edited, a fifth its own: one quote, two voices."""
    texts = {"Wire": WIRE, "Post": CUT, "Times": STYLED, "Echo": BUILT_IN, "Star": INDEPENDENT}
    records = [
        {
            "id": name,
            "title": f"In the {name}",
            "text": text,
            "outlet": name,
            "published": f"2016-12-0{day}",
        }
        for day, (name, text) in enumerate(texts.items(), 4)
    ]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), "utf-8")
    library = Library(tmp_path / "index", encoder=WordEncoder(), judge=FusionJudge())
    library.sync([file])
    quotes = library.ask("who had no time in the storm?", top=20).quotes
    first = next(quote for quote in quotes if "no time" in quote.text)
    assert first.article.outlet == "Wire"
    assert sorted(also.outlet for also in first.also_in) == ["Echo", "Post", "Star", "Times"]
    assert first.voices == 2
    assert sum("no time" in quote.text for quote in quotes) == 1
    for quote in quotes:
        assert quote.text == quote.article.text[quote.start : quote.end]
        assert 1 <= quote.voices <= 1 + len(quote.also_in)
    alone = next(quote for quote in quotes if not quote.also_in)
    assert alone.voices == 1
    library.close()


def test_words_are_spelt_in_one_way():
    """Figures keep their value, abbreviations and contractions are written out."""
    assert words("The U.S. didn't pay 1,200 or .5 in Dec.") == (
        *("the", "us", "did", "not", "pay", "1200", "or", "0.5", "in", "december"),
    )
