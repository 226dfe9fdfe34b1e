"""The strategies that take records out of a page by a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import turbohtml

from nephila.errors import UnsupportedOptionError
from nephila.extract.structured.engine import Extraction, extract_records
from nephila.extract.structured.schema import Schema, checked_schema
from nephila.extract.structured.selectors import CssSelector, Selector, xpath_or_css
from nephila.models import JSONValue
from nephila.options.strategies import ExtractionStrategy


class NoExtractionStrategy(ExtractionStrategy):
    """Extracts nothing: `extracted_content` stays None."""

    def extract(self, url: str, html: str) -> list[dict[str, JSONValue]]:
        """Return the piece itself as one record with `index` and `content`."""
        return [{"index": 0, "content": html}]


class SchemaExtractionStrategy(ExtractionStrategy):
    """What the strategies with a schema have in common; they differ in the kind of selectors.

    The schema is a dict with `baseSelector`, which selects the elements that become records, `fields`, and if wanted
    `name` and `baseFields`. See docs/extraction.md for the fields.

    Args:
        schema: The schema; it is checked here, and never changed.
        verbose: Kept for its name; what matched nothing is in the result's `warnings`.

    Raises:
        ConfigError: The schema has a fault; the sentence begins with its place.
    """

    def __init__(self, schema: Mapping[str, object], verbose: bool = False) -> None:
        super().__init__("html", verbose)
        self.schema = dict(schema) if isinstance(schema, Mapping) else schema
        self._checked: Schema = checked_schema(self.schema, self._selector)

    def __getstate__(self) -> dict[str, object]:
        # Compiled selectors cannot be sent to another process.
        return {name: value for name, value in self.__dict__.items() if name != "_checked"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._checked = checked_schema(self.schema, self._selector)

    @staticmethod
    def _selector(source: str) -> Selector:
        """The selector of this strategy's kind."""
        return CssSelector(source)

    @property
    def has_patterns(self) -> bool:
        """Whether the schema has regular expressions, which may take long on some text."""
        return self._checked.has_patterns

    def extract(self, url: str, html: str) -> list[dict[str, JSONValue]]:
        """Return the records of a page, in document order."""
        tree = turbohtml.parse(html)
        for template in tree.find_all("template"):
            template.clear()
        return self.extract_tree(tree).records

    def extract_tree(self, tree: turbohtml.Node) -> Extraction:
        """The same for a page that is parsed already, with warnings about what matched nothing."""
        return extract_records(self._checked, tree)

    @staticmethod
    def generate_schema(*args: object, **options: object) -> NoReturn:
        """Not built.

        Raises:
            UnsupportedOptionError: Always.
        """
        raise UnsupportedOptionError("Schemas made by a language model are not built yet; write the schema by hand.")

    @staticmethod
    async def agenerate_schema(*args: object, **options: object) -> NoReturn:
        """Not built.

        Raises:
            UnsupportedOptionError: Always.
        """
        SchemaExtractionStrategy.generate_schema()


class JsonCssExtractionStrategy(SchemaExtractionStrategy):
    """Takes records out of a page by CSS selectors."""


class JsonXPathExtractionStrategy(SchemaExtractionStrategy):
    """Takes records out of a page by XPath 1.0.

    A path that begins with `/` starts at the document, whatever the element; `./` and `.//` start at the element.
    Simple CSS such as `div.card` is accepted too.
    """

    @staticmethod
    def _selector(source: str) -> Selector:
        return xpath_or_css(source)


class JsonLxmlExtractionStrategy(JsonCssExtractionStrategy):
    """The same as `JsonCssExtractionStrategy`, under the name of the variant that was faster elsewhere.

    Args:
        schema: The schema.
        verbose: Kept for its name.
        use_caching: Kept for its name: nothing is remembered from page to page.
        optimize_common_patterns: Kept for its name: every selector takes the same fast way.
    """

    def __init__(
        self,
        schema: Mapping[str, object],
        verbose: bool = False,
        use_caching: bool = True,
        optimize_common_patterns: bool = True,
    ) -> None:
        super().__init__(schema, verbose)
        self.use_caching = use_caching
        self.optimize_common_patterns = optimize_common_patterns
