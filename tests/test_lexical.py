"""Words: BM25 ranks, filters apply before it, and no text of a question is too strange."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from index.errors import StoreDamagedError
from index.records import Filters
from index.store.context import IndexedSentence
from index.store.lexical import Analyzer, LexicalIndex, write

ANALYZER = Analyzer()
ANY = Filters()


def indexed(
    sentence: int, body: str, passage: str | None = None, **fields: object
) -> IndexedSentence:
    """A sentence to index; its article has the sentence's number unless ``article`` is given."""
    given = {"article": sentence, "published": None, "outlet": None, "name": f"a/{sentence}.txt"}
    given["collection"] = "a"
    return IndexedSentence(sentence, body=body, passage=passage or body, **(given | fields))


def build(folder: Path, *sentences: IndexedSentence) -> LexicalIndex:
    """An index of these sentences."""
    folder.mkdir(exist_ok=True)
    write(folder, sentences, [], ANALYZER)
    return LexicalIndex(folder, ANALYZER)


def ask(index: LexicalIndex, question: str, filters: Filters = ANY, k: int = 10) -> list[int]:
    """Ids of the sentences that share words with the question, best first."""
    return index.search(ANALYZER.terms(question), k, filters).tolist()


def test_a_rare_word_weighs_more_than_a_common_one(tmp_path):
    """Of two sentences with one word of the question each, the one with the rarer is first."""
    common = [indexed(n, "The minister spoke of the budget.") for n in range(1, 10)]
    index = build(tmp_path / "i", *common, indexed(10, "The orchard spoke for itself."))
    assert ask(index, "minister orchard")[0] == 10


def test_a_word_in_the_sentence_weighs_more_than_in_its_passage(tmp_path):
    """A sentence is found by what stands beside it, and better by what it says."""
    passage = "The ferry sank. Nobody was hurt."
    index = build(
        tmp_path / "i",
        indexed(1, "Nobody was hurt.", passage),
        indexed(2, "The ferry sank.", passage),
        indexed(3, "Rain fell."),
    )
    assert ask(index, "ferry") == [2, 1]


def test_words_are_found_in_any_form(tmp_path):
    """Case, accents and endings of a word do not matter."""
    index = build(tmp_path / "i", indexed(1, "Élodie VETOED the Ceasefires."))
    assert ask(index, "elodie") == ask(index, "who vetoes a ceasefire?") == [1]


def day(number: int) -> date:
    """The n-th day of the archive of five hundred."""
    return date(1987, 1, 1) + timedelta(days=number)


@pytest.fixture
def archive(tmp_path) -> LexicalIndex:
    """Five hundred sentences that all match; the later the longer, and so the worse."""
    return build(
        tmp_path / "archive",
        *(
            indexed(
                n,
                "vote " + "filler " * (n // 10 + 1),
                article=n,
                published=day(n),
                outlet="The Outlet" if n == 444 else f"Paper {n % 7}",
            )
            for n in range(500)
        ),
    )


@pytest.mark.parametrize(
    "filters",
    [
        Filters(since=day(444), until=day(444)),
        Filters(outlets=("the OUTLET",)),
        Filters(article="a/444.txt"),
        Filters(since=day(400), outlets=("The Outlet",)),
    ],
)
def test_a_filter_that_lets_one_of_many_through_finds_it(archive, filters):
    """Filters apply before ranking: the one that passes is found among better ones that do not."""
    assert 444 not in ask(archive, "vote")
    assert ask(archive, "vote", filters) == [444]


def test_both_dates_of_a_filter_are_included(archive):
    """Since and until name the first and the last day that may answer."""
    assert sorted(ask(archive, "vote", Filters(since=day(10), until=day(12)))) == [10, 11, 12]
    assert sorted(ask(archive, "vote", Filters(since=day(498)))) == [498, 499]
    assert sorted(ask(archive, "vote", Filters(until=day(1)))) == [0, 1]


def test_a_filter_leaves_the_order_as_it_is(archive):
    """What passes a filter is ranked as without it."""
    everything = ask(archive, "vote", k=500)
    some = Filters(since=day(100), until=day(300))
    assert ask(archive, "vote", some, k=500) == [n for n in everything if 100 <= n <= 300]


def test_an_article_without_a_date_passes_no_date_filter(tmp_path):
    """What is not known is not guessed."""
    index = build(tmp_path / "i", indexed(1, "vote"))
    assert ask(index, "vote", Filters(since=date.min)) == []
    assert ask(index, "vote", Filters(until=date.max)) == []


def test_a_removed_article_is_found_no_more(tmp_path):
    """All sentences of an article go with it; the others stay."""
    index = build(
        tmp_path / "i",
        indexed(1, "The vote was lost.", article=1),
        indexed(2, "The vote was close.", article=1),
        indexed(3, "The vote was late.", article=2),
    )
    assert sorted(ask(index, "vote")) == [1, 2, 3]
    write(tmp_path / "i", [indexed(4, "A new vote.", article=3)], [1], ANALYZER)
    index = LexicalIndex(tmp_path / "i", ANALYZER)
    assert sorted(ask(index, "vote")) == [3, 4]
    assert len(index) == 2


def test_rarity_falls_with_the_number_of_sentences(tmp_path):
    """A word in one sentence is rarer than one in two; one in none is rarest; none is negative."""
    index = build(tmp_path / "i", *(indexed(n, "vote " + "flood " * (n < 2)) for n in range(4)))
    vote, flood, absent = (index.rarity(term) for term in ("vote", "flood", "quake"))
    assert absent > flood > vote >= 0


def test_a_word_is_there_if_a_sentence_or_a_title_holds_it(tmp_path):
    """What stands only in a title counts as being there."""
    index = build(tmp_path / "i", indexed(1, "It burned.", "Orchard fire\nIt burned."))
    assert index.has("burn", Filters())
    assert index.has("orchard", Filters())
    assert not index.has("ferri", Filters())


@pytest.mark.parametrize(
    "question",
    [
        "",
        "who is the of and what?",
        "?!…",
        'AND OR NOT ("vote"~2 body:* [a TO z] ^9 \\',
        "\0 \n \u202e 👩‍👩‍👧",
        "x" * 100_000,
    ],
)
def test_a_strange_question_finds_nothing_and_breaks_nothing(tmp_path, question):
    """Empty, only stop words, signs of a query language, one endless word: no error."""
    index = build(tmp_path / "i", indexed(1, "The minister spoke."))
    assert ask(index, question) == []


def test_a_question_of_ten_thousand_words_is_answered(tmp_path):
    """However many words are asked for, the sentence that holds one of them is found."""
    index = build(tmp_path / "i", indexed(1, "The minister spoke."), indexed(2, "Rain fell."))
    assert ask(index, " ".join(f"word{n}" for n in range(10_000)) + " minister") == [1]


def test_an_index_without_sentences_finds_nothing(tmp_path):
    """An index of nothing opens and answers nothing."""
    index = build(tmp_path / "i")
    assert len(index) == 0
    assert ask(index, "vote") == []
    assert index.rarity("vote") >= 0


@pytest.mark.parametrize("damage", ["missing", "empty", "foreign"])
def test_a_damaged_index_is_refused_by_name(tmp_path, damage):
    """What is not a lexical index is one error that names the folder."""
    build(tmp_path / "i", indexed(1, "vote"))
    meta = tmp_path / "i" / "meta.json"
    if damage == "missing":
        meta.unlink()
    else:
        meta.write_text("" if damage == "empty" else '{"segments": 7}')
    with pytest.raises(StoreDamagedError, match=str(tmp_path / "i")):
        LexicalIndex(tmp_path / "i", ANALYZER)
