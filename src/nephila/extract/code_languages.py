"""What language a code block declares, in the ways of the common highlighters."""

from __future__ import annotations

import re

from turbohtml import Element

_PREFIXED = re.compile(
    r"(?:lang|highlight-source|highlight-text|highlight|brush|code)-([\w+#.-]{1,40})\Z|language-([^\s`]{1,40})\Z"
)
_NAME = re.compile(r"[A-Za-z][\w+#.-]{0,39}\Z")
_MARKERS = frozenset({"hljs", "sourcecode", "brush:", "prettyprint", "syntaxhighlighter", "shiki"})
"""Classes of highlighters that name the language in the class beside them."""
_NO_LANGUAGES = frozenset(
    {
        "none",
        "default",
        "nohighlight",
        "no-highlight",
        "linenums",
        "numbersource",
        "wrapper",
        "code",
        "block",
        "toolbar",
    }
    | {"numberlines", "lineanchors", "copy", "source", "highlight", "container", "line-numbers", "text-html-basic"}
    | {"body", "content", "example", "sample", "snippet", "area", "box", "inline", "nowrap", "tab-size", "title"}
)
_KNOWN = frozenset(
    """
    abap ada apache applescript asm awk bash basic batch bat c clojure cmake cobol coffeescript cpp csharp css cuda
    cython d dart diff docker dockerfile elixir elm erlang fish fortran fsharp gherkin glsl go golang gradle graphql
    groovy haml handlebars haskell hcl html http ini java javascript jinja js json json5 jsonc jsx julia kotlin latex
    less lisp llvm lua makefile markdown matlab mdx mermaid nginx nim nix objc objectivec ocaml octave pascal perl php
    plaintext postgresql powershell prolog properties protobuf ps1 puppet py pycon python python3 pytb r racket rb
    reason rst ruby rust sass scala scheme scss sh shell shellsession smalltalk solidity sparql sql stylus svelte swift
    tcl terraform tex text toml ts tsx twig typescript vb vbnet verilog vhdl vim vue wasm xml xslt yaml yml zig zsh
    console c++ c# f#
    """.split()
)
"""Names that are taken for a language when they are a class of the block itself."""

_LEVELS = 7


def language_of(block: Element) -> str:
    """The language the block or what is around it declares, or an empty string."""
    code = block.find("code")
    nearest = [block] if code is None else [code, block]
    for ancestor in block.ancestors:
        if not isinstance(ancestor, Element) or len(nearest) >= _LEVELS or ancestor.tag not in _AROUND:
            break
        nearest.append(ancestor)
    for element in nearest:
        for name in ("data-language", "data-lang", "data-enlighter-language"):
            value = (element.attr(name) or "").strip().lower()
            if _NAME.match(value):
                return "" if value in _NO_LANGUAGES else value
        classes = (element.attr("class") or "").split()
        if classes:
            found = _of_classes(classes)
            if found is None and element.tag in ("pre", "code", "figure", "div"):
                found = next((token for token in classes if token.lower() in _KNOWN), None)
            if found is not None:
                return found
    return ""


_AROUND = ("div", "figure", "td", "tr", "tbody", "table")


def _of_classes(classes: list[str]) -> str | None:
    """The language that classes name; an empty string when they say there is none."""
    for token in classes:
        match = _PREFIXED.match(token)
        if match:
            name = match[1] or match[2]
            if name.lower() not in _NO_LANGUAGES:
                return name
            if name.lower() in ("none", "nohighlight") and token.startswith("lang"):
                return ""
    for index, token in enumerate(classes):
        lowered = token.lower()
        if lowered.startswith("brush:") and _NAME.match(lowered[6:].rstrip(";")):
            return lowered[6:].rstrip(";")
        if lowered in _MARKERS:
            for other in classes[index + 1 :] + classes[:index]:
                name = other.rstrip(";")
                if name.lower() in _KNOWN or (lowered in ("brush:", "hljs", "sourcecode") and _is_name(name)):
                    return name
            return None
    return None


def _is_name(name: str) -> bool:
    return _NAME.match(name) is not None and name.lower() not in _NO_LANGUAGES and "-" not in name
