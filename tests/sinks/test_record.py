from __future__ import annotations

import json

import pytest

from nephila.models import MarkdownGenerationResult
from nephila.result import CrawlResult, StringCompatibleMarkdown
from nephila.sinks import record


def result() -> CrawlResult:
    markdown = MarkdownGenerationResult("# Tïtle\n", "cited", "references", "fit", "<p>")
    return CrawlResult(
        url="https://a.example/",
        success=True,
        html="<p>x</p>",
        body=b"<p>x</p>",
        status_code=200,
        markdown=StringCompatibleMarkdown(markdown),
        metadata={"title": "Tïtle", "description": None},
    )


def test_fields_come_in_the_order_asked() -> None:
    names = record.parse_fields(" title, url ,markdown,,url")
    assert names == ("title", "url", "markdown")
    assert record.record(result(), names) == {"title": "Tïtle", "url": "https://a.example/", "markdown": "# Tïtle\n"}


def test_shorthands_and_bytes() -> None:
    names = record.parse_fields("fit_markdown,references_markdown,language,body")
    assert record.record(result(), names) == {
        "fit_markdown": "fit",
        "references_markdown": "references",
        "language": None,
        "body": "PHA+eDwvcD4=",
    }


def test_all_is_everything_and_is_json() -> None:
    data = json.loads(record.encode(record.record(result(), record.parse_fields("all"))))
    dumped = result().model_dump()
    assert data["markdown"] == "# Tïtle\n"
    assert {name: value for name, value in data.items() if name in dumped and name != "markdown"} == {
        name: value for name, value in json.loads(result().model_dump_json()).items() if name != "markdown"
    }
    assert set(data) == set(record.known_fields())


def test_default_and_index_fields_exist() -> None:
    assert set(record.DEFAULT_FIELDS) | set(record.INDEX_FIELDS) <= set(record.known_fields())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("url,titel", "there is no field 'titel'; did you mean 'title'?"),
        ("Markdown", "did you mean 'markdown'?"),
        ("zzzzzz", "there is no field 'zzzzzz'; choose from: url,"),
        (" , ", "no field is named"),
    ],
)
def test_unknown_field_names_the_nearest(text: str, sentence: str) -> None:
    with pytest.raises(record.UnknownFieldError) as caught:
        record.parse_fields(text)
    assert sentence in str(caught.value)
