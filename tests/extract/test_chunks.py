import time
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from nephila import ConfigError, MarkdownChunker
from nephila.extract.markdown_blocks import markdown_blocks
from nephila.extract.tokens import approximate_tokens

TEXT = """Intro before any heading.

# Guide

## Install

Run this. It takes a minute. Then wait.

```sh
# not a heading
pip install it

pip check
```

## Use ##

| a | b |
| - | - |
| 1 | 2 |

More words here. And more.

### Deeper

Deep text.

# Next

End.
"""


def words(text):
    return len(text.split())


def check(chunks, text):
    """What holds for every way: spans, texts, limits of the span."""
    assert chunks[0].start == 0 and chunks[-1].end == len(text)
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in chunks)
    for before, after in pairwise(chunks):
        assert before.start < after.start <= before.end < after.end
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_blocks():
    kinds = [(block.kind, block.heading_path) for block in markdown_blocks(TEXT)]
    assert kinds[:5] == [
        ("text", ()), ("heading", ("Guide",)), ("heading", ("Guide", "Install")), ("text", ("Guide", "Install")),
        ("code", ("Guide", "Install")),
    ]  # fmt: skip
    assert ("table", ("Guide", "Use")) in kinds
    assert kinds[-1] == ("text", ("Next",))


def test_by_headings_every_section_is_a_piece():
    chunks = MarkdownChunker().split(TEXT, "https://a.example/")
    check(chunks, TEXT)
    assert [chunk.heading_path for chunk in chunks] == [
        (), ("Guide", "Install"), ("Guide", "Use"), ("Guide", "Use", "Deeper"), ("Next",)
    ]  # fmt: skip
    assert "".join(chunk.text for chunk in chunks) == TEXT
    assert chunks[1].text.startswith("# Guide\n\n## Install")
    assert {chunk.url for chunk in chunks} == {"https://a.example/"}


def test_long_sections_are_cut_between_paragraphs_and_sentences():
    text = "# A\n\n" + "\n\n".join(f"First {n} one. Second {n} two." for n in range(10))
    chunks = MarkdownChunker(max_tokens=12, tokenizer=words).split(text)
    check(chunks, text)
    assert all(chunk.tokens <= 12 and chunk.heading_path == ("A",) for chunk in chunks)
    assert all(chunk.text.rstrip().endswith("two.") for chunk in chunks)


def test_code_and_tables_stay_whole_while_they_fit():
    text = "Words. " * 30 + "\n\n```\n" + "line\n" * 20 + "```\n\n| a |\n| - |\n" + "| 1 |\n" * 5 + "\nEnd."
    for by in ("headings", "sentences", "tokens"):
        chunks = MarkdownChunker(by, max_tokens=25, tokenizer=words).split(text)
        check(chunks, text)
        assert sum("```" in chunk.text for chunk in chunks) == 1
        assert sum("|" in chunk.text for chunk in chunks) == 1
        small = MarkdownChunker(by, max_tokens=8, tokenizer=words).split(text)
        check(small, text)
        assert all(chunk.tokens <= 8 for chunk in small)
        assert all(chunk.text.endswith("\n") for chunk in small if "line" in chunk.text)


def test_sentences_are_not_cut():
    text = "One two three. Four five six. Seven eight. Nine."
    chunks = MarkdownChunker("sentences", max_tokens=6, tokenizer=words).split(text)
    check(chunks, text)
    assert [chunk.text.strip() for chunk in chunks] == ["One two three. Four five six.", "Seven eight. Nine."]
    chunks = MarkdownChunker("sentences", max_tokens=6, overlap=3, tokenizer=words).split(text)
    check(chunks, text)
    assert [chunk.text.strip() for chunk in chunks] == [
        "One two three. Four five six.", "Four five six. Seven eight. Nine."
    ]  # fmt: skip


def test_tokens_slide():
    text = " ".join(f"w{number}" for number in range(25))
    chunks = MarkdownChunker("tokens", max_tokens=10, overlap=4, tokenizer=words).split(text)
    check(chunks, text)
    assert [chunk.text.split()[0] for chunk in chunks] == ["w0", "w6", "w12", "w18"]
    assert all(chunk.tokens <= 10 for chunk in chunks)


def test_ids_are_those_of_the_piece_not_of_what_is_around_it():
    before = {chunk.text: chunk.id for chunk in MarkdownChunker().split(TEXT, "u")}
    after = {chunk.text: chunk.id for chunk in MarkdownChunker().split(TEXT.replace("Intro", "A longer intro"), "u")}
    assert sum(before[text] == after.get(text) for text in before) == len(before) - 1
    assert MarkdownChunker().split(TEXT, "u")[0].id != MarkdownChunker().split(TEXT, "v")[0].id
    twice = MarkdownChunker().split("# A\n\nx\n\n# A\n\nx\n\n# A\n\nx\n\n")
    assert len({chunk.id for chunk in twice}) == 3


def test_as_a_chunking_strategy():
    chunker = MarkdownChunker("sentences", max_tokens=40)
    assert chunker.chunk(TEXT) == [chunk.text for chunk in chunker.split(TEXT)]
    assert chunker.dump_params() == {"by": "sentences", "max_tokens": 40}
    assert MarkdownChunker().split(" \n ") == []


@pytest.mark.parametrize(
    "options", [{"by": "pages"}, {"max_tokens": 0}, {"overlap": -1}, {"max_tokens": 5, "overlap": 5}]
)
def test_ranges(options):
    with pytest.raises(ConfigError):
        MarkdownChunker(**options)


def test_a_tokenizer_may_give_the_tokens_themselves():
    assert MarkdownChunker(tokenizer=str.split).split("one two")[0].tokens == 2


def test_approximate_tokens():
    assert approximate_tokens("") == approximate_tokens(" \n") == 0
    assert approximate_tokens("The quick brown fox") == 4
    assert approximate_tokens("漢字仮名") == 4
    assert approximate_tokens("1234567") == 3
    assert approximate_tokens("internationalization") == 3


pieces = st.sampled_from(
    ["# H\n", "## H2\n", "text. More text! ", "word " * 9, "\n", "\n\n", "```\n", "~~~py\n", "| a | b |\n", "- item\n",
     "漢字。", "x" * 60, " ", "> q\n", "# \n", "#no\n", "    "]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(pieces, max_size=25), st.sampled_from(["headings", "sentences", "tokens"]), st.integers(1, 30), st.data()
)
def test_any_text_is_covered_within_the_limit(parts, by, limit, data):
    text = "".join(parts)
    overlap = data.draw(st.integers(0, limit - 1))
    chunks = MarkdownChunker(by, limit, overlap).split(text)
    if not text.strip():
        assert chunks == []
        return
    check(chunks, text)
    # The estimate rounds: the sum of parts may be off by one half each.
    assert all(chunk.tokens <= limit + 2 for chunk in chunks)
    if not overlap:
        assert "".join(chunk.text for chunk in chunks) == text


@pytest.mark.parametrize("bait", ["a", "\n", " \n", "# a\n", "```\n", "| a |\n", "a. ", "> ", "é", "- ```\n", "\t"])
def test_bait_takes_linear_time(bait):
    def seconds(size):
        start = time.perf_counter()
        MarkdownChunker(overlap=20, max_tokens=100).split("x" + bait * (size // len(bait)))
        return time.perf_counter() - start

    assert seconds(200_000) < 40 * max(seconds(20_000), 0.01)
