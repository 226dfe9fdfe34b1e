"""Where on the page links stand."""

import pytest

from tests.extract.reading import read_well


def position_of(html):
    (link,) = read_well(html).links["external"]
    return link.get("position", "")


@pytest.mark.parametrize(
    ("html", "position"),
    [
        ("<nav><ul><li>LINK</ul></nav>", "nav"),
        ("<main><p>LINK</p></main>", "main"),
        ("<aside>LINK</aside>", "aside"),
        ("<header>LINK</header>", "header"),
        ("<footer><p>LINK</p></footer>", "footer"),
        ("<article><p>LINK</p></article>", "main"),
        ("<main><article><header>LINK</header></article></main>", "main"),
        ("<header><nav>LINK</nav></header>", "nav"),
        ("<main><nav>LINK</nav></main>", "nav"),
        ("<footer><article>LINK</article></footer>", "footer"),
        ("<div role=navigation>LINK</div>", "nav"),
        ("<div role=contentinfo><p>LINK</p></div>", "footer"),
        ("<div><p>LINK</p></div>", ""),
    ],
)
def test_position(html, position):
    assert position_of(html.replace("LINK", "<a href=https://other.example/a>a</a>")) == position


def test_no_position_where_the_page_says_none():
    (link,) = read_well("<p><a href=https://other.example/>a</a></p>").links["external"]
    assert "position" not in link
