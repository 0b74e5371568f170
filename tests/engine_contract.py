"""What every engine must answer: a suite that any of them can be handed to.

A subclass of ``EngineContract`` whose name begins with ``Test`` gives the fixture ``publish``,
which makes articles the live ones of an engine; ``test_engine_local.py`` shows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
import pytest
from encoders import VOCABULARY, WordEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.english.segment import segment
from index.records import Article, Filters
from index.store.context import NEIGHBOURS, in_context, passage_text
from index.store.engine import Engine, Ids, Revision, embedding_key

ENCODER = WordEncoder()
EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Piece:
    """An article and the file it is from, whose name begins with the label of its root."""

    article: Article
    file: str

    @property
    def spans(self) -> list[tuple[int, int, int]]:
        """Start, end and paragraph of its sentences."""
        return list(segment(self.article.text))

    @property
    def sentences(self) -> list[str]:
        """Its sentences, verbatim."""
        return [self.article.text[start:end] for start, end, _ in self.spans]


class Publish(Protocol):
    """Make these the live articles, in a new revision, and return the engine, always the same.

    An article that is the same as before stays as it was filed; one that differs or is left out is
    retired, and can still be opened by its digest. ``threshold`` and ``perhaps`` are kept.
    """

    def __call__(
        self,
        piece: Sequence[Piece],
        threshold: float | None = None,
        perhaps: float | None = None,
    ) -> Engine:
        """Publish."""


def article(name: str, text: str, **fields: object) -> Piece:
    """An article of a file that is named as it."""
    title = text.partition("\n")[0]
    return Piece(Article(name, title, text, path=f"/{name}", **fields), name)  # type: ignore[arg-type]


ALEPPO = article(
    "press/aleppo.txt",
    "A truce\nRussia vetoed it. The ceasefire failed. Snow fell in the north.",
    published=date(2026, 3, 1),
    outlet="The Herald",
    url="https://herald.example/aleppo",
    language="en",
    author="Ada Byron",
)
FERRY = article(
    "press/ferry.txt",
    "Ferries\nThe ferry crew began a strike on Monday. China did not.",
    published=date(2026, 3, 5),
    outlet="Gazette",
)
BRIDGE = article("wires/bridge.txt", "The mayor opened the bridge. The ceasefire held.")
WORLD = (ALEPPO, FERRY, BRIDGE)
VETO = "Who vetoed the ceasefire?"


@contextmanager
def reading(engine: Engine) -> Iterator[Revision]:
    """The live revision, and the engine closed after it."""
    with engine.reading() as revision:
        yield revision
    engine.close()


def ids_of(revision: Revision, piece: Piece) -> Ids:
    """The numbers of an article's sentences."""
    filed = revision.article(piece.article.id)
    assert filed is not None
    return np.arange(filed.first, filed.first + filed.sentences)


def texts(revision: Revision, ids: Ids) -> list[str]:
    """The sentences of these numbers."""
    return [each.text for each in revision.located(ids.tolist())]


def shares(weights: dict[str, float], terms: set[str]) -> float:
    """What share of the weights stands on these terms."""
    return sum(w for term, w in weights.items() if term in terms) / sum(weights.values())


def expected(
    revision: Revision, world: Sequence[Piece], text: str
) -> dict[str, tuple[float, float, float]]:
    """The three signals of every sentence as they are defined, worked out without an index."""
    vector = ENCODER.encode([text])[0]
    words = [sentence for piece in world for sentence in piece.sentences]
    having = [set(revision.terms(sentence)) for sentence in words]
    weights = {}
    for term in revision.terms(text):
        count = sum(term in terms for terms in having)
        weights[term] = math.log(1 + (len(words) - count + 0.5) / (count + 0.5))
    signals = {}
    for piece in world:
        spans = piece.spans
        rows = in_context(ENCODER.encode(piece.sentences)).astype(np.float16).astype(np.float32)
        for at, (start, end, _) in enumerate(spans):
            first = spans[max(0, at - NEIGHBOURS)][0]
            last = spans[min(len(spans) - 1, at + NEIGHBOURS)][1]
            around = passage_text(piece.article, first, last)
            signals[f"{piece.article.id}:{start}"] = (
                float(rows[at] @ vector),
                shares(weights, set(revision.terms(piece.article.text[start:end]))),
                shares(weights, set(revision.terms(around))),
            )
    return signals


FILTERS = {
    "nothing": (EVERYTHING, WORLD),
    "from a day on": (Filters(since=date(2026, 3, 5)), (FERRY,)),
    "up to a day": (Filters(until=date(2026, 3, 4)), (ALEPPO,)),
    "between days": (Filters(since=date(2026, 3, 1), until=date(2026, 3, 5)), (ALEPPO, FERRY)),
    "an outlet in another case": (Filters(outlets=("the HERALD",)), (ALEPPO,)),
    "several outlets": (Filters(outlets=("gazette", "the HERALD")), (ALEPPO, FERRY)),
    "an outlet, and one that is not there": (Filters(outlets=("Nobody", "Gazette")), (FERRY,)),
    "no outlet": (Filters(outlets=()), ()),
    "from a day on, or undated": (
        Filters(since=date(2026, 3, 5), undated=True),
        (FERRY, BRIDGE),
    ),
    "up to a day, or undated": (Filters(until=date(2026, 3, 4), undated=True), (ALEPPO, BRIDGE)),
    "between days, or undated": (
        Filters(since=date(2026, 3, 2), until=date(2026, 3, 4), undated=True),
        (BRIDGE,),
    ),
    "undated ones without a day": (Filters(undated=True), WORLD),
    "days that cross": (Filters(since=date(2026, 3, 5), until=date(2026, 3, 1)), ()),
    "an outlet that is not there": (Filters(outlets=("Nobody",)), ()),
    "an article": (Filters(article="wires/bridge.txt"), (BRIDGE,)),
    "a collection": (Filters(collections=("press",)), (ALEPPO, FERRY)),
    "two collections": (Filters(collections=("press", "wires")), WORLD),
    "no collection": (Filters(collections=()), ()),
    "a collection that begins like another": (Filters(collections=("pres",)), ()),
    "two things at once": (Filters(since=date(2026, 3, 2), collections=("press",)), (FERRY,)),
}
WORDS = st.lists(st.sampled_from([*VOCABULARY, "the", "it"]), min_size=1, max_size=6)
SENTENCE = WORDS.map(lambda words: " ".join(words).capitalize() + ".")
TEXTS = st.lists(st.lists(SENTENCE, min_size=1, max_size=6), min_size=1, max_size=5)


class EngineContract:
    """The suite; a subclass gives ``publish``."""

    @pytest.fixture
    def publish(self) -> Publish:
        """Give the engine that is tested, with nothing in it."""
        raise NotImplementedError

    @pytest.fixture
    def engine(self, publish: Publish) -> Engine:
        """An engine that holds three articles."""
        return publish(WORLD)

    # Revisions

    def test_nothing_was_published_yet(self, publish: Publish) -> None:
        """Without articles there is a revision without sentences, and questions find nothing."""
        with reading(publish(())) as revision:
            assert revision.sentences == 0
            assert revision.counts(EVERYTHING) == (0, 0)
            assert revision.dates(EVERYTHING) is None
            assert revision.outlets(EVERYTHING) == []
            assert revision.holding([["veto"]], 5, EVERYTHING)[0].tolist() == []
            assert revision.missing({"vetoed", "the"}, EVERYTHING) == {"vetoed"}
            assert revision.article("press/aleppo.txt") is None
            assert list(revision.articles(EVERYTHING)) == []

    def test_a_revision_says_what_it_is(self, engine: Engine) -> None:
        """Its number is the engine's, its encoder the one whose vectors it holds."""
        with reading(engine) as revision:
            assert revision.number == engine.revision() >= 1
            assert revision.encoder == ENCODER.name
            assert revision.sentences == sum(len(each.sentences) for each in WORLD)
            assert str(revision.place)

    def test_a_revision_stays_as_it_is_while_others_are_published(
        self, publish: Publish, engine: Engine
    ) -> None:
        """Who reads one is answered from it alone, to the end; who comes after reads the next."""
        changed = replace(BRIDGE, article=replace(BRIDGE.article, text="The bridge fell. Rain."))
        with engine.reading() as revision:
            before = [filed.article for filed in revision.articles(EVERYTHING)]
            number = revision.number
            publish((ALEPPO, changed))
            assert [filed.article for filed in revision.articles(EVERYTHING)] == before
            assert revision.counts(EVERYTHING)[0] == 3
            (ids,) = revision.holding([revision.terms("strike")], 5, EVERYTHING)
            assert texts(revision, ids)[0] == "The ferry crew began a strike on Monday."
        with reading(engine) as revision:
            assert revision.number > number
            assert [filed.article for filed in revision.articles(EVERYTHING)] == [
                ALEPPO.article,
                changed.article,
            ]
            (ids,) = revision.holding([revision.terms("strike")], 5, EVERYTHING)
            assert ids.tolist() == []

    def test_what_is_closed_opens_again(self, engine: Engine) -> None:
        """Closing lets go of what is open, and nothing else."""
        engine.close()
        with reading(engine) as revision:
            assert revision.counts(EVERYTHING)[0] == 3

    def test_a_fitted_threshold_is_kept(self, publish: Publish) -> None:
        """None until one was fitted; then it stays when articles come."""
        with reading(publish(WORLD)) as revision:
            assert revision.threshold is revision.perhaps is None
        with reading(publish(WORLD, threshold=0.25)) as revision:
            assert (revision.threshold, revision.perhaps) == (0.25, None)
        publish(WORLD, threshold=0.25, perhaps=0.125)
        with reading(publish(WORLD[:2])) as revision:
            assert (revision.threshold, revision.perhaps) == (0.25, 0.125)

    def test_scores_do_not_depend_on_how_it_grew(self, publish: Publish) -> None:
        """Articles that came one by one, and others that went, leave the same signals."""
        extra = article("press/extra.txt", "The mayor vetoed the ceasefire. Snow.")
        for world in ((BRIDGE,), (BRIDGE, extra), (BRIDGE, extra, FERRY), WORLD):
            engine = publish(world)
        with reading(engine) as revision:
            self._check_signals(revision, WORLD, VETO)

    # Words

    def test_terms_are_words_without_what_varies(self, engine: Engine) -> None:
        """Lower case, without accents, endings and the words that every question has."""
        with reading(engine) as revision:
            assert revision.terms("Who VETOED the Ceasefires at Café Noir?") == [
                *("veto", "ceasefir", "cafe", "noir"),
            ]

    def test_rarity_is_counted_over_sentences(self, engine: Engine) -> None:
        """As BM25 weighs a term: of eleven sentences two hold one term, none the other."""
        with reading(engine) as revision:
            count = revision.sentences
            assert revision.rarity(["ceasefir", "orchard"]) == pytest.approx(
                {
                    "ceasefir": math.log(1 + (count - 2 + 0.5) / 2.5),
                    "orchard": math.log(1 + (count + 0.5) / 0.5),
                }
            )

    def test_words_that_stand_nowhere_are_missing(self, engine: Engine) -> None:
        """Within what passes the filters; a word without a term is never missing."""
        words = {"Ceasefire", "strike", "orchard", "the"}
        with reading(engine) as revision:
            assert revision.missing(words, EVERYTHING) == {"orchard"}
            assert revision.missing(words, Filters(collections=("wires",))) == {
                *("orchard", "strike"),
            }
            assert revision.missing(set(), EVERYTHING) == frozenset()

    def test_a_word_of_a_title_is_not_missing(self, publish: Publish) -> None:
        """Also where the title is no part of the text."""
        titled = Piece(Article("wires/1", "Orchards", "It snowed."), "wires/1")
        with reading(publish([titled])) as revision:
            assert revision.missing({"orchard", "tunnel"}, EVERYTHING) == {"tunnel"}

    def test_the_commonest_terms_come_first(self, engine: Engine) -> None:
        """By the sentences that hold them, at most so many, none that is in none."""
        with reading(engine) as revision:
            terms = {"veto", "ceasefir", "orchard"}
            assert revision.commonest(terms, 5) == ["ceasefir", "veto"]
            assert revision.commonest(terms, 1) == ["ceasefir"]

    # Sentences

    @pytest.mark.parametrize("case", FILTERS)
    def test_only_what_passes_the_filters_is_found(self, engine: Engine, case: str) -> None:
        """Before ranking: with a depth of one, the one that is found passes; counts agree."""
        filters, passing = FILTERS[case]
        text = "Did Russia, China, the mayor or the crew veto the ceasefire?"
        vector = ENCODER.encode([text])[0]
        with reading(engine) as revision:
            allowed = {id_ for each in passing for id_ in ids_of(revision, each).tolist()}
            every, _ = revision.candidates(text, vector, 100, filters)
            assert set(every.tolist()) == allowed
            few, signals = revision.candidates(text, vector, 1, filters)
            assert bool(len(few)) == bool(passing)
            assert set(few.tolist()) <= allowed
            assert signals.shape == (len(few), 3)
            (held,) = revision.holding([revision.terms(text)], 100, filters)
            assert set(held.tolist()) <= allowed
            names = [filed.article.id for filed in revision.articles(filters)]
            assert names == [each.article.id for each in passing]
            days = [each.article.published for each in passing if each.article.published]
            assert revision.counts(filters) == (len(passing), len(allowed))
            assert revision.dates(filters) == ((min(days), max(days)) if days else None)
            assert revision.outlets(filters) == sorted(
                each.article.outlet for each in passing if each.article.outlet
            )

    def test_only_what_was_filed_later_passes(self, publish: Publish) -> None:
        """``filed_after`` takes the number that ``last_filed`` gave before."""
        with reading(publish(WORLD[:2])) as revision:
            last = revision.last_filed
        with reading(publish(WORLD)) as revision:
            assert revision.last_filed > last
            later = Filters(filed_after=last)
            assert [f.article for f in revision.articles(later)] == [BRIDGE.article]
            assert revision.counts(later)[0] == 1
            ids, _ = revision.candidates(VETO, ENCODER.encode([VETO])[0], 10, later)
            assert ids.tolist() == ids_of(revision, BRIDGE).tolist()
            assert revision.missing({"vetoed", "ceasefire"}, later) == {"vetoed"}

    def test_signals_are_what_they_are_defined_to_be(self, engine: Engine) -> None:
        """Cosine in context, and the shares of the question in sentence and passage."""
        with reading(engine) as revision:
            self._check_signals(revision, WORLD, VETO)

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,  # each subclass hands over an engine of its own
        ],
    )
    @given(world=TEXTS, question=WORDS.map(" ".join))
    def test_signals_of_any_articles(
        self, publish: Publish, world: list[list[str]], question: str
    ) -> None:
        """As they are defined, for any articles, published over any others."""
        articles = [
            article(f"press/{number}.txt", " ".join(sentences))
            for number, sentences in enumerate(world)
        ]
        with reading(publish(articles)) as revision:
            self._check_signals(revision, articles, question)

    def _check_signals(self, revision: Revision, world: Sequence[Piece], text: str) -> None:
        ids, signals = revision.candidates(text, ENCODER.encode([text])[0], 100, EVERYTHING)
        assert ids.tolist() == sorted(ids.tolist())
        wanted = expected(revision, world, text) if revision.terms(text) else {}
        for place, row in zip(revision.located(ids.tolist()), signals, strict=True):
            key = f"{place.filed.article.id}:{place.sentence.start}"
            if wanted:
                np.testing.assert_allclose(row, wanted[key], atol=2e-3)
        assert len(ids) == sum(len(each.sentences) for each in world)

    def test_signals_of_other_sentences_are_those_of_candidates(self, engine: Engine) -> None:
        """Whether a search named them or not; of none there are none."""
        vector = ENCODER.encode([VETO])[0]
        with reading(engine) as revision:
            every, signals = revision.candidates(VETO, vector, 100, EVERYTHING)
            named, _ = revision.candidates(VETO, vector, 1, EVERYTHING)
            others = np.setdiff1d(every, named)
            assert 0 < len(others) < len(every)
            for ids in (others, every[-1:], every):
                given = revision.signals(VETO, vector, ids)
                assert given.shape == (len(ids), 3)
                np.testing.assert_allclose(given, signals[np.isin(every, ids)], atol=1e-6)
            assert revision.signals(VETO, vector, every[:0]).shape == (0, 3)

    def test_the_nearest_and_the_sharing_are_candidates(self, engine: Engine) -> None:
        """With a depth of one: the nearest by vector, and the best by words."""
        vector = ENCODER.encode(["strike"])[0]
        with reading(engine) as revision:
            ids, _ = revision.candidates("vetoed", vector, 1, EVERYTHING)
            assert texts(revision, ids) == [
                *("Russia vetoed it.", "The ferry crew began a strike on Monday."),
            ]

    def test_sentences_that_hold_terms_come_best_first(self, engine: Engine) -> None:
        """For each list of terms those that hold any; more of the terms, and in the sentence."""
        with reading(engine) as revision:
            asked = [revision.terms(text) for text in ("ferry strike", "orchard", "ceasefire")]
            ferry, none, ceasefire = revision.holding(asked, 2, EVERYTHING)
            assert texts(revision, ferry)[0] == "The ferry crew began a strike on Monday."
            assert none.tolist() == []
            assert set(texts(revision, ceasefire)) == {
                *("The ceasefire failed.", "The ceasefire held."),
            }
            assert revision.holding([[]], 2, EVERYTHING)[0].tolist() == []

    def test_coverage_is_the_share_of_the_weights_in_the_passage(self, engine: Engine) -> None:
        """For each pair of its own; without weights nothing is covered."""
        with reading(engine) as revision:
            russia = ids_of(revision, ALEPPO)
            bridge = ids_of(revision, BRIDGE)
            first, second, third = revision.coverage(
                [({"veto": 3.0, "orchard": 1.0}, russia), ({"bridg": 1.0}, bridge), ({}, bridge)]
            )
            assert first == pytest.approx([0.75] * len(russia), abs=1e-3)
            assert second == pytest.approx([1.0] * len(bridge), abs=1e-3)
            assert third.tolist() == [0.0] * len(bridge)

    def test_sentences_are_located_in_their_articles(self, engine: Engine) -> None:
        """In the order asked for, each with what stands around it in its own article."""
        with reading(engine) as revision:
            ids = [*ids_of(revision, BRIDGE).tolist()[::-1], int(ids_of(revision, ALEPPO)[1])]
            places = revision.located(ids)
            assert [place.id for place in places] == ids
            assert [place.text for place in places] == [
                *("The ceasefire held.", "The mayor opened the bridge.", "Russia vetoed it."),
            ]
            bridge, _, russia = places
            assert russia.filed.article == ALEPPO.article
            assert [each.ordinal for each in russia.around] == [0, 1, 2, 3]
            assert [each.ordinal for each in bridge.around] == [0, 1]
            for place in places:
                spans = [(each.start, each.end) for each in place.around]
                piece = BRIDGE if place.filed.article.id == BRIDGE.article.id else ALEPPO
                assert set(spans) <= {(start, end) for start, end, _ in piece.spans}
                assert place.sentence in place.around
                assert place.sentence.article == place.filed.article.id
            assert revision.located([]) == []

    def test_keys_prove_the_words(self, engine: Engine) -> None:
        """Each is made of the encoder and the sentence, in the order asked for."""
        with reading(engine) as revision:
            ids = ids_of(revision, ALEPPO).tolist()[::-1]
            assert revision.keys(ids) == [
                embedding_key(ENCODER.name, text) for text in ALEPPO.sentences[::-1]
            ]
            assert revision.keys([]) == []

    # Articles

    def test_an_article_comes_back_as_it_was_given(self, engine: Engine) -> None:
        """Every field of it, with its digest and its file."""
        with reading(engine) as revision:
            for piece in WORLD:
                filed = revision.article(piece.article.id)
                assert filed is not None
                assert (filed.article, filed.file) == (piece.article, piece.file)
                assert filed.digest == piece.article.digest
                assert filed.live
                assert filed.whole

    def test_an_old_version_opens_by_its_digest(self, publish: Publish) -> None:
        """Replaced or withdrawn, its text stays for its receipts; by name, only the live one."""
        publish(WORLD)
        changed = replace(BRIDGE, article=replace(BRIDGE.article, text="The bridge fell. Rain."))
        with reading(publish((ALEPPO, changed))) as revision:
            for piece, current in ((BRIDGE, changed.article), (FERRY, None)):
                name, digest = piece.article.id, piece.article.digest
                assert digest in revision.versions(name)
                old = revision.article(name, digest)
                assert old is not None
                assert (old.article, old.live) == (piece.article, False)
                live = revision.article(name)
                assert (live and live.article) == current
            assert sorted(revision.versions(BRIDGE.article.id)) == sorted(
                (BRIDGE.article.digest, changed.article.digest)
            )
            assert revision.article(ALEPPO.article.id, "0" * 64) is None
            assert revision.article("nowhere") is None
            assert revision.versions("nowhere") == []

    def test_a_withdrawn_article_is_found_no_more(self, publish: Publish) -> None:
        """Neither by its vector nor by its words, in no count and under no name."""
        publish(WORLD)
        with reading(publish((FERRY, BRIDGE))) as revision:
            ids, _ = revision.candidates(VETO, ENCODER.encode([VETO])[0], 100, EVERYTHING)
            held = {place.filed.article.id for place in revision.located(ids.tolist())}
            assert held == {FERRY.article.id, BRIDGE.article.id}
            assert revision.missing({"vetoed"}, EVERYTHING) == {"vetoed"}
            assert revision.outlets(EVERYTHING) == ["Gazette"]
