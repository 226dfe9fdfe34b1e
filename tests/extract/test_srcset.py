import pytest
from hypothesis import given, strategies as st

from nephila.extract.srcset import MAX_CANDIDATES, parse_srcset


@pytest.mark.parametrize(
    ("value", "candidates"),
    [
        ("", []),
        (" , ,, ", []),
        ("a.png", [("a.png", None)]),
        ("a.png 2x", [("a.png", None)]),
        ("a.png 640w", [("a.png", 640)]),
        ("a.png 640w, b.png 1280w", [("a.png", 640), ("b.png", 1280)]),
        ("a.png 640w,\n\t b.png 1280w", [("a.png", 640), ("b.png", 1280)]),
        ("a.png 640w,b.png 1280w", [("a.png", 640), ("b.png", 1280)]),
        ("a.png, b.png 2x", [("a.png", None), ("b.png", None)]),
        ("a.png,b.png 2x", [("a.png,b.png", None)]),
        ("a.png,", [("a.png", None)]),
        (",a.png 1x,", [("a.png", None)]),
        ("a.png 640w 480h, b.png", [("a.png", 640), ("b.png", None)]),
        ("/w_100,h_50/a.png 100w, /w_200,h_90/a.png 200w", [("/w_100,h_50/a.png", 100), ("/w_200,h_90/a.png", 200)]),
        ("data:image/png;base64,AA== 1x, b.png 2x", [("data:image/png;base64,AA==", None), ("b.png", None)]),
        ("a.png 1.5x", [("a.png", None)]),
        ("a.png xw, b.png 99999999999w", [("a.png", None), ("b.png", None)]),
    ],
)
def test_candidates(value, candidates):
    assert parse_srcset(value) == candidates


def test_the_number_is_bounded():
    assert len(parse_srcset("a.png 1x, " * 1000)) == MAX_CANDIDATES
    assert len(parse_srcset("a.png 1x,b.png 2x," * 1000)) == MAX_CANDIDATES


@given(st.text(alphabet="ab ,\t\n1xw:/;", max_size=200))
def test_any_text(value):
    for url, width in parse_srcset(value):
        assert url
        assert url == url.strip()
        assert width is None or width >= 0
