"""Expressions over the fields of a record, interpreted here: nothing of them is ever run as Python code.

The grammar is a part of Python's expressions, read with `ast`: names of fields, literals, arithmetic, comparison,
boolean operators, `a if b else c`, subscripts, f-strings, and calls of the functions in `FUNCTIONS`, which may also be
written as methods of a string. Length, depth, and the size of every value on the way are limited.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from nephila.models import JSONValue

MAX_LENGTH: Final = 1_000
"""Characters of an expression."""
MAX_DEPTH: Final = 40
"""How deep its parts may nest."""
MAX_TEXT: Final = 1_000_000
"""Characters of a string, and items of a list, that a step may give."""
MAX_BITS: Final = 256
"""Size of an integer that a step may give."""

_SPEC = re.compile(r"(?:[^{}]?[<>=^])?[-+ ]?#?0?\d{0,3}[,_]?(?:\.\d{1,2})?[bcdeEfFgGosxX%]?\Z")


class ExpressionError(Exception):
    """An expression that cannot be used, or that has no value for a record; the sentence says why."""


class Expression:
    """A checked expression.

    Args:
        source: The expression.

    Raises:
        ExpressionError: It is none of the grammar, or exceeds a limit.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._root = _parsed(source)

    @property
    def names(self) -> frozenset[str]:
        """The fields it uses."""
        called = {id(node.func) for node in ast.walk(self._root) if isinstance(node, ast.Call)}
        return frozenset(
            node.id for node in ast.walk(self._root) if isinstance(node, ast.Name) and id(node) not in called
        )

    def __reduce__(self) -> tuple[type[Expression], tuple[str]]:
        return Expression, (self.source,)

    def __call__(self, fields: Mapping[str, JSONValue]) -> JSONValue:
        """Its value for a record; a field that the record does not have is None.

        Raises:
            ExpressionError: It has no value, such as None + 1 or a division by zero, or one beyond the limits.
        """
        try:
            return _value(self._root, fields)
        except (ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise ExpressionError(f"{type(error).__name__}: {error}") from None


def _parsed(source: str) -> ast.expr:
    if not isinstance(source, str) or not source.strip():
        raise ExpressionError("an expression is a string that is not empty")
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"it has more than {MAX_LENGTH:,} characters")
    try:
        root = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"it is not an expression: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("it is not an expression") from None
    level: list[ast.AST] = [root]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ExpressionError(f"it nests deeper than {MAX_DEPTH} levels")
        for node in level:
            _check(node)
        level = [child for node in level for child in _children(node)]
    return root


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that are looked at in their own right."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Call) and child is node.func:
            if isinstance(child, ast.Attribute):
                yield child.value
        elif not isinstance(child, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop):
            yield child


def _check(node: ast.AST) -> None:
    """Refuse what is not of the grammar."""
    fault = ""
    if isinstance(node, ast.Constant):
        if not (node.value is None or isinstance(node.value, bool | int | float | str)):
            fault = f"a {type(node.value).__name__}"
        elif isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
            fault = "so large a number"
    elif isinstance(node, ast.BinOp):
        fault = "" if type(node.op) in _BINARY else _named(node.op)
    elif isinstance(node, ast.UnaryOp):
        fault = "" if type(node.op) in _UNARY else _named(node.op)
    elif isinstance(node, ast.Compare):
        fault = next((_named(op) for op in node.ops if type(op) not in _COMPARE), "")
    elif isinstance(node, ast.Call):
        fault = _fault_of_call(node)
    elif isinstance(node, ast.Attribute):
        fault = f"the attribute .{node.attr}"
    elif not isinstance(node, _PLAIN_NODES):
        fault = _named(node)
    if fault:
        raise ExpressionError(f"{fault} is not allowed in an expression")


def _fault_of_call(node: ast.Call) -> str:
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        return "a call with keywords or *"
    if isinstance(node.func, ast.Name):
        return "" if node.func.id in FUNCTIONS else f"the function {node.func.id}"
    if isinstance(node.func, ast.Attribute):
        return "" if node.func.attr in _METHODS else f"the method .{node.func.attr}"
    return "such a call"


def _named(node: ast.AST) -> str:
    return type(node).__name__


_PLAIN_NODES: Final = (
    ast.Name, ast.BoolOp, ast.IfExp, ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.JoinedStr, ast.FormattedValue,
)  # fmt: skip


def _bounded(value: JSONValue) -> JSONValue:
    """The value, when it is within the limits."""
    if isinstance(value, str | list) and len(value) > MAX_TEXT:
        raise ExpressionError(f"a value on the way has more than {MAX_TEXT:,} parts")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ExpressionError("a number on the way is too large")
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("a number on the way is not finite")
    return value


def _value(node: ast.AST | None, fields: Mapping[str, JSONValue]) -> JSONValue:
    """The value of a node; every step's is checked, so none grows without limit."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as constant):
            return constant
        case ast.Name(id=name):
            return fields.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            return _bounded(_BINARY[type(op)](_value(left, fields), _value(right, fields)))
        case ast.UnaryOp(op=op, operand=operand):
            return _bounded(_UNARY[type(op)](_value(operand, fields)))
        case ast.BoolOp(op=op, values=values):
            return _either(isinstance(op, ast.Or), values, fields)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _compared(_value(left, fields), ops, others, fields)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, fields) else orelse, fields)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _bounded(FUNCTIONS[name](*(_value(argument, fields) for argument in arguments)))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments):
            receiver = _text(_value(owner, fields))
            return _bounded(FUNCTIONS[name](receiver, *(_value(argument, fields) for argument in arguments)))
        case ast.Subscript(value=owner, slice=place):
            return _part(_value(owner, fields), place, fields)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, fields) for item in items]
        case ast.JoinedStr(values=parts):
            return _bounded("".join(_text(_value(part, fields)) for part in parts))
        case ast.FormattedValue(value=inner, conversion=conversion, format_spec=spec):
            value = _value(inner, fields)
            value = repr(value) if conversion == ord("r") else str(value) if conversion == ord("s") else value
            return _formatted(value, _text(_value(spec, fields)) if spec is not None else "")
    raise ExpressionError("it holds something that is not allowed")


def _either(is_or: bool, values: Sequence[ast.expr], fields: Mapping[str, JSONValue]) -> JSONValue:
    value: JSONValue = None
    for operand in values:
        value = _value(operand, fields)
        if bool(value) is is_or:
            break
    return value


def _compared(
    left: JSONValue, ops: Sequence[ast.cmpop], others: Sequence[ast.expr], fields: Mapping[str, JSONValue]
) -> bool:
    for op, other in zip(ops, others, strict=True):
        right = _value(other, fields)
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _part(owner: JSONValue, place: ast.expr, fields: Mapping[str, JSONValue]) -> JSONValue:
    """`owner[place]`."""
    if isinstance(place, ast.Slice):
        if not isinstance(owner, str | list):
            raise TypeError(f"a {type(owner).__name__} has no slices")
        ends = [None if end is None else _value(end, fields) for end in (place.lower, place.upper, place.step)]
        return owner[slice(*(None if end is None else _integer(end) for end in ends))]
    key = _value(place, fields)
    if isinstance(owner, dict):
        return owner[_text(key)]
    if isinstance(owner, str | list):
        return owner[_integer(key)]
    raise TypeError(f"a {type(owner).__name__} has no parts")


def _integer(value: JSONValue) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a whole number is needed, not a {type(value).__name__}")
    return value


def _text(value: JSONValue) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string is needed, not a {type(value).__name__}")
    return value


def _number(value: JSONValue) -> int | float:
    if not isinstance(value, int | float):
        raise TypeError(f"a number is needed, not a {type(value).__name__}")
    return value


def _add(left: JSONValue, right: JSONValue) -> JSONValue:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return _number(left) + _number(right)


def _multiply(left: JSONValue, right: JSONValue) -> JSONValue:
    if isinstance(right, str):
        left, right = right, left
    if isinstance(left, str):
        times = _integer(right)
        if len(left) * times > MAX_TEXT:
            raise ExpressionError(f"a value on the way has more than {MAX_TEXT:,} parts")
        return left * times
    return _number(left) * _number(right)


def _power(left: JSONValue, right: JSONValue) -> JSONValue:
    base, exponent = _number(left), _number(right)
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MAX_BITS:
        raise ExpressionError("a number on the way is too large")
    value = base**exponent
    if not isinstance(value, int | float):
        raise ValueError("it is not a real number")
    return value


def _replace(text: JSONValue, old: JSONValue, new: JSONValue) -> JSONValue:
    text, old, new = _text(text), _text(old), _text(new)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise ExpressionError(f"a value on the way has more than {MAX_TEXT:,} parts")
    return text.replace(old, new)


def _split(text: JSONValue, separator: JSONValue = None) -> JSONValue:
    return list(_text(text).split(None if separator is None else _text(separator)))


def _join(separator: JSONValue, parts: JSONValue) -> JSONValue:
    if not isinstance(parts, list):
        raise TypeError(f"a list is needed, not a {type(parts).__name__}")
    texts = [_text(part) for part in parts]
    if sum(map(len, texts)) + len(_text(separator)) * len(texts) > MAX_TEXT:
        raise ExpressionError(f"a value on the way has more than {MAX_TEXT:,} parts")
    return _text(separator).join(texts)


def _formatted(value: JSONValue, spec: JSONValue = "") -> JSONValue:
    if not _SPEC.match(_text(spec)):
        raise ValueError(f"{spec!r} is not a format")
    return format(value, _text(spec))


def _rounded(value: JSONValue, digits: JSONValue = None) -> JSONValue:
    if digits is None:
        return round(_number(value))
    if abs(_integer(digits)) > 30:
        raise ValueError("a number is rounded to 30 digits at most")
    return round(_number(value), _integer(digits))


def _length(value: JSONValue) -> JSONValue:
    if not isinstance(value, str | list | dict):
        raise TypeError(f"a {type(value).__name__} has no length")
    return len(value)


def _scalar(value: JSONValue) -> str | int | float:
    return value if isinstance(value, str) else _number(value)


def _contains(item: JSONValue, owner: JSONValue) -> bool:
    if isinstance(owner, str):
        return _text(item) in owner
    if isinstance(owner, list | dict):
        return item in owner
    raise TypeError(f"a {type(owner).__name__} holds nothing")


def _numbers(name: str, values: tuple[JSONValue, ...]) -> list[int | float]:
    items: Sequence[JSONValue] = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if not items:
        raise ValueError(f"{name} of nothing")
    return [_number(item) for item in items]


FUNCTIONS: Final[Mapping[str, Callable[..., JSONValue]]] = MappingProxyType(
    {
        "abs": lambda value: abs(_number(value)),
        "bool": bool,
        "endswith": lambda text, end: _text(text).endswith(_text(end)),
        "float": lambda value: float(_scalar(value)),
        "format": _formatted,
        "int": lambda value: int(_scalar(value)),
        "join": _join,
        "len": _length,
        "lower": lambda text: _text(text).lower(),
        "max": lambda *values: max(_numbers("max", values)),
        "min": lambda *values: min(_numbers("min", values)),
        "replace": _replace,
        "round": _rounded,
        "split": _split,
        "startswith": lambda text, start: _text(text).startswith(_text(start)),
        "str": str,
        "strip": lambda text, characters=None: _text(text).strip(None if characters is None else _text(characters)),
        "sum": lambda values: sum(_numbers("sum", (values,))) if values else 0,
        "title": lambda text: _text(text).title(),
        "upper": lambda text: _text(text).upper(),
    }
)
"""What an expression may call."""

_METHODS: Final = frozenset("endswith join lower replace split startswith strip title upper".split())
"""The functions that may be written as methods of a string."""

_BINARY: Final[Mapping[type[ast.operator], Callable[[JSONValue, JSONValue], JSONValue]]] = MappingProxyType(
    {
        ast.Add: _add,
        ast.Sub: lambda left, right: _number(left) - _number(right),
        ast.Mult: _multiply,
        ast.Div: lambda left, right: _number(left) / _number(right),
        ast.FloorDiv: lambda left, right: _number(left) // _number(right),
        ast.Mod: lambda left, right: _number(left) % _number(right),
        ast.Pow: _power,
    }
)
_UNARY: Final[Mapping[type[ast.unaryop], Callable[[JSONValue], JSONValue]]] = MappingProxyType(
    {ast.USub: lambda value: -_number(value), ast.UAdd: lambda value: +_number(value), ast.Not: operator.not_}
)
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[..., bool]]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Is: lambda left, right: left is right,
        ast.IsNot: lambda left, right: left is not right,
        ast.In: _contains,
        ast.NotIn: lambda item, owner: not _contains(item, owner),
    }
)
