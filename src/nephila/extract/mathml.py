"""Presentation MathML to TeX (MathML Core and MathML 3, chapter 3)."""

from __future__ import annotations

import turbohtml
from turbohtml import Element

MAX_NODES = 5_000
"""Nodes of one formula that are read; the text of a larger one is taken as it is."""

MAX_TEXT = 5_000
"""Characters of one formula that is read."""

_NO_CONTENT = frozenset({"annotation", "annotation-xml", "mprescripts", "none", "mphantom"})
_SYMBOLS = {
    "×": r"\times", "÷": r"\div", "±": r"\pm", "∓": r"\mp", "⋅": r"\cdot", "·": r"\cdot", "∞": r"\infty",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv", "∝": r"\propto", "∼": r"\sim",
    "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset",
    "∀": r"\forall", "∃": r"\exists", "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "→": r"\to", "⇒": r"\Rightarrow",
    "←": r"\leftarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "∮": r"\oint", "∂": r"\partial", "∇": r"\nabla", "√": r"\surd", "…": r"\ldots", "⋯": r"\cdots", "′": "'",
    "−": "-", "∗": "*", "∘": r"\circ", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "⊕": r"\oplus", "⊗": r"\otimes",
    "⊥": r"\perp", "∥": r"\parallel", "∠": r"\angle", "°": r"^\circ", "ℏ": r"\hbar", "ℓ": r"\ell",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu",
    "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon",
    "φ": r"\varphi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta",
    "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi",
    "Ω": r"\Omega", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}",
    "ℂ": r"\mathbb{C}", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "\\": r"\backslash",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\xa0": " ",
}  # fmt: skip
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp lim max min sup inf det dim gcd arg ker"
    " deg hom Pr".split()
)
_OVER = {"^": r"\hat", "ˆ": r"\hat", "¯": r"\bar", "‾": r"\overline", "_": r"\underline", "→": r"\vec", "⃗": r"\vec",
         "˙": r"\dot", "¨": r"\ddot", "~": r"\tilde", "˜": r"\tilde", "⏞": r"\overbrace", "⏟": r"\underbrace",
         "―": r"\overline"}  # fmt: skip
_LARGE = frozenset({r"\sum", r"\prod", r"\int", r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\bigcup", r"\bigcap"})


def tex_of_mathml(math: Element) -> str:
    """The TeX of a formula, without recursion; unknown elements leave their content behind."""
    results: dict[turbohtml.Node, str] = {}
    waiting: list[tuple[turbohtml.Node, bool]] = [(math, False)]
    for _ in range(MAX_NODES if len(math.text) <= MAX_TEXT else 0):
        if not waiting:
            return " ".join(results.get(math, "").split())
        node, is_read = waiting.pop()
        if not isinstance(node, Element):
            continue
        if node.tag in _NO_CONTENT:
            results[node] = ""
        elif is_read or node.tag in ("mi", "mo", "mn", "mtext", "ms"):
            results[node] = _written(node, [results.pop(child, "") for child in node.children if _is_element(child)])
        else:
            waiting.append((node, True))
            waiting += [(child, False) for child in node.children]
    return " ".join(math.text.split())


def _is_element(node: turbohtml.Node) -> bool:
    return isinstance(node, Element)


def _written(element: Element, parts: list[str]) -> str:
    """One element, its children already written."""
    tag = element.tag
    if tag in ("mi", "mo", "mn", "mtext", "ms"):
        return _token(element, tag)
    needed = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}
    if len(parts) < needed.get(tag, 0):
        return _joined(parts)
    match tag:
        case "mfrac":
            return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
        case "msqrt":
            return rf"\sqrt{{{_joined(parts)}}}"
        case "mroot":
            return rf"\sqrt[{parts[1]}]{{{parts[0]}}}"
        case "msup":
            return f"{_base(parts[0])}{_script('^', parts[1])}"
        case "msub":
            return f"{_base(parts[0])}{_script('_', parts[1])}"
        case "msubsup" | "munderover":
            return f"{_base(parts[0])}{_script('_', parts[1])}{_script('^', parts[2])}"
        case "mover" | "munder":
            return _accented(tag, parts)
        case "mtable":
            rows = r" \\ ".join(parts)
            return rf"\begin{{matrix}} {rows} \end{{matrix}}"
        case "mtr" | "mlabeledtr":
            return " & ".join(parts)
        case "mspace":
            return " "
        case "mfenced":
            opening = element.attr("open", "(") or ""
            closing = element.attr("close", ")") or ""
            return rf"\left{_fence(opening)}{', '.join(parts)}\right{_fence(closing)}"
    return _joined(parts)


def _token(element: Element, tag: str) -> str:
    text = " ".join(element.text.split())
    if tag in ("mtext", "ms"):
        return rf"\text{{{text}}}" if text else " "
    if text in _FUNCTIONS:
        return "\\" + text
    written = _joined([_SYMBOLS.get(character, character) for character in text])
    if tag == "mi" and len(text) > 1 and text.isalpha() and written == text:
        return rf"\mathrm{{{text}}}"
    return written


def _joined(parts: list[str]) -> str:
    """The parts in a row, a space where a command would run into a letter."""
    pieces: list[str] = []
    for part in parts:
        if pieces and part[:1].isalpha() and _ends_in_command(pieces[-1]):
            pieces.append(" ")
        if part:
            pieces.append(part)
    return "".join(pieces)


def _ends_in_command(text: str) -> bool:
    end = len(text)
    while end and text[end - 1].isalpha():
        end -= 1
    return 0 < end < len(text) and text[end - 1] == "\\"


def _base(text: str) -> str:
    return text if len(text) <= 1 or text in _LARGE or (text[0] == "\\" and text[1:].isalpha()) else f"{{{text}}}"


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return f"{mark}{text}" if len(text) == 1 else text if set(text) == {"'"} else f"{mark}{{{text}}}"


def _accented(tag: str, parts: list[str]) -> str:
    base, mark = parts[0], parts[1]
    for symbol, command in _OVER.items():
        if mark in (symbol, _SYMBOLS.get(symbol)):
            return rf"{command}{{{base}}}"
    if tag == "mover":
        return f"{base}{_script('^', mark)}" if base in _LARGE else rf"\overset{{{mark}}}{{{base}}}"
    return f"{base}{_script('_', mark)}" if base in _LARGE else rf"\underset{{{mark}}}{{{base}}}"


def _fence(text: str) -> str:
    return {"{": r"\{", "}": r"\}", "": "."}.get(text, text)
