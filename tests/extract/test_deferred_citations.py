"""Citations that are made when somebody reads them."""

import copy
import pickle

from nephila.extract import wire
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions
from nephila.result import StringCompatibleMarkdown

HTML = '<p>See <a href="https://other.example/a" title="t">this</a>.</p>'
CITED = "See this\u27e81\u27e9."
REFERENCES = "\n\n## References\n\n\u27e81\u27e9 https://other.example/a: t - this\n"


def made():
    return DefaultMarkdownGenerator(content_filter=None).generate_markdown(HTML)


def test_made_once_when_read():
    result = made()
    assert result.deferred_citations is not None
    assert (result.markdown_with_citations, result.references_markdown) == (CITED, REFERENCES)
    assert result.deferred_citations is None


def test_equal_and_shown_as_if_they_had_been_made_at_once():
    first, second = made(), made()
    assert second.references_markdown == REFERENCES
    assert first == second
    assert repr(made()) == repr(second)


def test_copies_hold_them():
    for copied in (copy.copy(made()), copy.deepcopy(made()), pickle.loads(pickle.dumps(made()))):
        assert (copied.markdown_with_citations, copied.references_markdown) == (CITED, REFERENCES)


def test_across_the_wire():
    page = RawPage("https://x.example/", HTML.encode(), "text/html")
    encoded = wire.read_to_bytes(page, ReadingOptions())
    assert "\u27e8".encode() not in encoded
    markdown = wire.decode(encoded).markdown
    assert (markdown.raw_markdown.startswith("See [this]"), markdown.markdown_with_citations) == (True, CITED)
    assert markdown.references_markdown == REFERENCES


def test_made_at_once_where_options_change_the_text_afterwards():
    result = DefaultMarkdownGenerator(options={"protect_links": True}).generate_markdown(HTML)
    assert result.deferred_citations is None
    assert "\u27e81\u27e9" in result.markdown_with_citations


def test_a_result_counts_only_what_is_in_memory():
    markdown = StringCompatibleMarkdown(made())
    assert markdown.held_texts() == [markdown]
    assert markdown.references_markdown == REFERENCES
    assert len(markdown.held_texts()) == 3
