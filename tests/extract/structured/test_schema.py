import pytest

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.structured.strategies import (
    JsonCssExtractionStrategy,
    JsonLxmlExtractionStrategy,
    JsonXPathExtractionStrategy,
)

TEXT = {"name": "a", "type": "text"}


def fields(*given, **schema):
    return {"baseSelector": "div", "fields": list(given), **schema}


def deep(levels):
    field = TEXT
    for _ in range(levels):
        field = {"name": "n", "type": "nested", "fields": [field]}
    return fields(field)


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ([], "The schema is a dict, not a list"),
        ({"fields": [TEXT]}, "baseSelector: it is missing"),
        ({"baseSelector": " ", "fields": [TEXT]}, "baseSelector: a selector is needed, not ' '"),
        ({"baseSelector": "div["}, r"baseSelector: 'div\[' is not a valid CSS selector: "),
        ({"baseSelector": "div"}, "fields: a list of fields is needed, not None"),
        ({"baseSelector": "div", "fields": []}, "fields: there are none"),
        (fields(TEXT, basefields=[]), r"schema: there is no 'basefields' here \(did you mean 'baseFields'"),
        (fields("title"), r"fields\[0\]: a field is a dict, not 'title'"),
        (fields(TEXT, {"type": "text"}), r"fields\[1\].name: a string is needed, not None"),
        (fields(TEXT, TEXT), r"fields\[1\].name: 'a' is the name of fields\[0\] already"),
        (fields(TEXT, baseFields=[TEXT]), r"fields\[0\].name: 'a' is the name of baseFields\[0\] already"),
        (fields({"name": "a"}), r"fields\[0\].type: one of text, .* is needed, not None"),
        (fields({"name": "a", "type": "txt"}), r"fields\[0\].type: .*not 'txt' \(did you mean 'text'\?"),
        (fields({"name": "a", "type": []}), r"fields\[0\].type: the list is empty"),
        (
            fields({"name": "a", "type": ["text", "nested"]}),
            r"fields\[0\].type: a list holds text, attribute, html, regex",
        ),
        (
            fields({"name": "a", "type": ["regex", "text"], "pattern": "a"}),
            r"fields\[0\].type: .*only regex can follow",
        ),
        (fields({**TEXT, "selector": "a[href"}), r"fields\[0\].selector: 'a\[href' is not a valid CSS selector: "),
        (fields({**TEXT, "selector": 3}), r"fields\[0\].selector: a selector is needed, not 3"),
        (fields({**TEXT, "selctor": "a"}), r"fields\[0\]: there is no 'selctor' here \(did you mean 'selector'"),
        (fields({"name": "a", "type": "attribute"}), r"fields\[0\].attribute: the attribute's name is needed"),
        (fields({**TEXT, "attribute": "href"}), r"fields\[0\].attribute: it has no effect on the type text"),
        (fields({"name": "a", "type": "regex"}), r"fields\[0\].pattern: a regular expression is needed, not None"),
        (
            fields({"name": "a", "type": "regex", "pattern": "("}),
            r"fields\[0\].pattern: '\(' is not a regular expression",
        ),
        (fields({"name": "a", "type": "regex", "pattern": "x", "group": 2}), r"fields\[0\].group: 'x' has no group 2"),
        (
            fields({"name": "a", "type": "regex", "pattern": "x", "group": "n"}),
            r"fields\[0\].group: 'x' has no group 'n'",
        ),
        (fields({**TEXT, "pattern": "x"}), r"fields\[0\].pattern: it has no effect without the type regex"),
        (fields({**TEXT, "transform": "upper"}), r"fields\[0\].transform: .*not 'upper' \(did you mean 'uppercase'\?"),
        (fields({**TEXT, "source": "tr"}), r"fields\[0\].source: '\+ tag.class' or '~ tag.class' is needed, not 'tr'"),
        (fields({**TEXT, "source": "+ tr["}), r"fields\[0\].source: '\+ tr\[' is not a valid CSS selector"),
        (fields({"name": "a", "type": "nested"}), r"fields\[0\].fields: a list of fields is needed, not None"),
        (fields({"name": "a", "type": "list", "fields": []}), r"fields\[0\].fields: there are none"),
        (
            fields({"name": "a", "type": "nested", "fields": [{**TEXT, "selector": ":foo()"}]}),
            r"fields\[0\].fields\[0\].selector: ':foo\(\)' is not a valid CSS selector",
        ),
        (
            fields({"name": "a", "type": "list", "fields": [{"name": "b", "type": "nested", "fields": [TEXT]}]}),
            r"fields\[0\].fields\[0\].type: a list has single fields only; make it a nested_list",
        ),
        (
            fields({"name": "a", "type": "computed"}),
            r"fields\[0\]: a computed field has either a function or an expression",
        ),
        (fields({"name": "a", "type": "computed", "function": 3}), r"fields\[0\].function: something to call"),
        (
            fields({"name": "a", "type": "computed", "expression": "__import__('os')"}),
            r"fields\[0\].expression: the function __import__ is not allowed",
        ),
        (deep(25), r"fields nest deeper than 20 levels"),
    ],
)
def test_a_fault_is_told_by_its_place(schema, sentence):
    with pytest.raises(ConfigError, match=sentence):
        JsonCssExtractionStrategy(schema)


def test_xpath_faults_too():
    with pytest.raises(ConfigError, match=r"fields\[0\].selector: './a\[' is not a valid XPath: "):
        JsonXPathExtractionStrategy({"baseSelector": "//div", "fields": [{**TEXT, "selector": "./a["}]})


def test_the_callers_schema_is_not_changed_and_later_changes_have_no_effect():
    schema = fields({**TEXT, "selector": "p"})
    strategy = JsonCssExtractionStrategy(schema)
    schema["fields"] = []
    assert strategy.extract("", "<div><p>x</p></div>") == [{"a": "x"}]


def test_the_fast_variant_is_the_same():
    schema = fields({**TEXT, "selector": "p"})
    strategy = JsonLxmlExtractionStrategy(schema, use_caching=False, optimize_common_patterns=False)
    assert strategy.extract("", "<div><p>x</p></div>") == [{"a": "x"}]
    assert strategy.dump_params() == {"schema": schema, "use_caching": False, "optimize_common_patterns": False}


async def test_schemas_by_a_model_are_not_there():
    with pytest.raises(UnsupportedOptionError, match="not built yet"):
        JsonCssExtractionStrategy.generate_schema("<p>")
    with pytest.raises(UnsupportedOptionError, match="not built yet"):
        await JsonXPathExtractionStrategy.agenerate_schema("<p>")
