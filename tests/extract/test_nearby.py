"""Authors and dates that only the text around the headline tells."""

import pytest
import turbohtml

from nephila.extract.metadata import read_metadata
from nephila.extract.nearby import lines_around


def read(lines, *, before=""):
    body = "".join(f"<p>{line}</p>" for line in lines)
    page = f"<title>How spiders weave</title><nav>News 2019-01-01</nav>{before}<h1>How spiders weave</h1>{body}"
    metadata = read_metadata(turbohtml.parse(page), "https://www.example.com/x")
    return metadata["author"], metadata.get("published_date")


@pytest.mark.parametrize(
    ("lines", "author", "date"),
    [
        (["By <a>Ada Weaver</a> on May 3, 2024"], "Ada Weaver", "2024-05-03"),
        (["Von Ada Weaver | 3. Mai 2024"], "Ada Weaver", "2024-05-03"),
        (["3 mai 2024", "par Ada Weaver"], "Ada Weaver", "2024-05-03"),
        (["Posted by ada1984, 04 Jun 2024, 10:11"], "ada1984", "2024-06-04"),
        (["Autor: Ada Weaver", "Stand: 03.05.2024"], "Ada Weaver", "2024-05-03"),
        (["2024-05-03", "Written by", "Ada Weaver"], "Ada Weaver", "2024-05-03"),
        (["Ada Weaver", "May 3, 2024 · 4 min read"], "Ada Weaver", "2024-05-03"),
        (["5 min read · By Ada Weaver", "Updated: June 1, 2024", "Published: May 3, 2024"], "Ada Weaver", "2024-05-03"),
        (["Updated: June 1, 2024"], None, "2024-06-01"),
        (["Spiders weave by night, and they do so in every garden of the world, as everybody knows." * 2], None, None),
        (["4 min read", "12 comments"], None, None),
    ],
)
def test_lines_below_the_headline(lines, author, date):
    found = read(lines)
    assert found == (author, date or "2019-01-01")


def test_lines_above_the_headline():
    assert read([], before="<div>May 3, 2024 | by Ada Weaver</div>") == ("Ada Weaver", "2024-05-03")


def test_an_inline_element_does_not_break_a_line_and_scripts_say_nothing():
    tree = turbohtml.parse(
        "<p>By <b>Ada</b> <i>Weaver</i><h1>T</h1><script>By Nobody</script><div>one<div>two</div></div>"
    )
    heading = tree.find("h1")
    assert heading is not None
    assert lines_around(heading) == (["By Ada Weaver"], ["one", "two"])


def test_a_huge_page_is_not_walked():
    tree = turbohtml.parse("<h1>T</h1>" + "<p>line</p>" * 200_000)
    heading = tree.find("h1")
    assert heading is not None
    assert len(lines_around(heading)[1]) < 400
