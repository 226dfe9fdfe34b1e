"""What the tests of reading share."""

from nephila.extract.document import read
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions

PAGE_URL = "https://www.example.com/dir/page.html"


def read_html(html, url=PAGE_URL, content_type="text/html; charset=utf-8", **options):
    body = html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass")
    return read(RawPage(url, body, content_type), ReadingOptions(**options))


def read_well(html, **options):
    document = read_html(html, **options)
    assert document.error == ""
    assert document.error_code == ""
    return document
