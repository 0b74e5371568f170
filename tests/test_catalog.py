"""The catalog: one revision at a time, every version's text, and one error for each fault."""

from __future__ import annotations

import sqlite3
import threading
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import StoreDamagedError, StoreError, StoreFormatError, StoreMissingError
from index.records import Article, Filters
from index.store.catalog import SCHEMA, Catalog, FileState
from index.store.engine import Filed, embedding_key

ENCODER = WordEncoder()


def file_article(catalog: Catalog, article: Article, *spans: tuple[int, int]) -> Filed:
    """File an article whose sentences are ``spans``, or its whole text."""
    where = spans or ((0, len(article.text)),)
    texts = [article.text[start:end] for start, end in where]
    catalog.keep([embedding_key(ENCODER.name, text) for text in texts], ENCODER.encode(texts))
    with catalog.writing():
        numbered = [(start, end, number) for number, (start, end) in enumerate(where)]
        return catalog.insert(article, article.id, numbered, ENCODER.name)


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    """An empty catalog."""
    made = Catalog(tmp_path / "catalog.db", create=True)
    yield made
    made.close()


def test_an_article_comes_back_as_it_was_filed(catalog):
    """Every field of an article, and the number of its sentences, survive."""
    article = Article(
        "a/1.txt", "T", "One. Two.", date(2016, 12, 5), "CNN", "http://x/1", "/a/1.txt", "en", "Ada"
    )
    filed = file_article(catalog, article, (0, 4), (5, 9))
    assert catalog.article("a/1.txt") == filed
    assert list(catalog.articles()) == [filed]
    assert filed.article == article
    assert [sentence.paragraph for _, sentence in catalog.sentences([1, 2]).values()] == [0, 1]
    assert catalog.counts() == (1, 2)
    assert catalog.dates() == (date(2016, 12, 5), date(2016, 12, 5))


@settings(max_examples=50, deadline=None, database=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives(tmp_path_factory, text):
    """A text of any characters, NUL included, comes back code point for code point."""
    catalog = Catalog(tmp_path_factory.mktemp("any") / "catalog.db", create=True)
    filed = file_article(catalog, Article("a", "", text))
    assert catalog.article("a").article.text == text
    assert catalog.keys([filed.first]) == [embedding_key(ENCODER.name, text)]
    catalog.close()


def test_a_reader_stays_in_its_revision(tmp_path, catalog):
    """Inside a snapshot nothing moves, however much a writer commits meanwhile."""
    with catalog.writing():
        catalog.set_meta("revision", 1)
    reader = Catalog(tmp_path / "catalog.db")
    with reader.snapshot():
        assert (reader.revision, reader.counts()) == (1, (0, 0))
        file_article(catalog, Article("a", "T", "Text."))
        with catalog.writing():
            catalog.set_meta("revision", 2)
        assert (reader.revision, reader.counts()) == (1, (0, 0))
    with reader.snapshot():
        assert (reader.revision, reader.counts()) == (2, (1, 1))
    reader.close()


def test_what_is_not_committed_never_was(tmp_path, catalog):
    """An error inside a transaction takes all of it back."""

    def fail() -> None:
        with catalog.writing():
            catalog.set_meta("revision", 7)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert catalog.revision == 0


def test_an_open_snapshot_does_not_hold_up_a_writer(tmp_path, catalog):
    """A writer commits at once while readers read."""
    reader = Catalog(tmp_path / "catalog.db")
    done = threading.Event()

    def write() -> None:
        with catalog.writing():
            catalog.set_meta("revision", 1)
        done.set()

    with reader.snapshot():
        assert reader.revision == 0
        thread = threading.Thread(target=write)
        thread.start()
        assert done.wait(5)
    thread.join()
    reader.close()


def test_a_retired_version_is_found_by_its_digest(catalog):
    """An article that was replaced or withdrawn answers no more, and its receipts resolve."""
    first = file_article(catalog, Article("a", "T", "The first version."))
    with catalog.writing():
        catalog.retire(first)
    second = file_article(catalog, Article("a", "T", "The second version."))
    assert catalog.article("a") == second
    assert catalog.article("a", first.digest).article.text == "The first version."
    assert not catalog.article("a", first.digest).live
    assert catalog.article("a", "0" * 64) is None
    assert set(catalog.versions("a")) == {first.digest, second.digest}
    assert catalog.sentences([first.first]) == {}
    assert catalog.counts() == (1, 1)


def test_ids_of_sentences_are_never_used_twice(catalog):
    """The ids of retired sentences stay unused, so that no index can mistake them."""
    first = file_article(catalog, Article("a", "T", "The first version."))
    with catalog.writing():
        catalog.retire(first)
    assert file_article(catalog, Article("b", "T", "Another.")).first > first.first


def test_an_embedding_is_kept_by_encoder_and_words(catalog):
    """The same words by the same encoder are one embedding; by another they are another."""
    words = embedding_key("one", "The same words.")
    assert words != embedding_key("other", "The same words.")
    catalog.keep([words], ENCODER.encode(["The same words."]))
    catalog.keep([words], ENCODER.encode(["vote"]))
    assert catalog.known([words, embedding_key("other", "The same words.")]) == {words}
    for name in ("a", "b"):
        file_article(catalog, Article(name, "T", "A ferry."))
    np.testing.assert_array_equal(catalog.vectors(1, 2), catalog.vectors(2, 3))


def test_vectors_come_back_in_half_precision(catalog):
    """A vector is kept as little-endian half precision, in the order of the sentences."""
    article = Article("a", "T", "A ferry and a bridge. The vote.")
    file_article(catalog, article, (0, 21), (22, 31))
    expected = ENCODER.encode(["A ferry and a bridge.", "The vote."]).astype(np.float16)
    np.testing.assert_array_equal(catalog.vectors(1, 3), expected.astype(np.float32))


def test_filters_become_ranges_of_sentences(catalog):
    """Dates, outlet without regard to case, and article restrict; all must hold."""
    for number, outlet in enumerate(["Reuters", "CNN", "reuters", None], start=1):
        day = date(2016, 12, number) if number < 4 else None
        file_article(catalog, Article(f"a/{number}", "T", f"Text {number}.", day, outlet))
    assert catalog.ranges(Filters(outlets=("REUTERS",))) == [(1, 2), (3, 4)]
    assert catalog.ranges(Filters(since=date(2016, 12, 2))) == [(2, 3), (3, 4)]
    assert catalog.ranges(Filters(until=date(2016, 12, 2), outlets=("cnn",))) == [(2, 3)]
    assert catalog.ranges(Filters(article="a/4")) == [(4, 5)]
    assert catalog.ranges(Filters(outlets=("' OR 1 --",))) == []
    assert catalog.dates(Filters(article="a/4")) is None
    assert catalog.outlets() == ["CNN", "Reuters", "reuters"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(since=date(2016, 12, 2)),
        Filters(until=date(2016, 12, 2), outlets=("cnn",)),
        Filters(outlets=("cnn",)),
        Filters(collections=("news", "wire"), since=date(2016, 12, 2)),
    ],
)
def test_filters_do_not_read_the_articles(catalog, filters):
    """Their rows hold the texts: over a large archive that took longer than all the rest."""
    file_article(catalog, Article("news/1", "T", "Text.", date(2016, 12, 3), "CNN"))
    asked: list[str] = []
    catalog._db.set_trace_callback(asked.append)
    catalog.ranges(filters)
    catalog._db.set_trace_callback(None)
    plans = [row[3] for sql in asked for row in catalog._db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    read = [plan for plan in plans if "article" in plan]
    assert read
    assert all("COVERING INDEX article_published" in plan for plan in read)


def test_what_is_known_of_files_and_roots_comes_back(catalog):
    """The state of a file is kept until it is dropped."""
    state = FileState("/news/a.txt", 10, 123456789, b"\1" * 32)
    with catalog.writing():
        catalog.add_root("/news", "news")
        catalog.set_file("news/a.txt", state)
    assert catalog.roots() == {"/news": "news"}
    assert catalog.files() == {"news/a.txt": state}
    catalog.drop_file("news/a.txt")
    assert catalog.files() == {}


def another_programs(path: Path) -> None:
    """A database that has nothing to do with this program."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.commit()
    database.close()


def of_another_format(path: Path) -> None:
    """A catalog as a later version may make it."""
    Catalog(path, create=True).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version={SCHEMA.version + 1}")
    database.close()


def truncated(path: Path) -> None:
    """A catalog of which the end was lost."""
    Catalog(path, create=True).close()
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (another_programs, StoreFormatError, "choose another --index"),
        (
            of_another_format,
            StoreFormatError,
            f"format {SCHEMA.version + 1}.*index --rebuild",
        ),
        (truncated, StoreDamagedError, "pullquote index --rebuild"),
        (lambda path: path.write_text("Dear diary,\n" * 999), StoreDamagedError, "--rebuild"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(999)), StoreError, "--rebuild"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused_by_name(tmp_path, make, error, says, create):
    """Another program's, another version's or a broken file: an error that says what to do."""
    path = tmp_path / "catalog.db"
    make(path)

    def read() -> None:
        catalog = Catalog(path, create=create)
        with catalog.snapshot():  # what opening did not meet, reading does
            list(catalog.articles())
            catalog.counts()

    with pytest.raises(error, match=says) as refused:
        read()
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("data", [None, b""])
def test_no_catalog_and_an_empty_file_are_an_index_not_yet_made(tmp_path, data):
    """A writer that was killed at its first moment leaves an empty file: nothing is lost."""
    if data is not None:
        (tmp_path / "catalog.db").write_bytes(data)
    with pytest.raises(StoreMissingError, match=f"{tmp_path}.*run `pullquote index`"):
        Catalog(tmp_path / "catalog.db")
    Catalog(tmp_path / "catalog.db", create=True).close()
    Catalog(tmp_path / "catalog.db").close()
