"""The pieces of code in README.md and docs/, and how they are run.

    ```python           runs. `await` outside a function is allowed: such a piece stands inside
                        `async with AsyncWebCrawler() as crawler:`.
    ```python no-run    is only compiled and type-checked.
    ```text             right after a piece of Python: what it prints.
    ```console          lines that begin with `$ ` are commands, the lines below each what it writes. Those of `nephila`
                        are run.

https://example.com is the pages of `tests.docs.pages`. Durations and speeds need not be the same.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"^(`{3,})([a-z]*)(?: (no-run))?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_MEASURED = re.compile(r"\d[\d.,]* (?=(?:s|ms|pages/s)\b)")


@dataclass(frozen=True)
class Block:
    """One piece of code.

    Attributes:
        document: The file it is in.
        line: Where in it.
        language: `python`, `console`, `text`, ...
        runs: Whether it is run.
        code: The text.
        output: What it prints; None when the document does not say.
    """

    document: Path
    line: int
    language: str
    runs: bool
    code: str
    output: str | None = None

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"

    @property
    def program(self) -> str:
        """The code as a whole program."""
        if not needs_loop(self.code):
            return self.code
        imports, rest = _parted(self.code)
        return (
            f"import asyncio\n\nfrom nephila import AsyncWebCrawler\n{imports}\n\nasync def main() -> None:\n"
            f"    async with AsyncWebCrawler() as crawler:\n{textwrap.indent(rest, ' ' * 8)}\n\n"
            "asyncio.run(main())\n"
        )


def _parted(code: str) -> tuple[str, str]:
    """The imports, and everything else."""
    tree = ast.parse(code)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = {line for node in imports for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    numbered = list(enumerate(code.splitlines(keepends=True), 1))
    return (
        "".join(line for number, line in numbered if number in lines),
        "".join(line for number, line in numbered if number not in lines),
    )


def needs_loop(code: str) -> bool:
    """Whether there is an `await` outside any function."""
    try:
        compile(code, "<block>", "exec")
    except SyntaxError as error:
        if "outside" in error.msg:
            return True
        raise
    return False


def blocks(document: Path) -> Iterator[Block]:
    """The pieces of code of one document."""
    text = document.read_text(encoding="utf-8")
    found = list(_FENCE.finditer(text))
    for index, fence in enumerate(found):
        _, language, mark, code = fence.groups()
        following = found[index + 1] if index + 1 < len(found) else None
        output = None
        if following and following[2] == "text" and not text[fence.end() : following.start()].strip():
            output = following[4]
        line = text.count("\n", 0, fence.start()) + 1
        yield Block(document, line, language, mark is None, code, output)


def all_blocks(language: str) -> list[Block]:
    """The pieces of code of all documents that are in a language."""
    return [block for document in DOCUMENTS for block in blocks(document) if block.language == language]


def commands(block: Block) -> list[tuple[str, str]]:
    """The commands of a `console` block, each with what it writes."""
    pairs: list[tuple[str, str]] = []
    for line in block.code.splitlines(keepends=True):
        if line.startswith("$ "):
            pairs.append((line[2:].strip(), ""))
        elif pairs:
            command, output = pairs[-1]
            pairs[-1] = (command, output + line)
    return pairs


def comparable(output: str) -> str:
    """Output without what no two runs have in common."""
    lines = (line.rstrip() for line in _MEASURED.sub("# ", output).strip().splitlines())
    return "\n".join(lines)
