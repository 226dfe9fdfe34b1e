"""The floors of `make quality` that need nothing but the repository."""

from benchmarks.quality import round_trip


def test_commonmark_examples_come_back():
    score = round_trip.commonmark()
    assert score.total == 580
    assert score.exact >= round_trip.COMMONMARK_EXACT, score.failed
    assert score.lenient >= round_trip.COMMONMARK_LENIENT, score.changed


def test_gfm_examples_come_back():
    score = round_trip.gfm()
    assert (score.total, score.exact) == (23, round_trip.GFM_EXACT), score.failed


def test_a_change_is_seen():
    assert round_trip.normalized("<ul><li>a</li></ul>") != round_trip.normalized("<ul><li><p>a</p></li></ul>")
    same = [
        round_trip.normalized(html, lists_alike=True) for html in ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>")
    ]
    assert same[0] == same[1]
    assert round_trip.normalized("<p>a\xa0b</p>") != round_trip.normalized("<p>a b</p>")
    assert round_trip.normalized("<pre>a  b</pre>") != round_trip.normalized("<pre>a b</pre>")
