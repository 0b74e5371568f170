"""A quotation is looked up: word for word, nearly with its differences, or nowhere."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import printed
from promptly import promptly

from bot.cli import main
from bot.render import as_json, checked
from index import Library
from index.ask import check as check_module
from index.ask.check import Check, Difference, _ways, best_match
from index.records import Article, Filters

SEED = next((Path(__file__).parent.parent / "seeds").glob("*.txt")).read_text("utf-8")
TEXT = (
    "Truce ends\n“The war will not end”, Kerry said. The offensive has killed 372 people,\n"
    "including 45 children. Bread is short; a week-long truce failed."
)
ARTICLE = Article("a", "Truce ends", TEXT, date(2016, 12, 8))
NEWS = {
    "a.md": ("2016-12-08", TEXT),
    "b.md": ("2016-12-05", "An older report\nThe offensive has killed 372 people, it said."),
    "c.md": ("2016-12-09", "Something else\nSnow fell on the orchard, he said."),
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three dated articles, two of which share some words."""
    (tmp_path / "news").mkdir()
    for name, (day, text) in NEWS.items():
        (tmp_path / "news" / name).write_text(f"---\ndate: {day}\n---\n{text}", "utf-8")
    made = Library(tmp_path / "index", encoder=WordEncoder())
    made.sync([tmp_path / "news"])
    yield made
    made.close()


def shown(check: Check) -> list[tuple[str, str]]:
    """The differences of the first match: what was asked, what was found."""
    match = check.matches[0]
    return [
        (check.text[slice(*each.asked)], match.article.text[slice(*each.found)])
        for each in match.differences
    ]


@pytest.mark.parametrize(
    "text",
    [
        "“The war will not end”, Kerry said.",
        '"The war will not end", Kerry said',
        "  the   offensive has killed".replace("the", "The", 1),
        "killed 372 people, including 45 children",
        "Bread is short",
        "372 people ... 45 children",
        "The war will not end [...] a week-long truce failed",
        "…including 45 children…",
        "The offensive has killed 372 people,\nincluding 45 children. Bread is short;",
    ],
)
def test_white_space_and_the_shape_of_quote_marks_do_not_count(library: Library, text: str) -> None:
    """Across lines and sentences, in part, and with words left out."""
    check = library.check(text)
    assert check.found in ("exact", "part")
    assert {match.kind for match in check.matches} <= {"exact", "part"}
    assert "a.md" in {match.article.id.partition("/")[2] for match in check.matches}


@pytest.mark.parametrize(
    ("text", "differences"),
    [
        ("The war will end, Kerry said", None),
        ("killed 372 people, including 46 children", [("46", "45")]),
        ("“The war will end”, Kerry said.", [("", "not")]),
        ("the war will not end”, Kerry said", [("the", "The")]),
        ("a week–long truce failed", [("week–long", "week-long")]),
        ("Bread is very short", [("very", "")]),
        ("Snow fell upon the orchard", [("upon", "on")]),
        ("45 children ... 372 people", None),
    ],
)
def test_what_differs_is_shown(
    library: Library, text: str, differences: list[tuple[str, str]] | None
) -> None:
    """A dropped "not" and another number above all; it is never called exact."""
    check = library.check(text)
    assert not check.exact
    if differences is not None:
        assert shown(check) == differences


def test_kinds_of_differences_are_told_apart(library: Library) -> None:
    """Other words, capitals, dashes and signs."""
    for text, kind in {
        "killed 372 people, including 46 children": "words",
        "INCLUDING 45 children. Bread": "case",
        "a week–long truce": "dashes",
        "Bread is short, a week-long": "punctuation",
    }.items():
        assert [each.kind for each in library.check(text).matches[0].differences] == [kind]


@pytest.mark.parametrize("text", ["Nobody has ever walked on Jupiter", "zzz", "372 cows ate corn"])
def test_what_stands_nowhere_has_no_match(library: Library, text: str) -> None:
    """One shared word is not nearly the text."""
    assert library.check(text).matches == ()


@pytest.mark.parametrize("text", ["", "…", "“!?”", "--"])
def test_a_text_without_a_word_is_refused(library: Library, text: str) -> None:
    """There is nothing to look up."""
    with pytest.raises(ValueError, match="no word"):
        library.check(text)


def test_the_earliest_source_comes_first(library: Library) -> None:
    """By date of publication, whoever the search named first; filters apply."""
    days = [
        match.article.published.day
        for match in library.check("The offensive has killed 372 people").matches
    ]
    assert days == [5, 8]
    later = library.check("has killed 372 people", filters=Filters(since=date(2016, 12, 6)))
    assert [match.article.published.day for match in later.matches] == [8]
    assert len(library.check("has killed 372 people", top=1).matches) == 1


@pytest.mark.parametrize("text", ["said", "he said", "is", "... he ... said"])
def test_a_common_phrase_is_looked_for_in_all_articles(
    library: Library, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Where the search names too few to tell, the earliest still comes first."""
    monkeypatch.setattr(check_module, "DEPTH", 1)
    words = text.replace(".", " ").split()
    straight_first = sorted(NEWS.values(), key=lambda each: ("will not" in each[1], each))
    holding = [day for day, body in straight_first if all(f" {w}" in body for w in words)]
    found = [str(match.article.published) for match in library.check(text).matches]
    assert found == holding


WORDS = st.sampled_from(["Kerry", "said", "not", "45", "“", "”", ",", "-", "week-long", "…", "é"])


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_any_slice_of_words_is_exact_where_it_stands(data: st.DataObject) -> None:
    """From the beginning of a word to the end of another, however white space is changed."""
    tokens = check_module.tokenize(SEED)
    first = data.draw(st.integers(0, len(tokens) - 1))
    last = data.draw(st.integers(first, min(first + 60, len(tokens) - 1)))
    text = SEED[tokens[first].start : tokens[last].end]
    ways = _ways(text.replace(" ", data.draw(st.sampled_from([" ", "\n", "  "]))))
    if ways:
        match = best_match(ways, Article("seed", "", SEED))
        assert match is not None
        assert match.kind in ("exact", "part")
        assert match.whole[0] <= match.start < match.end <= match.whole[1]
        assert (match.kind == "part") == bool(match.around)
        assert SEED[match.start : match.end].split()[0].strip("“”\"'‘’") in text


@settings(deadline=None, max_examples=100)
@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=25))
def test_differences_turn_the_passage_into_the_text(asked: list[str], body: list[str]) -> None:
    """Put in the place of what was found, what was asked gives the words of the text again."""
    text, article = " ".join(asked), Article("a", "", " ".join(body))
    ways = _ways(text)
    match = best_match(ways, article) if ways else None
    if match is None:
        return
    assert match.receipt.fits(article.digest)
    assert (match.kind != "near") == (match.similarity == 1 and not match.differences)
    if len(match.spans) == 1:
        assert words_of(applied(text, article.text, match)) == words_of(text)
    assert all(a < b for a, b in match.spans)
    assert all(match.start <= a <= b <= match.end for a, b in (d.found for d in match.differences))


def applied(text: str, body: str, match: check_module.Match) -> str:
    """The passage with each difference undone."""
    out, at = "", match.start
    for each in match.differences:
        out += f"{body[at : each.found[0]]} {text[slice(*each.asked)]} "
        at = each.found[1]
    return out + body[at : match.end]


def words_of(text: str) -> list[str]:
    """Words without signs."""
    return [token.exact for token in check_module.tokenize(text) if token.is_word]


def test_rendered_for_programs_and_people(library: Library) -> None:
    """JSON carries both texts of a difference, the terminal marks them in the passage."""
    check = library.check("killed 372 people, including 46 children")
    match = json.loads(json.dumps(as_json.check(check)))["matches"][0]
    assert match["text"] == "killed 372 people,\nincluding 45 children"
    assert match["differences"][0]["asked"] == {"span": [29, 31], "text": "46"}
    assert match["differences"][0]["found"]["text"] == "45"
    text = printed(checked.check(check))
    assert "including [-46-]{+45+} children" in text
    assert "2016-12-08" in text
    assert match["receipt"] in text
    assert as_json.check(library.check("zzz"))["found"] == "nowhere"
    assert "Nowhere" in printed(checked.check(library.check("zzz")))
    assert "word for word, but the sentence says more" in printed(
        checked.check(library.check("Bread is short"))
    )
    assert "word for word:" in printed(
        checked.check(library.check("Snow fell on the orchard, he said"))
    )


FINES = {
    "denied.md": "Fine\nIt is not true that the firm paid a fine, said its lawyer.",
    "if.md": "Fine\nAsked if the firm paid a fine, she nodded.",
    "plain.md": "Fine\nThe firm paid a fine.",
    "but.md": "Fine\nThe firm paid a fine, but the mayor did not.",
}


def checking(folder: Path, *names: str) -> Library:
    """A library of some of these articles."""
    (folder / "news").mkdir()
    for name in names:
        (folder / "news" / name).write_text(FINES[name], "utf-8")
    made = Library(folder / "index", encoder=WordEncoder())
    made.sync([folder / "news"])
    return made


@pytest.mark.parametrize(
    ("name", "found", "exact", "turned"),
    [
        ("denied.md", "part", False, ["not"]),
        ("if.md", "part", False, ["if"]),
        ("plain.md", "exact", True, []),
        ("but.md", "part", True, []),
    ],
)
def test_words_that_their_sentence_turns_round_are_not_given_as_said(
    tmp_path: Path, name: str, found: str, exact: bool, turned: list[str]
) -> None:
    """The whole sentence is shown, what stands around marked, a negation or condition named."""
    library = checking(tmp_path, name)
    text = (
        "the firm paid a fine"
        if name != "plain.md" and name != "but.md"
        else "The firm paid a fine"
    )
    check = library.check(text)
    (match,) = check.matches
    assert (check.found, check.exact) == (found, exact)
    body = match.article.text
    assert [body[slice(*span)] for span in match.turned] == turned
    assert body[slice(*match.whole)] == body.partition("\n")[2]
    shown_ = printed(checked.check(check))
    for word in turned:
        assert f"Mind what stands around it: “{word}”" in shown_
        assert "the sentence may turn them round" in shown_
    told = as_json.check(check)
    assert told["found"] == found
    assert told["matches"][0]["sentence"]["text"] == body.partition("\n")[2]
    assert [each["text"] for each in told["matches"][0]["turned"]] == turned
    if name == "denied.md":
        assert "{+It is not true that +}the firm paid a fine{+, said its lawyer.+}" in shown_
    library.close()


def test_what_says_it_comes_before_what_denies_it(tmp_path: Path) -> None:
    """Whatever is older: only where all passages are turned round is the whole check so."""
    library = checking(tmp_path, *FINES)
    check = library.check("the firm paid a fine")
    assert not check.exact
    assert check.found == "part"
    check = library.check("firm paid a fine")
    assert check.exact
    assert [bool(match.turned) for match in check.matches] == [False, False, True, True]
    library.close()


def test_nearly_the_same_words_are_shown_in_their_whole_sentence(tmp_path: Path) -> None:
    """A negation around them is named there, too."""
    library = checking(tmp_path, "denied.md")
    check = library.check("that the firm had paid a large fine")
    assert check.found == "near"
    shown_ = printed(checked.check(check))
    assert "{+It is not true +}that the firm[-had-] paid a[-large-] fine{+, said" in shown_
    assert "Mind what stands around it: “not”" in shown_
    library.close()


def test_a_difference_is_a_pair_of_places() -> None:
    """Words that only the article has leave an empty place in the text."""
    match = best_match(_ways("The war will end”, Kerry"), ARTICLE)
    assert match is not None
    found = TEXT.index("not")
    assert match.differences == (Difference("words", (12, 12), (found, found + 3)),)


@pytest.mark.model
def test_the_command_says_where_a_quotation_stands(
    seed_index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 0 word for word, 4 otherwise, 2 without a word; stdin as -."""
    monkeypatch.setenv("PULLQUOTE_INDEX", str(seed_index))
    said = 'the war will continue", Kerry said'
    assert main(["check", "--json", said]) == 0
    match = json.loads(capsys.readouterr().out)["matches"][0]
    assert match["text"] == SEED[match["start"] : match["end"]]
    monkeypatch.setattr("sys.stdin", io.StringIO("killed 373 people in east Aleppo"))
    assert main(["check", "-"]) == 4
    assert "killed [-373-]{+372+} people" in capsys.readouterr().out
    assert main(["check", "Nobody", "walked", "on", "Jupiter"]) == 4
    assert main(["check", "?!"]) == 2
    assert main(["ask", "--since", "03/04/2016", "who vetoed it?"]) == 2
    assert "more than one way" in capsys.readouterr().err


@pytest.mark.model
def test_chat_says_how_it_understood_a_follow_up(
    seed_index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The question before helps; a question that can stand alone is left alone."""
    monkeypatch.setenv("PULLQUOTE_INDEX", str(seed_index))
    asked = "How many people did the offensive kill?\nhow many of them were children?\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{asked}Who is Dmitry Peskov?\n"))
    assert main(["chat"]) == 0
    out = capsys.readouterr().out
    assert out.count("Understood as: ") == 1
    assert "Understood as: how many of the 372 people were children" in out
    assert "including **45** children" in " ".join(out.split("Understood as: ")[1].split())


@pytest.mark.parametrize(
    "text",
    [
        *("a" + " " * 120_000 + "b", "a" + ". " * 60_000 + "b", "a" + "." * 120_000),
        *("a" + "[ " * 60_000, "a" + "( ... " * 20_000, "a … " * 20_000),
    ],
    ids=range(6),
)
def test_hostile_text_comes_to_an_end(text: str) -> None:
    """Of many spaces not each is a place where an ellipsis may begin."""
    with promptly():
        _ways(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a ... b", ["a", "b"]),
        ("a   ...   ... b", ["a", "b"]),
        ("a [ ... ] b", ["a", "b"]),
        ("a(…)b", ["a", "b"]),
        ("a . . . b", ["a", "b"]),
        ("a .. b", ["a .. b"]),
    ],
)
def test_an_ellipsis_takes_the_space_around_it(text: str, parts: list[str]) -> None:
    """Also one behind another."""
    *_, read = _ways(text)
    assert [text[part[0].start : part[-1].end] for part in read] == parts
