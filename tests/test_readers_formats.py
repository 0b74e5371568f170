"""Tables, JSON, archives, PDF, Word, old encodings and datelines: what is taken, and what isn't."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zipfile
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promptly import promptly
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from bench import fuzz
from index.errors import ArticleError
from index.formats import dateline, fields, pdf, read, source, warc, word
from index.records import Article

PROPERTY = settings(max_examples=60, deadline=None, database=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(lambda text: f"{text}7")


def found(path: Path, data: bytes | str) -> list[Article | ArticleError]:
    """Write a file and read it."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(path, f"seeds/{path.name}"))


def articles(path: Path, data: bytes | str) -> list[Article]:
    """Write a file in which nothing is refused, and read it."""
    taken = found(path, data)
    assert not [each for each in taken if isinstance(each, ArticleError)]
    return [each for each in taken if isinstance(each, Article)]


def reasons(path: Path, data: bytes | str) -> list[str]:
    """Write a file and return why it, or records in it, are refused."""
    try:
        return [each.reason for each in found(path, data) if isinstance(each, ArticleError)]
    except ArticleError as exc:
        return [exc.reason]


def rng() -> random.Random:
    """Return the same chances every time."""
    return random.Random(1)  # noqa: S311 - nothing secret


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all examples of a property share."""
    return tmp_path_factory.mktemp("formats")


# JSON and CSV

RECORD = {
    "id": "7",
    "title": "Bridge closed",
    "text": 'The "Mill; Bridge", shut.\nIt said.',
    "date": "2024-02-17",
    "source": "Courier",
    "link": "https://courier.example/bridge",
    "lang": "en",
}


def expected(name: str) -> Article:
    """Return the article of ``RECORD``."""
    return Article(
        id=f"seeds/{name}#7",
        title="Bridge closed",
        text=RECORD["text"],
        published=date(2024, 2, 17),
        outlet="Courier",
        url="https://courier.example/bridge",
        path=f"seeds/{name}",
        language="en",
    )


def table(records: list[dict[str, str]], delimiter: str = ",") -> str:
    """Return the records as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


@pytest.mark.parametrize(
    "value", [RECORD, [RECORD], {"articles": [RECORD]}, {**RECORD, "articles": 3}]
)
def test_json_is_a_record_or_a_list_of_them(tmp_path: Path, value: object) -> None:
    """As an object, a list, or an object with such a list."""
    assert articles(tmp_path / "a.json", json.dumps(value)) == [expected("a.json")]


@pytest.mark.parametrize("delimiter", list(",;\t"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_row_is_an_article(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Whichever delimiter parts the columns, with line breaks, quotes and delimiters in them."""
    data = table([{"Other": "x", **RECORD}], delimiter).encode(encoding)
    assert articles(tmp_path / "a.csv", data) == [expected("a.csv")]


@PROPERTY
@given(st.lists(TEXT, min_size=1))
def test_any_text_comes_back_identical_from_a_table_and_from_json(
    folder: Path, texts: list[str]
) -> None:
    """Whatever the characters are."""
    records = [{"text": text} for text in texts]
    for name, data in (("a.csv", table(records)), ("a.json", json.dumps(records))):
        assert [article.text for article in articles(folder / name, data)] == texts


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (
            "a.json",
            "[1",
            "not JSON (Expecting ',' delimiter at character 3); it holds one JSON object",
        ),
        ("a.json", "7", "holds 7 where a list of articles belongs;"),
        ("a.json", '{"articles": {}}', "holds an object where a list"),
        ("a.json", '[{"text": "a"}, 3]', "record 2: not a JSON object but 3;"),
        ("a.json", '[{"text": "a"}, {"title": "b"}]', 'record 2: has no "text";'),
        ("a.json", '[{"text": "a", "id": 2}, {"text": "b"}]', "record 2: has the same id as rec"),
        ("a.json", "[]", "empty: "),
        ("a.json", "[" * 100_000 + "1", "nested too deeply;"),
        ("a.json", '{"text": "' + "\xe9", "not JSON ("),
        ("a.csv", "", "empty: "),
        ("a.csv", "id,title\n1,2\n", 'line 1: the first row names no column "text";'),
        ("a.csv", "text,Text\n1,2\n", 'line 1: the first row names "text" twice;'),
        ("a.csv", "text,id\na,1\nb\n", "line 3: has 1 fields, and the first row names 2;"),
        ("a.csv", "text,id\na,1\n ,2\n", "line 3: empty: "),
        ("a.csv", 'text\na\n"b\nc', "line 4: not CSV (unexpected end of data); mend it:"),
        ("a.csv", 'text\n"a"b\nc', "line 2: not CSV ("),
        ("a.csv", b"text\nCaf\xe9\n", "wrong encoding: a byte near offset 8 is not UTF-8;"),
        ("a.csv", b"\xff\xfet\0e\0x\0t\0\n\0\0\xd8", "line 2: wrong encoding: not UTF-16-LE;"),
        ("a.csv", "text,date\na,soon\nb,2020-01-01\n", "line 2: \"date\" is 'soon', not a date"),
    ],
)
def test_a_bad_table_or_list_is_named(
    tmp_path: Path, name: str, data: bytes | str, reason: str
) -> None:
    """With the line or the number of the record."""
    [said] = reasons(tmp_path / name, data)
    assert said.startswith(reason)


def test_a_line_of_a_table_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that never ends is refused after the limit."""
    monkeypatch.setattr("index.formats.table.ARTICLE_LIMIT", 100)
    said = reasons(tmp_path / "a.csv", "text\nb\n" + "a" * 200)
    assert said == ["line 3: too large: the line has 100 characters or more; split it"]


# Encodings

OLD = {
    "koi8_r": "Мэр заявил во вторник, что мост останется закрытым до особого распоряжения. "
    "Жители возмущены, а власти объявили о начале расследования.",
    "cp1251": "Жители возмущены, а власти объявили о начале расследования во вторник.",
    "cp932": "市長は火曜日、橋は当面の間閉鎖されると述べた。住民は怒っている。",
    "cp1253": "Ο δήμαρχος δήλωσε την Τρίτη ότι η γέφυρα θα παραμείνει κλειστή μέχρι νεωτέρας.",
}


@pytest.mark.parametrize("encoding", OLD)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv"])
def test_an_old_encoding_is_recognised_where_it_is_sure(
    tmp_path: Path, name: str, encoding: str
) -> None:
    """In text, in a page and in a table, without a declaration."""
    around = {"a.html": "<html><article><p>{}</p></article></html>", "a.csv": 'text\n"{}"\n'}
    data = around.get(name, "{}").format(OLD[encoding]).encode(encoding)
    [article] = articles(tmp_path / name, data)
    assert article.text == OLD[encoding]


@pytest.mark.parametrize("text", ["Café", "El alcalde dijo el martes que los niños, según él."])
def test_a_doubtful_encoding_is_refused(tmp_path: Path, text: str) -> None:
    """Where another letter could have been meant, nothing is guessed."""
    [said] = reasons(tmp_path / "a.txt", text.encode("cp1252"))
    assert said.startswith("wrong encoding: byte 0x")


def test_text_is_not_normalised(tmp_path: Path) -> None:
    """A letter written as two characters stays two: offsets count what is shown."""
    [article] = articles(tmp_path / "a.txt", "Cafe\u0301 \ufb01rst")
    assert article.text == "Cafe\u0301 \ufb01rst"


# Archives

PAGE = "<html><head><title>{0}</title></head><body><article><p>{0} voted.</p></article></html>"


def archive(*records: tuple[str, str, bytes, str], packed: bool = False) -> bytes:
    """Return an archive of (kind, address, payload, HTTP headers or type)."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for kind, uri, payload, said in records:
        http = None
        if kind in ("response", "request"):
            status, *lines = said.split("\n")
            headers = [tuple(line.split(": ", 1)) for line in lines]
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        type_ = None if http else said
        stream = io.BytesIO(payload)
        writer.write_record(
            writer.create_warc_record(
                uri, kind, payload=stream, http_headers=http, warc_content_type=type_ or ""
            )
            if type_
            else writer.create_warc_record(uri, kind, payload=stream, http_headers=http)
        )
    return out.getvalue()


HTML = "200 OK\nContent-Type: text/html; charset=utf-8"
A, B = "http://a.example/a", "http://a.example/b"


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_gives_its_pages(tmp_path: Path, packed: bool) -> None:
    """The last page of an address, in the encoding that came with it, and what is said beside."""
    said = {"title": "No", "published": "2016-12-08", "outlet": "Courier", "language": "en"}
    data = archive(
        ("response", A, PAGE.format("Old").encode(), HTML),
        ("metadata", A, json.dumps(said).encode(), "application/json"),
        ("request", A, b"", "GET / HTTP/1.1\nHost: a.example"),
        (
            "response",
            B,
            PAGE.format("Café").encode("cp1252"),
            "200 OK\nContent-Type: text/html;charset=ISO-8859-1",
        ),
        ("metadata", B, b"fetchTimeMs: 3", "application/warc-fields"),
        ("response", A, PAGE.format("New").encode(), HTML),
        ("response", A, b"", "304 Not Modified\nContent-Type: text/html"),
        ("response", "http://a.example/c.png", b"\x89PNG", "200 OK\nContent-Type: image/png"),
        packed=packed,
    )
    name = "a.warc.gz" if packed else "a.warc"
    cafe, new = articles(tmp_path / name, data)
    assert (cafe.id, cafe.url, cafe.title, cafe.text, cafe.published) == (
        f"seeds/{name}#{B}",
        B,
        "Café",
        "Café voted.",
        None,
    )
    assert new == Article(
        id=f"seeds/{name}#{A}",
        title="New",
        text="New voted.",
        published=date(2016, 12, 8),
        outlet=new.outlet,
        url=A,
        path=f"seeds/{name}",
        language="en",
    )
    assert new.outlet in ("Courier", "a.example")


@pytest.mark.parametrize("packing", ["gzip", "deflate", "chunked", "br"])
def test_packed_pages_are_unpacked(tmp_path: Path, packing: str) -> None:
    """As the headers say; an unknown packing, or one already undone, is seen."""
    page = PAGE.format("Tram").encode()
    header, body = f"Content-Encoding: {packing}", page
    if packing == "gzip":
        body = gzip.compress(page)
    elif packing == "deflate":
        body = fuzz.zlib.compress(page)[2:-4]
    elif packing == "chunked":
        header, body = (
            "Transfer-Encoding: chunked",
            b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
            % (
                page[:5],
                len(page) - 5,
                page[5:],
            ),
        )
    [article] = articles(tmp_path / "a.warc", archive(("response", A, body, f"{HTML}\n{header}")))
    assert article.text == "Tram voted."


def test_a_damaged_archive_gives_what_stands_before(tmp_path: Path) -> None:
    """And names the record in which it breaks off, once."""
    data = archive(*(("response", f"{A}/{n}", PAGE.format(n).encode(), HTML) for n in range(3)))
    *taken, error = found(tmp_path / "a.warc", data[:-100])
    assert [each.title for each in taken if isinstance(each, Article)] == ["0", "1"]
    assert "record 4: the archive breaks off in it;" in str(error)
    *taken, error = found(tmp_path / "a.warc.gz", gzip.compress(data)[:-100])
    assert isinstance(error, ArticleError)
    assert "the gzip file breaks off here" in str(error)
    bent = data.replace(b"WARC/1.0", b"CRAW/1.0", 3).replace(b"CRAW/1.0", b"WARC/1.0", 2)
    [taken, error] = found(tmp_path / "a.warc", bent)
    assert "record 3: no WARC record begins at byte " in str(error)


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"\x1f\x8b" + b"x" * 30, "Content-Encoding: gzip", "its page is packed, and damaged;"),
        (
            gzip.compress(b"<p>a" * 99, mtime=0)[:-20],
            "Content-Encoding: gzip",
            "packed, and breaks off;",
        ),
        (b"\x0b\x02\x80", "Content-Encoding: br", "packed with 'br', which is not known here;"),
        (
            gzip.compress(b"a" * 5000, mtime=0),
            "Content-Encoding: gzip",
            "its page unpacks to more than",
        ),
        (b"<p>" + b"a" * 9_000, "X: y", "too large: "),
        (b"<html></html>", "X: y", "no article was found in this page"),
        (b"\xe9t\xe9 <p>", "X: y", "wrong encoding: byte 0xe9 at offset 0"),
    ],
)
def test_a_bad_page_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, headers: str, reason: str
) -> None:
    """It is named with the number of its record, and the next one is taken."""
    monkeypatch.setattr(warc, "ARTICLE_LIMIT", 3_000)
    monkeypatch.setattr(warc, "HEAD_LIMIT", 3_000)
    data = archive(
        ("response", A, body, f"{HTML}\n{headers}"),
        ("response", B, PAGE.format("B").encode(), HTML),
    )
    error, article = found(tmp_path / "a.warc", data)
    assert isinstance(article, Article)
    assert isinstance(error, ArticleError)
    assert error.reason.startswith("record 2: ")
    assert reason in error.reason


def test_an_archive_without_pages_is_refused(tmp_path: Path) -> None:
    """Nothing in it would else be missed."""
    assert reasons(tmp_path / "a.warc", archive()) == [
        "holds no web page; remove it, or save the pages as .html"
    ]


# PDF and Word


def test_a_pdf_gives_the_text_of_its_pages(tmp_path: Path) -> None:
    """No date of the file is taken for one of publication."""
    [article] = articles(tmp_path / "a.pdf", fuzz.pdf(rng()))
    assert article.text.startswith("LONDON, March 3, 1987 (Reuters) - The council voted")
    assert (article.published, article.outlet) == (date(1987, 3, 3), "Reuters")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["Tram stays", "The council voted by", "31 to 18."],
            "Tram stays\nThe council voted by 31 to 18.",
        ),
        (
            ["It was a post-", "poned vote; a", "postponed one."],
            "It was a postponed vote; a postponed one.",
        ),
        (["It was a well-", "known fact, that"], "It was a well-known fact, that"),
        (["It was extra\u00ad", "ordinary, they"], "It was extraordinary, they"),
        (["A full line here", "", "Another one here"], "A full line here\n\nAnother one here"),
    ],
)
def test_lines_become_paragraphs(lines: list[str], text: str) -> None:
    """A full line goes on; a hyphen goes only where the whole word is known."""
    assert pdf._paragraphs("\n".join(lines)) == text


@PROPERTY
@given(TEXT)
def test_joining_lines_changes_no_letter(text: str) -> None:
    """Nothing but white space and hyphens differs, in order."""

    def letters(text: str) -> str:
        return "".join(each for each in text if not each.isspace() and each not in "-\u00ad")

    assert letters(pdf._paragraphs(text)) == letters(text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the PDF is damaged (EmptyFileError);"),
        (b"%PDF-1.4\nnothing", "the PDF is damaged ("),
        (fuzz.pdf_with(b""), "holds no text (a scan, perhaps);"),
        (
            fuzz.pdf_with(b"BT /F1 9 Tf 0 0 Td (word) Tj ET").replace(
                b"/Size 7",
                b"/Encrypt << /Filter /Standard /V 1 /R 2 /O ("
                + b"o" * 32
                + b") /U ("
                + b"u" * 32
                + b") /P -4 >> /ID [(a) (a)] /Size 7",
            ),
            "encrypted; save a copy that opens without a password",
        ),
        (fuzz.pdf_with(b"BT /F1 9 Tf (\x01\x02\x03a) Tj ET"), "its fonts don't tell what their"),
    ],
)
def test_a_pdf_that_can_not_be_read_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """Damaged, scanned, encrypted, or without letters."""
    [said] = reasons(tmp_path / "a.pdf", data)
    assert said.startswith(reason)


def test_a_pdf_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its pages and in what they draw."""
    monkeypatch.setattr(pdf, "OPERATION_LIMIT", 50)
    [said] = reasons(tmp_path / "a.pdf", fuzz.pdf_with(b"BT " + b"(a) Tj " * 100 + b"ET"))
    assert said.startswith("its pages are too intricate to be read;")
    monkeypatch.setattr(pdf, "PAGE_LIMIT", 0)
    [said] = reasons(tmp_path / "a.pdf", fuzz.pdf(rng()))
    assert said.startswith("too large: it has ")


def test_a_document_gives_its_paragraphs(tmp_path: Path) -> None:
    """Those of tables too, in order; the title that it states, and no date."""
    document = docx.Document()
    document.core_properties.title = "Tram  stays"
    document.add_paragraph("The council\tvoted.\nIt said.")
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "Yes", "31"
    document.add_paragraph("The end.")
    out = io.BytesIO()
    document.save(out)
    assert articles(tmp_path / "a.docx", out.getvalue()) == [
        Article(
            id="seeds/a.docx",
            title="Tram stays",
            text="The council\tvoted.\nIt said.\nYes\n31\nThe end.",
            path="seeds/a.docx",
        )
    ]


def hidden(name: str) -> bytes:
    """Return a document whose text lies in a part of this name, and is large."""
    document = fuzz.docx(rng(), "<w:p/>" * 2_000_000)
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        parts = {part.filename: package.read(part) for part in package.infolist()}
    parts[name] = b"\n " + parts.pop("word/document.xml")
    for part in ("[Content_Types].xml", "_rels/.rels"):
        parts[part] = parts[part].replace(b"word/document.xml", name.encode())
    return fuzz.zipped(parts)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the document is damaged (BadZipFile);"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted, or an old .doc;"),
        (fuzz.zipped({"a.txt": b"a"}), "the document is damaged (KeyError);"),
        (fuzz.zipped({"word/document.xml": b"a" * 11_000_000}), "too large: its 1 parts unpack"),
        (fuzz.zipped({"word/media/a.png": b"a" * 110_000_000}), "too large: its 1 parts unpack"),
        (hidden("word/document.bin"), "too large: its 17 parts unpack"),
        (hidden("word/media/image1.png"), "too large: its 17 parts unpack"),
        (fuzz.docx(rng())[:-30], "the document is damaged (BadZipFile);"),
    ],
)
def test_a_document_that_can_not_be_read_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """Damaged, encrypted, or a bomb, which is seen before it is unpacked."""
    [said] = reasons(tmp_path / "a.docx", data)
    assert said.startswith(reason)


def test_entities_of_a_document_are_not_expanded(tmp_path: Path) -> None:
    """Ten letters that stand for a thousand million are refused, or stay what they are."""
    path = tmp_path / "a.docx"
    said = reasons(path, fuzz.entities(fuzz.docx(rng())))
    assert said == [
        "the document is damaged (XMLSyntaxError); save it again, or its text as .txt"
    ] or all(isinstance(each, Article) and len(each.text) < 1000 for each in read(path, "a"))


def test_a_document_with_deleted_text(tmp_path: Path) -> None:
    """What is struck out is left out; what is put in, and stands in a box, is not."""
    extra = (
        "<w:p><w:ins><w:r><w:t>New</w:t></w:r></w:ins><w:del><w:r><w:delText>Old</w:delText></w:r>"
        "</w:del></w:p>"
    )
    [article] = articles(tmp_path / "a.docx", fuzz.docx(rng(), extra))
    assert article.text.startswith("New\nLONDON")
    assert word.XML_LIMIT < source.ARTICLE_LIMIT
    assert zipfile.is_zipfile(tmp_path / "a.docx")


# Datelines


@pytest.mark.parametrize(
    ("text", "outlet", "day"),
    [
        ("ALEPPO, Dec. 8 (Reuters) - Rebels", "Reuters", None),
        ("LONDON, March 3, 1987 - Gold rose", None, date(1987, 3, 3)),
        ("LONDON, 3 March 1987 (AP) — Gold rose", "AP", date(1987, 3, 3)),
        ("WASHINGTON (AP) — The vote", "AP", None),
        ("(Reuters) - Gold rose", "Reuters", None),
        ("Gold rises\n\n  NEW YORK, Feb 26 - Gold", None, None),
        ("PORT-AU-PRINCE, Haiti (AFP) – The", "AFP", None),
        ("SPRINGFIELD, Ill., Monday, June 1, 1998 (UPI) -- The", "UPI", date(1998, 6, 1)),
    ],
)
def test_datelines(text: str, outlet: str | None, day: date | None) -> None:
    """The agency in its parentheses, and a day that is stated with its year."""
    assert dateline.find(text) == dateline.Dateline(outlet, day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Gold rose (Reuters) - it said",
        "MOSCOW (Russia) - The",
        "LONDON - The vote",
        "One\nTwo\nLONDON, March 3, 1987 - Gold rose",
        "In LONDON, March 3, 1987 - Gold rose",
        "LONDON, March 3, 1987 Gold rose",
        "MAY 3 - The vote",
        "A (Reuters) report - said",
        "(Reuters)-based",
    ],
)
def test_what_is_no_dateline(text: str) -> None:
    """Without its dash, its place or its parentheses it is prose."""
    assert dateline.find(text) is None


def test_a_dateline_fills_only_what_is_unknown(tmp_path: Path) -> None:
    """The source's own word comes first; 31 February is no day."""
    text = "LONDON, March 3, 1987 (Reuters) - Gold rose."
    [own] = articles(tmp_path / "a.md", f"---\nsource: C\ndate: 2020-01-01\n---\n{text}")
    assert (own.outlet, own.published) == ("C", date(2020, 1, 1))
    [half] = articles(tmp_path / "a.md", f"---\nsource: C\n---\n{text}")
    assert (half.outlet, half.published) == ("C", date(1987, 3, 3))
    [none] = articles(tmp_path / "a.txt", text.replace("March 3", "Feb. 31"))
    assert (none.outlet, none.published) == ("Reuters", None)


@PROPERTY
@given(
    st.dates(date(1800, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%B %-d, %Y", "%-d %B %Y", "%b. %-d, %Y", "%b %-d %Y"]),
    st.sampled_from(dateline.AGENCIES),
    st.text(max_size=50),
)
def test_any_stated_day_is_read(day: date, form: str, agency: str, rest: str) -> None:
    """In each of the usual forms, whatever follows."""
    said = dateline.find(f"PARIS, {day.strftime(form)} ({agency}) - {rest}")
    assert said == dateline.Dateline(agency, day)


@PROPERTY
@given(TEXT)
def test_a_dateline_is_never_made_up(text: str) -> None:
    """What is claimed stands in the text."""
    said = dateline.find(text)
    assert said is None or said.outlet is None or f"({said.outlet})" in text


# Authors

SIGNED = "<html><head>{}</head><body><article><h1>Tram</h1><p>{}</p></article></body></html>"
LINKED = """<script type="application/ld+json">{"@context": "https://schema.org",
"@type": "NewsArticle", "headline": "Tram", "author": [{"@type": "Person", "name": "Ann Lee"},
{"@type": "Person", "name": "Bo Ek"}]}</script>"""


def document(author: str) -> bytes:
    """Return a Word document that states its author."""
    made = docx.Document()
    made.core_properties.author = author
    made.add_paragraph("Tram stays.")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def signed_pdf(author: str) -> bytes:
    """Return a PDF that states its author."""
    writer = pypdf.PdfWriter(io.BytesIO(fuzz.pdf(rng())))
    writer.add_metadata({"/Author": author})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive_that_says(**said: object) -> bytes:
    """Return an archive with a page and what its feed said about it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    page = io.BytesIO(SIGNED.format("", fuzz.PROSE * 4).encode())
    uri = "https://courier.example/1"
    writer.write_record(writer.create_warc_record(uri, "response", page, http_headers=http))
    about = io.BytesIO(json.dumps(said).encode())
    kind = "application/json"
    metadata = writer.create_warc_record(uri, "metadata", about, warc_content_type=kind)
    writer.write_record(metadata)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "author"),
    [
        ("a.md", "---\nauthor: Ann Lee\n---\nTram stays.", "Ann Lee"),
        ("b.md", "---\nauthors: [Ann Lee, Bo Ek]\n---\nTram stays.", "Ann Lee, Bo Ek"),
        ("a.jsonl", '{"text": "Tram", "byline": " Ann\\nLee "}', "Ann Lee"),
        (
            "b.jsonl",
            '{"text": "Tram", "authors": ["Ann Lee", "Bo Ek", "Ann Lee"]}',
            "Ann Lee, Bo Ek",
        ),
        ("c.jsonl", '{"text": "Tram", "author": {"name": "Ann Lee"}}', "Ann Lee"),
        ("a.json", '{"text": "Tram", "author": null, "byline": "Ann Lee"}', "Ann Lee"),
        ("a.csv", "text,Author\nTram,Ann Lee", "Ann Lee"),
        ("a.html", SIGNED.format('<meta name="author" content="Ann Lee">', fuzz.PROSE), "Ann Lee"),
        ("b.html", SIGNED.format(LINKED, fuzz.PROSE), "Ann Lee, Bo Ek"),
        ("a.warc", archive_that_says(author="Ann Lee"), "Ann Lee"),
        ("a.pdf", signed_pdf("Ann Lee"), "Ann Lee"),
        ("a.docx", document("Ann Lee"), "Ann Lee"),
    ],
)
def test_an_author_comes_through_every_format(
    tmp_path: Path, name: str, data: bytes | str, author: str
) -> None:
    """Of several the names stand in order, each once."""
    (article,) = articles(tmp_path / name, data)
    assert article.author == author


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "Tram stays."),
        ("a.jsonl", '{"text": "Tram", "author": 7}'),
        ("b.jsonl", '{"text": "Tram", "author": [{"id": 7}, null, " "]}'),
        ("c.jsonl", '{"text": "Tram", "author": "\\u0007"}'),
        ("a.csv", "text,author\nTram,unknown"),
        ("a.docx", document("python-docx")),
        ("b.docx", document("Microsoft Office User")),
        ("a.pdf", signed_pdf("Administrator")),
        ("b.pdf", signed_pdf("")),
    ],
)
def test_what_names_no_one_is_no_author(tmp_path: Path, name: str, data: bytes | str) -> None:
    """What programs write by themselves, and what is no name, is unknown; the article is taken."""
    (article,) = articles(tmp_path / name, data)
    assert article.author is None


def test_a_byline_has_an_end(tmp_path: Path) -> None:
    """A whole text in its place is cut."""
    record = json.dumps({"text": "Tram", "author": "Ann Lee " * 500})
    (article,) = articles(tmp_path / "a.jsonl", record)
    assert len(article.author or "") <= fields.AUTHOR_LIMIT


# What takes long


@pytest.mark.parametrize(
    "text",
    [
        ("a" * 79 + "\n") * 8_000,
        "a" * 600_000 + "\n" + "b" * 600_000,
        ("a" * 78 + "-\n") * 8_000,
        ("word " * 16 + "\n") * 20_000,
    ],
)
def test_a_paragraph_without_end_is_put_together_at_once(text: str) -> None:
    """Neither is a word searched again with every line, nor the paragraph copied."""
    with promptly():
        pdf._paragraphs(text)


def test_a_page_with_a_tag_without_end_is_refused(tmp_path: Path) -> None:
    """The parser would compare each of 40,000 attributes with each; values may be of any length."""
    many = " ".join(f"a{number}=1" for number in range(40_000))
    for tag in (f"<p {many}>", f"<p class='<' {many}", f'<p x=">" {many}>', "<p " + "a " * 40_000):
        with promptly():
            [reason] = reasons(tmp_path / "a.html", SIGNED.format("", fuzz.PROSE) + tag)
        assert reason.startswith("one of its tags has more than 2,000 attributes")
    data = json.dumps([f"<b {number}>" for number in range(20_000)])
    script = "<script>for (i<n;" + "a = b;" * 20_000 + ")</script>"
    whole = SIGNED.format(script, f"<span data-x='{data}' style=\"{'a b ' * 9_000}\">{fuzz.PROSE}")
    assert articles(tmp_path / "b.html", whole)
    for quotes in (
        '"',
        "'",
        '="',
        "='",
        "<a '",
        '<a "',
        "<a =",
        "<a ='\"",
        "<script",
        "<!--",
        "</s",
    ):
        with promptly():
            found(tmp_path / "c.html", SIGNED.format("", fuzz.PROSE) + quotes * 100_000)
