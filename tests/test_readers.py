"""A file -> Articles: what is taken, where each field comes from, and how a refusal reads."""

from __future__ import annotations

import gzip
import json
import os
import socket
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import formats as readers
from index.errors import ArticleError, shown
from index.formats import SUFFIXES, fields, jsonlines, read, readable, source, webpage
from index.formats.source import first_line
from index.records import Article

SAMPLES = Path(__file__).parent / "fixtures" / "articles"
PROPERTY = settings(max_examples=60, deadline=None, database=None)


def found(path: Path, data: bytes | str | None = None) -> list[Article | ArticleError]:
    """Read ``path``, after writing ``data`` there if there is any."""
    if data is not None:
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(path, f"seeds/{path.name}"))


def articles(path: Path, data: bytes | str | None = None) -> list[Article]:
    """Read ``path``, in which nothing is refused."""
    taken = found(path, data)
    assert not [each for each in taken if not isinstance(each, Article)]
    return [each for each in taken if isinstance(each, Article)]


def refusal(path: Path, data: bytes | str | None = None) -> str:
    """Return why ``path``, or the one record in it that is refused, is refused."""
    try:
        [error] = [each for each in found(path, data) if isinstance(each, ArticleError)]
    except ArticleError as exc:
        error = exc
    assert error.path == path
    assert str(error) == f"{shown(path)}: {error.reason}"
    return error.reason


def page(head: str = "", html: str = "<html>") -> str:
    """Return a page with one article and ``head`` in its head."""
    return (
        f"<!DOCTYPE html>{html}<head><title>Tram</title>{head}</head><body><article><p>The council "
        "voted by 31 to 18 to keep the tram.</p></article></body></html>"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all examples of a property share."""
    return tmp_path_factory.mktemp("readers")


# What a sweep takes


def test_the_suffixes_are_the_ones_that_are_documented() -> None:
    """Every format that is read stands in docs/articles.md."""
    text = {".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"}
    records = {".jsonl", ".jsonl.gz", ".json", ".csv", ".warc", ".warc.gz"}
    assert text | records == SUFFIXES
    guide = (Path(__file__).parents[1] / "docs" / "articles.md").read_text("utf-8")
    assert all(f"`{suffix}`" in guide for suffix in SUFFIXES)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.txt", True),
        ("A.TXT", True),
        ("a.b.Md", True),
        ("a.markdown", True),
        ("a.jsonl", True),
        ("a.JSONL.gz", True),
        ("a.html", True),
        ("a.htm", True),
        (".a.txt", False),
        (".txt", False),
        ("a.gz", False),
        ("a.json", True),
        ("a.csv", True),
        ("a.Warc.gz", True),
        ("a.pdf", True),
        ("a.docx", True),
        ("a.doc", False),
        ("a.csv.gz", False),
        ("a.txt~", False),
        ("a.txt.gz", False),
        ("txt", False),
        ("README", False),
    ],
)
def test_a_file_is_chosen_by_its_suffix(name: str, taken: bool) -> None:
    """Known suffixes in any case are taken; hidden files and all others are not."""
    assert readable(Path("folder") / name) is taken


# Text


def test_a_text_file_is_its_own_text() -> None:
    """Title is the first line, the text is the whole file, and all else is unknown."""
    path = SAMPLES / "ferry.txt"
    [article] = articles(path)
    assert article == Article(
        id="seeds/ferry.txt",
        title="Night ferry to Aldholm returns after nine years",
        text=path.read_bytes().decode(),
        path="seeds/ferry.txt",
    )
    assert first_line(article.text) == article.title


@PROPERTY
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_comes_back_identical_from_a_text_file(folder: Path, text: str) -> None:
    """No character is lost, added or changed, line ends and trailing spaces included."""
    text += "7"
    [article] = articles(folder / "a.txt", b"\xef\xbb\xbf" + text.encode())
    assert article.text == text
    assert first_line(article.text) == article.title
    assert article.title in text.splitlines()[0] or not text.splitlines()[0].strip()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_not_text(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without a mark and UTF-16 with one give the same text."""
    [article] = articles(tmp_path / "a.txt", "Über Nacht\r\n\r\n𝕏 kam.\r\n".encode(encoding))
    assert article.text == "Über Nacht\r\n\r\n𝕏 kam.\r\n"
    assert article.title == "Über Nacht"


def test_a_first_line_without_end_is_no_headline(tmp_path: Path) -> None:
    """A title taken from the text is cut, and still the beginning of the text."""
    [article] = articles(tmp_path / "a.txt", "word " * 1000)
    assert len(article.title) <= source.TITLE_LIMIT
    assert first_line(article.text) == article.title


# Markdown


def test_front_matter_says_what_is_known_and_the_body_stays_as_it_is() -> None:
    """Title, date, outlet, URL and language are from the front matter; Markdown is kept."""
    path = SAMPLES / "bridge.md"
    [article] = articles(path)
    assert article == Article(
        id="seeds/bridge.md",
        title="Bridge closed: engineers find second crack",
        text=path.read_text("utf-8").split("---\n", 2)[2],
        published=date(2024, 2, 17),
        outlet="Brinmouth Courier",
        url="https://courier.example/bridge",
        path="seeds/bridge.md",
        language="en",
    )


@pytest.mark.parametrize(
    ("data", "title", "text"),
    [
        ("# Two  dead #\r\n\r\nBody.", "Two  dead", "# Two  dead #\r\n\r\nBody."),
        ("\n\nPlain line\nBody.", "Plain line", "\n\nPlain line\nBody."),
        ("---\n---\nBody.\n---\nMore.", "Body.", "Body.\n---\nMore."),
        ("---\r\ntitle: 1984\r\ndate:\r\n---\r\n\r\n Body. ", "1984", "\r\n Body. "),
        ("---\ntitle: ~\nlang: no\n---\n## Sub\nBody.", "Sub", "## Sub\nBody."),
        ("---\ntitle: a\n b\n---\nBody", "a b", "Body"),
        ("Body\n---\ntitle: x\n---\n", "Body", "Body\n---\ntitle: x\n---\n"),
    ],
)
def test_markdown_titles(tmp_path: Path, data: str, title: str, text: str) -> None:
    """The title is the front matter's, else the first line without heading marks."""
    [article] = articles(tmp_path / "a.md", data)
    assert (article.title, article.text, article.published) == (title, text, None)


# JSON Lines


@pytest.mark.parametrize("name", ["briefs.jsonl", "briefs.jsonl.gz"])
def test_every_line_of_a_jsonl_file_is_an_article(name: str) -> None:
    """Packed or not; the id is the record's own, else its URL, else its line number."""
    assert articles(SAMPLES / name) == [
        Article(
            id=f"seeds/{name}#b-1",
            title="Museum reopens",
            text="The Tide Museum reopened on Monday.\nEntry is free until 9 March.",
            published=date(2024, 3, 4),
            outlet="Aldholm Post",
            url="https://post.example/museum",
            path=f"seeds/{name}",
            language="en",
        ),
        Article(
            id=f"seeds/{name}#https://radio.example/snow",
            title="Snow shuts three schools",
            text="Snow shuts three schools\nThree schools in Hask stayed shut on Thursday.",
            published=date(2024, 1, 11),
            outlet="Hask Radio",
            url="https://radio.example/snow",
            path=f"seeds/{name}",
        ),
        Article(
            id=f"seeds/{name}#4",
            title="No address",
            text="This record has neither an id nor a URL.",
            path=f"seeds/{name}",
        ),
    ]


@PROPERTY
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_any_text_comes_back_identical_from_jsonl(folder: Path, texts: list[str]) -> None:
    """Whatever the characters, and however they are escaped."""
    texts = [f"{text}7" for text in texts]
    lines = [
        json.dumps({"text": text}, ensure_ascii=row % 2 == 0) for row, text in enumerate(texts)
    ]
    found = articles(folder / "a.jsonl", "\n".join(lines))
    assert [article.text for article in found] == texts


@PROPERTY
@given(st.text(st.characters(exclude_characters="\0")))
def test_lone_surrogates_become_replacement_characters(folder: Path, text: str) -> None:
    """What UTF-8 can't hold is replaced, one for one, and the rest stays."""
    # A pair of surrogates in JSON is one character, so none may stand next to another.
    text = "7".join(text) + "7"
    line = json.dumps({"text": text, "title": text})
    [article] = articles(folder / "a.jsonl", line)
    assert article.text == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert len(article.text) == len(text)
    article.title.encode()


def test_control_characters_in_jsonl_are_kept(tmp_path: Path) -> None:
    """All but NUL: they are the source's, and offsets count them."""
    text = "".join(map(chr, range(1, 32))) + "a"
    [article] = articles(tmp_path / "a.jsonl", json.dumps({"text": text}))
    assert article.text == text


def test_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    """The lines before and behind it are taken, and the fault stands where the line does."""
    lines = ['{"text": "one"}', '{"text": 2}', "{", '{"text": "three", "id": "4"}', '{"text": "5"}']
    taken = found(tmp_path / "a.jsonl", "\n".join([*lines, '{"text": "again", "id": 1}']))
    said = [each.text if isinstance(each, Article) else each.reason[:9] for each in taken]
    assert said == ["one", 'line 2: "', "line 3: n", "three", "5", "line 6: h"]


def test_what_stands_before_a_tear_is_taken(tmp_path: Path) -> None:
    """A gzip file that breaks off gives what came before, and then says so."""
    text = "".join(f'{{"text": "{row} {os.urandom(30).hex()}"}}\n' for row in range(2000))
    *taken, error = found(tmp_path / "a.jsonl.gz", gzip.compress(text.encode())[:-5000])
    assert len(taken) > 1000
    assert all(isinstance(each, Article) for each in taken)
    assert isinstance(error, ArticleError)
    assert error.reason.startswith(f"line {len(taken) + 1}: the gzip file breaks off here;")


def test_a_file_of_another_kind_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an article among so many faults the file is refused; with one, they are counted."""
    monkeypatch.setattr(readers, "FAULT_LIMIT", 3)
    reason = refusal(tmp_path / "a.jsonl", "x\n" * 9)
    assert reason.startswith("not one of its first 3 records can be taken: each not JSON (")
    mixed = refusal(tmp_path / "a.jsonl", "x\n" * 3 + "{}\n")
    assert mixed.startswith("not one of its first 3 records can be taken: 3 of them not JSON (")
    taken = found(tmp_path / "a.jsonl", '{"text": "a"}\n' + "x\n" * 9)
    assert len(taken) == 5
    assert str(taken[-1]).endswith("6 more records can't be taken; mend those named first")


def test_a_file_that_fails_for_one_reason_is_refused_with_it(tmp_path: Path) -> None:
    """Records of another make are one fault of the file, not as many as it has records."""
    path = tmp_path / "a.jsonl"
    reason = refusal(path, '{"body": "a"}\n' * 40)
    assert (
        reason
        == 'not one of its 40 records can be taken: each has no "text"; every record needs one'
    )
    reason = refusal(path, '{"text": "a", "date": "8 May"}\n' * 2)
    assert 'each "date" is' in reason
    assert len(found(path, '{"body": "a"}\nx\n')) == 2
    assert len(found(path, '{"body": "a"}\n{"body": "a"}\n{"text": "a"}')) == 3


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\n\n \n"])
def test_a_line_may_be_as_long_as_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    """The limit itself is allowed, whatever ends the line, and one byte more is not."""
    line = b'{"text": "seven"}'
    monkeypatch.setattr(jsonlines, "LINE_LIMIT", len(line) + ending.startswith(b"\r"))
    assert articles(tmp_path / "a.jsonl", line + ending)[0].text == "seven"
    monkeypatch.setattr(jsonlines, "LINE_LIMIT", len(line) - 1)
    assert "line 1: too large: the line has more than 16 bytes" in refusal(tmp_path / "a.jsonl")


def test_a_gzip_bomb_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless line is refused after the limit, not after it has filled the memory."""
    monkeypatch.setattr(jsonlines, "LINE_LIMIT", 100_000)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "' + b"a" * 16_000_000, mtime=0))
    tracemalloc.start()
    reason = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "unpacks to more than" in reason
    assert peak < 2_000_000


# HTML


@pytest.mark.parametrize("name", ["tram.html", "tram-1252.htm"])
def test_a_page_gives_its_article_in_the_declared_encoding(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text without menu, comments and notices; the page's own date, not its URL's; no network."""

    def offline(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", offline)
    monkeypatch.setattr(socket, "getaddrinfo", offline)
    assert articles(SAMPLES / name) == [
        Article(
            id=f"seeds/{name}",
            title="Council votes to keep the tram",
            text="Council votes to keep the tram\n"
            "Brinmouth’s council voted by 31 to 18 on Tuesday to keep the harbour tram, which the "
            "mayor had wanted to close.\n"
            "“Nobody takes a bus to the café on the pier,” said Councillor Ruth Anselm. "
            "Repairs will cost 2.3 million crowns and begin in September.",
            published=date(2024, 5, 21),
            outlet="Brinmouth Courier",
            url="https://courier.example/2019/01/01/tram",
            path=f"seeds/{name}",
            language="en-GB",
        )
    ]


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("", None),
        ('<link rel="canonical" href="https://a.example/2016/12/08/tram">', None),
        ('<meta property="article:modified_time" content="2016-12-08">', None),
        ('<meta http-equiv="last-modified" content="2016-12-08">', None),
        ('<meta itemprop="copyrightYear" content="2016">', None),
        ('<meta name="date" content="8 December 2016">', None),
        ('<meta name="date" content="2016-12-08">', date(2016, 12, 8)),
        ('<meta name="DC.date.issued" content="2016-12-08T10:00">', date(2016, 12, 8)),
        ('<meta itemprop="datePublished" content="1931-05-02">', date(1931, 5, 2)),
        (
            '<meta name="date" content="2017-01-01">'
            '<meta property="article:published_time" content="2016-12-08T23:00:00-05:00">',
            date(2016, 12, 8),
        ),
        (
            '<meta name="date" content="2017-01-01"><script type="application/ld+json">{"@graph": '
            '[{"@type": "WebPage", "datePublished": "2015-01-01"}, {"@type": ["NewsArticle"], '
            '"datePublished": "2016-12-08T10:00:00Z"}]}</script>',
            date(2016, 12, 8),
        ),
        ('<script type="application/ld+json">{"@type": "NewsArticle",</script>', None),
        (f'<script type="application/ld+json">{"[" * 20_000}</script>', None),
    ],
)
def test_a_page_is_as_old_as_it_says_and_otherwise_undated(
    tmp_path: Path, head: str, day: date | None
) -> None:
    """Only a statement of publication counts: no URL, change, copyright line or file time."""
    [article] = articles(
        tmp_path / "a.html", page(head).replace("voted by", "voted on 2014-03-02 by")
    )
    assert article.published == day


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="http://[bad">',
        '<meta property="og:url" content="//:x">',
        '<script type="application/ld+json">{"@context": "https://schema.org", '
        '"@type": "NewsArticle", "headline": ["a"], "publisher": {"name": 3}}</script>',
        '<script type="application/ld+json">[1, null]</script>',
    ],
)
def test_broken_metadata_does_not_cost_the_article(tmp_path: Path, head: str) -> None:
    """A page with a malformed URL or JSON-LD is still quoted."""
    [article] = articles(tmp_path / "a.html", page(head))
    assert article.text == "The council voted by 31 to 18 to keep the tram."
    assert isinstance(article.title, str)
    assert article.title


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ('<meta charset="utf-16">', "utf-8"),
        ("<meta charset=latin1>", "cp1252"),
        ("<!-- <meta charset=koi8-r> -->", "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ('<meta charset="Shift_JIS">', "cp932"),
        ('<meta charset="gb2312">', "gb18030"),
        ('<meta charset="koi8-r">', "koi8-r"),
    ],
)
def test_a_page_is_decoded_as_it_declares(tmp_path: Path, declaration: str, encoding: str) -> None:
    """As browsers do it, and never by a guess."""
    sample = {"cp932": "市長", "gb18030": "市长", "koi8-r": "мэр"}.get(encoding, "café")
    html = page(declaration).replace("council", sample)
    [article] = articles(tmp_path / "a.html", html.encode(encoding))
    assert article.text == f"The {sample} voted by 31 to 18 to keep the tram."


def test_the_codecs_of_pages_exist() -> None:
    """Every encoding that a page may declare is one that Python has, by its own name."""
    for name, codec in webpage._CODECS.items():
        assert "a".encode(codec) == b"a", name


def test_an_xml_declaration_counts(tmp_path: Path) -> None:
    """XHTML declares its encoding in the first line."""
    html = '<?xml version="1.0" encoding="iso-8859-2"?>' + page().replace("council", "žena")
    [article] = articles(tmp_path / "a.html", html.encode("iso8859-2"))
    assert article.text.startswith("The žena voted")


# Refusals

CONTROL = b"\x89PNG 7890\x01\x02"
TEXT = ("a.txt", "a.md", "a.html", "a.jsonl")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        *((name, b"", "empty: there is not one letter or digit in it") for name in TEXT),
        *((name, b" \n\t\n", "empty: ") for name in TEXT),
        ("a.txt", "—…!\n", "empty: "),
        ("a.txt", b"\xef\xbb\xbf", "empty: "),
        ("a.md", "---\ntitle: x\n---\n\n", "empty: "),
        ("a.jsonl.gz", gzip.compress(b"\n", mtime=0), "empty: "),
        ("a.jsonl", '{"text": "one"}\n{"text": " "}', "line 2: empty: "),
        *((name, CONTROL, "binary, not text: it holds byte 0x01 at offset 9") for name in TEXT),
        *((name, b"one\0two", "binary, not text: it holds a NUL at character 3") for name in TEXT),
        ("a.jsonl", r'{"text": "one\u0000two"}', "line 1: binary, not text: it holds a NUL"),
        ("a.jsonl", r'{"title": "\u0000", "text": "one"}', "line 1: binary, not text: it holds"),
        (
            "a.txt",
            "Café".encode("cp1252"),
            "wrong encoding: byte 0xe9 at offset 3 is not UTF-8; save it as UTF-8",
        ),
        ("a.txt", b"\xef\xbb\xbfCaf\xe9", "wrong encoding: byte 0xe9 at offset 6 is not UTF-8"),
        ("a.txt", b"\xff\xfea\x00\x00\xd8", "wrong encoding: byte 0x00 at offset 4 is not UTF-16"),
        ("a.md", "Café".encode("cp1252"), "wrong encoding: byte 0xe9 at offset 3"),
        ("a.html", page("é").encode("cp1252"), "wrong encoding: byte 0xe9 at offset "),
        (
            "a.html",
            page('<meta charset="windows-1252">').encode() + b"\x81",
            "is not CP1252; save it as UTF-8",
        ),
        (
            "a.html",
            page('<meta charset="klingon">'),
            "declares the encoding 'klingon', which is not known; save it as UTF-8",
        ),
        *(
            ("a.html", page(f'<meta charset="{name}">'), f"declares the encoding '{name}'")
            for name in ("hex", "utf-7", "unicode_escape", "undefined", "aliases", "..", "idna")
        ),
        ("a.jsonl", b'{"text": "one"}\n{"text": "\xe9"}', "line 2: wrong encoding: byte 0xe9 at "),
        ("a.jsonl", '{"text": "one"}'.encode("utf-16"), "line 1: wrong encoding: this is UTF-16"),
        ("a.jsonl", "{'text': 1}", "line 1: not JSON (Expecting property name"),
        ("a.jsonl", '\n{"text": "one"}\n{"text": ', "line 3: not JSON (Expecting value at "),
        ("a.jsonl", '["one"]', "line 1: not a JSON object but a list"),
        ("a.jsonl", '"one"', "line 1: not a JSON object but 'one'"),
        ("a.jsonl", "NaN", "line 1: not a JSON object but not a number"),
        ("a.jsonl", "[" * 100_000, "line 1: nested too deeply"),
        ("a.jsonl", '{"n": ' + "9" * 5000 + "}", "line 1: holds a number too long to be read"),
        ("a.jsonl", '{"title": "x"}', 'line 1: has no "text"'),
        ("a.jsonl", '{"text": null}', 'line 1: has no "text"'),
        ("a.jsonl", '{"text": ["one"]}', 'line 1: "text" is a list, not a text'),
        ("a.jsonl", '{"text": "a", "title": true}', 'line 1: "title" is true, not a text'),
        ("a.jsonl", '{"text": "a", "title": NaN}', 'line 1: "title" is not a number, not a text'),
        ("a.jsonl", '{"text": "a", "url": 5}', 'line 1: "url" is 5, not a text'),
        ("a.jsonl", '{"text": "a", "source": {"n": 1}}', '"source" is an object, not a text'),
        ("a.jsonl", '{"text": "a", "id": false}', 'line 1: "id" is false, not a text'),
        ("a.jsonl", '{"text": "a", "id": "x\\u0007"}', "line 1: its id or URL holds a control"),
        (
            "a.jsonl",
            '{"text": "a", "id": 3}\n{"text": "b"}\n{"text": "c"}',
            "line 3: has the same id as line 1: '3'; give every record its own",
        ),
        (
            "a.jsonl",
            '{"text": "a", "date": "8 Dec 2016"}',
            "line 1: \"date\" is '8 Dec 2016', not a date like 2016-12-08 or 2016-12-08T10:00:00Z;",
        ),
        ("a.jsonl", '{"text": "a", "published": 1481191200}', '"published" is 1481191200, not a'),
        ("a.jsonl", '{"text": "a", "published": true}', '"published" is true, not a date'),
        ("a.jsonl", '{"text": "a", "published": "2016-02-30"}', "is '2016-02-30', not a date"),
        ("a.md", "---\ndate: 2016-13-45\n---\nBody", "\"date\" is '2016-13-45', not a date like"),
        ("a.md", "---\ntitle: [a]\n---\nBody", '"title" is a list, not a text'),
        ("a.md", "---\ntitle: a\nurl: b: c\n---\nBody", "line 3: the front matter is not YAML ("),
        ("a.md", "---\ntitle: a\nurl: \x07\n---\nBody", "line 3: the front matter is not YAML ("),
        ("a.md", f"---\na: {'[' * 2000}\n---\nBody", "the front matter is nested too deeply"),
        ("a.md", f"---\n{'a: b' * 30_000}\n---\nBody", "the front matter is larger than 64,000"),
        ("a.md", "---\nJust prose.\n---\nBody", "line 2: between the two --- stands no front"),
        ("a.md", "---\ntitle: a\n\nBody", "line 1 opens front matter with --- and no line closes"),
        ("a.html", "<!-- a -->", "holds no HTML"),
        ("a.html", "<html><head><title>a</title></head></html>", "no article was found in this"),
        ("a.html", "<div>" * 3000 + "a", "its tags are nested too deeply"),
        ("a.jsonl.gz", b'{"text": "one"}', "line 1: not gzip (Not a gzipped file"),
        ("a.jsonl.gz", gzip.compress(b"\n" * 9_000_000, mtime=0), "unpacks to more than 4,"),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"text": "one"}', mtime=0)[:-9],
            "line 1: the gzip file breaks off",
        ),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"text": "one"}', mtime=0)[:10] + b"\xff" * 20,
            "line 1: the gzip file is damaged here",
        ),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"text": 1}', mtime=0)[:-8] + bytes(8),
            "line 1: not gzip (CRC",
        ),
        ("a.doc", b"\xd0", "its name ends in no known format; give it one of .csv, .docx, .htm"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(
    tmp_path: Path, name: str, data: bytes | str, reason: str
) -> None:
    """One clear sentence for each fault, with the line where there are lines."""
    said = refusal(tmp_path / name, data)
    assert reason in said
    assert ";" in said
    assert len(said) < 250


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_one_article_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The limit itself is allowed; above it the size and the limit are told."""
    monkeypatch.setattr(source, "ARTICLE_LIMIT", 1000)
    body = page().encode()
    assert articles(tmp_path / name, body + b" " * (1000 - len(body)))
    assert (
        refusal(tmp_path / name, body + b" " * 1000).split(";")[0]
        == f"too large: {1000 + len(body):,} bytes, and one article may have 1,000"
    )


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_what_is_no_file_is_refused(tmp_path: Path, suffix: str) -> None:
    """A folder, a pipe, a link to itself and nothing at all: refused at once, by name."""
    path = tmp_path / f"a{suffix}"
    assert refusal(path).startswith("cannot be read (No such file or directory);")
    path.mkdir()
    assert refusal(path).startswith("a folder, not a file;")
    path.rmdir()
    path.symlink_to(path)
    assert refusal(path).startswith("cannot be read (")
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), bind):
        path.unlink()
        make(path)
        assert refusal(path).startswith("not an ordinary file (a device, pipe or socket);")


def bind(path: Path) -> None:
    """Make a socket."""
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # a path may be longer than an address
        made.bind(path.name)
        os.chdir(here)


def test_what_is_no_file_any_more_when_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the opening it may become a pipe, for which nobody waits."""
    path = tmp_path / "a.txt"
    path.write_text("text")
    looked = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: looked)
    assert refusal(path).startswith("not an ordinary file (a device, pipe or socket);")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, suffix: str) -> None:
    """Missing permission is said in the system's own words."""
    path = tmp_path / f"a{suffix}"
    path.write_text("text")
    path.chmod(0)
    assert refusal(path).startswith("cannot be read (Permission denied);")


@pytest.mark.parametrize("name", ["a\n.txt", "a\udce9.txt", "a\0.txt"])
def test_a_name_that_can_not_be_an_id_is_refused(tmp_path: Path, name: str) -> None:
    """Ids are shown on one line and stored in UTF-8, so such a file is to be renamed."""
    assert refusal(tmp_path / name).startswith("its name holds a control character or is not")


PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(b"---\n", b"title: ", b"date: 2016-12-08\n", b"# ", b"\n", b"\r", b"- a\n", b"&a *a"),
            *(b'{"text": "', b'"}\n', b'", "date": "', b'", "id": ', b"\\ud800", b"\\u0000"),
            *(b"{", b"}", b"[", b"1e999", b"NaN", b"true", b"\xef\xbb\xbf", b"\xff\xfe"),
            *(b"<html>", b"<p>", b"</p>", b"<body>", b"<table>", b"<li>", b"<a href='http://['>"),
            *(b"<meta charset='", b"utf-16", b"<meta name=date content='2016-12-08'>", b"<!--"),
            *(b"<script type='application/ld+json'>", b"</script>", b"<?xml encoding='x'?>"),
            *(b"The mayor said so. ", "Größe é 北京 \u2028".encode(), b"&#0;", b"&#xD800;", b"<"),
        ]
    ),
)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@PROPERTY
@given(pieces=st.lists(PIECES, max_size=25), packed=st.booleans())
def test_any_bytes_end_in_articles_or_a_refusal(
    folder: Path, suffix: str, pieces: list[bytes], packed: bool
) -> None:
    """Whatever is in a file: nothing else is raised, and what is taken can be stored."""
    data = b"".join(pieces)
    path = folder / f"a{suffix}"
    path.write_bytes(gzip.compress(data) if packed and suffix.endswith(".gz") else data)
    try:
        taken = found(path)
    except ArticleError:
        return
    assert taken
    ids = [each.id for each in taken if isinstance(each, Article)]
    assert len(set(ids)) == len(ids)
    for article in taken:
        if isinstance(article, ArticleError):
            article.reason.encode()
            continue
        assert source.has_words(article.text)
        assert article.id.startswith(f"seeds/a{suffix}")
        assert article.published is None or type(article.published) is date
        for value in (article.title, article.text, article.outlet, article.url, article.author):
            assert value is None or ("\0" not in value and value.encode())


# Fields


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2016-12-08", date(2016, 12, 8)),
        (" 2016-12-08 ", date(2016, 12, 8)),
        ("2016-12-08T10:00:00Z", date(2016, 12, 8)),
        ("2016-12-08 23:59:59.5+05:30", date(2016, 12, 8)),
        ("2016-12", None),
        ("08.12.2016", None),
        ("yesterday", None),
        ("2016-12-08T99:00", None),
        ("\ud800", None),
    ],
)
def test_iso_days(value: str, day: date | None) -> None:
    """Dates and datetimes are read as they stand, without converting zones."""
    assert fields.iso_day(value) == day


@pytest.mark.parametrize("value", [10**400, "x" * 10**6, "\ud800", [[0] * 9] * 9, -0.0, 1e300])
def test_a_refused_value_is_shown_briefly(value: object) -> None:
    """However large a value is, the error that shows it stays readable and printable."""
    shown = fields.shown(value)
    assert len(shown) <= fields.SHOWN + 1
    shown.encode()
