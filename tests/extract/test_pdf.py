from __future__ import annotations

import asyncio
import gzip
import random

import pytest

from nephila import CrawlerRunConfig, PDFContentScrapingStrategy
from nephila.errors import ErrorCode, UnsupportedOptionError
from nephila.extract import document as document_module
from nephila.extract.document import read
from nephila.extract.pdf import is_pdf
from nephila.extract.plain import kind_of
from nephila.extract.pool import ReaderPool, ReadingPlan
from nephila.models import Document, RawPage
from nephila.options import require_supported
from nephila.options.reading import ReadingOptions
from tests.site.pdf_files import Page, Text, flowing, pdf

PARAGRAPH = [
    "A crawler that meets a document of this kind has to find out by itself how",
    "the lines of it belong together, for the file says nothing of paragraphs and",
    "holds letters and places only.",
]


def read_pages(*pages: Page, info: dict[str, str] | None = None, **options: object) -> Document:
    page = RawPage("https://example.com/a", pdf(pages, info), "application/pdf")
    return read(page, ReadingOptions(**options))  # type: ignore[arg-type]


def test_what_a_file_says_of_itself() -> None:
    info = {
        "Title": "Ergebnisse für 2024",
        "Author": "Zoë Ж",
        "Subject": "Numbers",
        "Keywords": "a, b",
        "Creator": "Writer",
        "Producer": "Printer",
        "CreationDate": "D:20240102030405+01'30'",
        "ModDate": "D:2024",
    }
    file = pdf([Page(flowing(["Hello"])), Page()], info)
    document = read(RawPage("https://example.com/a", file), ReadingOptions())
    assert (document.kind, document.error, document.encoding) == ("pdf", "", None)
    assert document.metadata == {
        "title": "Ergebnisse für 2024",
        "author": "Zoë Ж",
        "subject": "Numbers",
        "keywords": "a, b",
        "creator": "Writer",
        "producer": "Printer",
        "created": "2024-01-02T03:04:05+01:30",
        "modified": "2024-01-01T00:00:00",
        "pages": 2,
        "encrypted": False,
        "file_size": len(file),
    }


def test_a_date_that_is_none_stays_as_it_is() -> None:
    assert read_pages(Page(), info={"CreationDate": "D:20249999"}).metadata["created"] == "D:20249999"
    assert read_pages(Page(), info={"CreationDate": "yesterday"}).metadata["created"] == "yesterday"


def test_paragraphs_headings_and_pages() -> None:
    first = Page([*flowing(["The title"], y=760, size=22), *flowing([*PARAGRAPH, "", "Another one."])])
    document = read_pages(first, Page(flowing(["Second page."])))
    assert document.markdown.raw_markdown == (f"# The title\n\n{' '.join(PARAGRAPH)}\n\nAnother one.\n\nSecond page.")
    assert '<div class="pdf-page" data-page="1">' in document.cleaned_html
    assert document.cleaned_html.count("pdf-page") == 2
    assert "<p>Second page.</p>" in document.cleaned_html.partition('data-page="2"')[2]


def test_words_that_are_broken_at_the_end_of_a_line() -> None:
    document = read_pages(Page(flowing(["They were docu-", "ments of the Anglo-", "Saxon kind."])))
    assert document.markdown.raw_markdown == "They were documents of the Anglo-Saxon kind."


def test_lines_of_scripts_without_spaces() -> None:
    document = read_pages(Page(flowing(["日本語の文章は", "空白を使わない。", "", "Русский текст", "из двух строк."])))
    assert document.markdown.raw_markdown == "日本語の文章は空白を使わない。\n\nРусский текст из двух строк."


def test_list_items() -> None:
    document = read_pages(Page(flowing(["• first", "• second", "Not one."])))
    assert document.markdown.raw_markdown == "- first\n- second\n\nNot one."


@pytest.mark.parametrize("by_rows", [False, True])
def test_two_columns(by_rows: bool) -> None:
    left = flowing([f"left side number {number} goes on and on" for number in range(8)], size=9)
    right = flowing([f"right side number {number} goes on and on" for number in range(8)], x=330, size=9)
    texts = [text for pair in zip(left, right, strict=True) for text in pair] if by_rows else left + right
    text = read_pages(Page(texts)).markdown.raw_markdown
    expected = [
        *(f"left side number {number}" for number in range(8)),
        *(f"right side number {number}" for number in range(8)),
    ]
    places = [text.index(each) for each in expected]
    assert places == sorted(places)


def test_rows_of_a_table_stay_rows() -> None:
    texts = [
        Text(x, 700 - 14 * row, f"{name}{row}") for row in range(6) for x, name in ((72, "a"), (200, "b"), (330, "c"))
    ]
    lines = read_pages(Page(texts)).markdown.raw_markdown.split("\n")
    assert [line.split() for line in lines if line] == [[f"a{row}", f"b{row}", f"c{row}"] for row in range(6)]


def test_links() -> None:
    links = [
        ((100, 695, 160, 712), "https://example.com/inside?a=1&b=2"),
        ((400, 100, 420, 120), "https://other.org/picture"),
        ((400, 200, 420, 220), "mailto:a@b.c"),
    ]
    document = read_pages(Page([Text(72, 700, "See"), Text(100, 700, "this page"), Text(180, 700, "please")], links))
    assert [(link["href"], link["text"]) for link in document.links["internal"]] == [
        ("https://example.com/inside?a=1&b=2", "this page")
    ]
    assert "https://other.org/picture" in [link["href"] for link in document.links["external"]]
    assert document.markdown.raw_markdown == "See [this page](https://example.com/inside?a=1&b=2) please"


def test_markup_in_the_text_is_text() -> None:
    document = read_pages(Page(flowing(["<script>alert(1)</script> & <b>bold</b>"])), info={"Title": "</title><p>x"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in document.cleaned_html
    assert document.metadata["title"] == "</title><p>x"


def test_options_apply_as_to_any_page() -> None:
    document = read_pages(Page(flowing(["one"])), Page(flowing(["two"])), css_selector='[data-page="2"]')
    assert document.markdown.raw_markdown == "two"


def test_a_file_of_500_pages() -> None:
    page = Page(flowing(PARAGRAPH * 4))
    document = read_pages(*[page] * 500)
    assert document.metadata["pages"] == 500
    assert document.cleaned_html.count("<div") == 500
    assert document.markdown.raw_markdown.count("holds letters and places only.") == 2000


def test_more_pages_than_are_read() -> None:
    document = read_pages(*[Page(flowing(["text"]))] * 5, pdf_max_pages=2)
    assert document.cleaned_html.count("<div") == 2
    assert document.metadata["pages"] == 5
    assert document.warnings == ["The PDF has 5 pages; the first 2 were read (pdf_max_pages)."]


def test_more_text_than_may_be() -> None:
    document = read_pages(*[Page(flowing(["&" * 80] * 40))] * 30, max_decoded_bytes=200_000)
    assert (document.kind, document.error_code) == ("pdf", ErrorCode.TOO_LARGE)
    assert "max_decoded_bytes" in document.error


def test_a_file_without_text() -> None:
    document = read_pages(Page())
    assert (document.error, document.warnings) == ("", ["The PDF has no text; its pages may be pictures."])


@pytest.mark.parametrize("file", [b"%PDF-1.7\n", b"%PDF-1.4 nothing at all", pdf([Page()])[:60]])
def test_damaged(file: bytes) -> None:
    document = read(RawPage("https://example.com/a", file), ReadingOptions())
    assert (document.kind, document.error_code) == ("pdf", ErrorCode.READ)
    assert document.error == "The PDF is damaged: no page of it can be found."


def test_a_cross_reference_table_that_is_lost() -> None:
    file = pdf([Page(flowing(["Found again"]))])
    document = read(RawPage("https://example.com/a", file.replace(b"xref\n0", b"lost\n0")), ReadingOptions())
    assert document.markdown.raw_markdown == "Found again"


def test_a_file_that_needs_a_password() -> None:
    # Made for this test: the standard handler, revision 2, with values no empty password fits.
    encryption = b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -44>>" % (b"41" * 32, b"42" * 32)
    file = pdf([Page(flowing(["Secret"]))]).replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt %s/ID[<41><41>]" % encryption)
    document = read(RawPage("https://example.com/a", file), ReadingOptions())
    assert (document.error_code, document.error) == (ErrorCode.READ, "The PDF is encrypted and needs a password.")
    assert document.markdown.raw_markdown == ""


def test_bytes_changed_at_random_never_raise() -> None:
    whole = pdf([Page(flowing(PARAGRAPH), [((0, 0, 100, 100), "https://example.com")])] * 3, {"Title": "A"})
    chance = random.Random(4)
    for _ in range(150):
        file = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            file[chance.randrange(9, len(file))] = chance.randrange(256)
        assert read(RawPage("https://example.com/a", bytes(file)), ReadingOptions()).kind == "pdf"


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_module, "can_read_pdf", lambda: False)
    document = read_pages(Page(flowing(["text"])))
    assert (document.kind, document.error) == ("binary", "")
    assert 'pip install "nephila[pdf]"' in document.warnings[0]


class TestDetection:
    @pytest.mark.parametrize("content_type", ["", "application/pdf", "text/html", "image/png", "text/plain"])
    def test_by_content(self, content_type: str) -> None:
        assert kind_of(content_type, pdf([Page()])) == "pdf"
        assert kind_of(content_type, b"\xef\xbb\xbf\r\n" + pdf([Page()])) == "pdf"

    def test_something_before_the_header(self) -> None:
        assert is_pdf(b"x" * 1000 + pdf([Page()]))
        assert not is_pdf(b"x" * 1025 + pdf([Page()]))

    @pytest.mark.parametrize("content_type", ["", "text/html", "text/plain"])
    def test_a_page_that_speaks_of_it(self, content_type: str) -> None:
        body = b"<html><body><p>A PDF file begins with %PDF-1.7 and ends with %%EOF.</p>" + b"text " * 500
        assert kind_of(content_type, body) != "pdf"

    def test_a_name_does_not_make_it_one(self) -> None:
        page = RawPage("https://example.com/file.pdf", b"<p>Not found", "application/pdf")
        assert read(page, ReadingOptions()).kind != "pdf"


@pytest.mark.parametrize("content_encoding", ["", "gzip"])
async def test_always_in_a_worker(content_encoding: str) -> None:
    pool = ReaderPool(max_workers=1)
    file = pdf([Page(flowing(["Hello"]))])
    try:
        body = gzip.compress(file) if content_encoding else file
        page = RawPage("https://example.com/a", body, "text/html", content_encoding)
        document = await pool.read(page, ReadingPlan.of(ReadingOptions()))
        assert document.markdown.raw_markdown == "Hello"
        assert len(pool.worker_pids) == 1
    finally:
        await pool.close()


async def test_in_threads_one_at_a_time() -> None:
    page = RawPage("https://example.com/a", pdf([Page(flowing(PARAGRAPH))] * 20))
    documents = await asyncio.gather(*(asyncio.to_thread(read, page, ReadingOptions()) for _ in range(8)))
    assert {document.metadata["pages"] for document in documents} == {20}


class TestCompatibleName:
    def test_it_is_accepted(self) -> None:
        require_supported(CrawlerRunConfig(scraping_strategy=PDFContentScrapingStrategy(batch_size=8)))

    def test_pictures_are_refused(self) -> None:
        with pytest.raises(UnsupportedOptionError, match="pictures"):
            PDFContentScrapingStrategy(extract_images=True)

    def test_it_survives_being_written_down(self) -> None:
        config = CrawlerRunConfig(scraping_strategy=PDFContentScrapingStrategy(batch_size=8))
        loaded = CrawlerRunConfig.load(config.dump())
        assert isinstance(loaded.scraping_strategy, PDFContentScrapingStrategy)
        assert loaded.scraping_strategy.batch_size == 8
