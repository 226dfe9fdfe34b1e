"""From tokens to commands; a procedure's commands are put in the place of each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from nephila.c4a import syntax
from nephila.c4a.faults import KEYWORDS, Fault, Report, nearest
from nephila.c4a.scripts import Script
from nephila.c4a.syntax import Command
from nephila.c4a.tokens import Kind, Token

_MAX_COMMANDS: Final = 10_000
"""After calls are put in their places."""

_MAX_DEPTH: Final = 50
"""Of IF, REPEAT and calls within each other."""

_TIMEOUT: Final = 10.0
"""Seconds of a WAIT without a number."""

_SCROLL: Final = 500.0
"""Pixels of a SCROLL without a number."""

_DIRECTIONS: Final = MappingProxyType({"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)})

_SET_WITHIN: Final = "SETVAR cannot depend on a condition or be repeated: variables have their values before the page."


class Parser:
    """Reads the tokens of one part of a script.

    Args:
        trying: Whether a procedure is only being checked, so that a variable its callers set may be missing.
    """

    def __init__(self, script: Script, report: Report, *, trying: bool = False) -> None:
        assert script.end is not None
        self._script = script
        self._report = report
        self._trying = trying
        self._end = script.end
        self._found: Sequence[Token] = ()
        self._position = 0
        self._depth = 0
        self._calls: list[str] = []
        self._conditional = 0
        self.variables: dict[str, str] = {}
        self.count = 0

    def commands(self, found: Sequence[Token]) -> tuple[Command, ...]:
        """The commands; what cannot be read is reported, and the next line is tried."""
        outer = self._found, self._position
        self._found, self._position = found, 0
        commands: list[Command] = []
        while self._position < len(found) and not self._report.full:
            begun = self._peek()
            try:
                command = self._command()
            except Fault as fault:
                self._report.add(fault)
                if fault.kind == "limit":
                    break
                self._next_line(begun)
            else:
                if command is not None:
                    commands.append(command)
        self._found, self._position = outer
        return tuple(commands)

    def _next_line(self, begun: Token) -> None:
        last = max(begun.end_line, self._found[min(self._position, len(self._found)) - 1].line)
        while self._position < len(self._found) and self._found[self._position].line <= last:
            self._position += 1

    # --- tokens -------------------------------------------------------------------------------------------------

    def _peek(self) -> Token:
        return self._found[self._position] if self._position < len(self._found) else self._end

    def _next(self) -> Token:
        token = self._peek()
        self._position += 1
        return token

    def _take(self, what: str, *kinds: Kind, after: Token) -> Token:
        """The next token, which must be of one of the kinds and on the line of the one before."""
        token = self._peek()
        if token.kind in kinds and token.line == after.end_line:
            return self._next()
        if token.kind is Kind.END or token.line != after.end_line:
            raise Fault(f"{after.raw} needs {what}.", after)
        if token.raw in ('"', "`"):
            raise Fault("This quote is not closed.", token)
        raise Fault(f"{after.raw} needs {what}, not {token.raw[:40]!r}.", token)

    def _mark(self, mark: str) -> Token:
        token = self._peek()
        if token.kind is Kind.MARK and token.text == mark:
            return self._next()
        raise Fault(f"{mark!r} is missing here.", token)

    def _word(self, word: str) -> bool:
        token = self._peek()
        if token.kind is Kind.WORD and token.text == word:
            self._position += 1
            return True
        return False

    def _number(self, after: Token, what: str = "a number") -> float:
        return float(self._take(what, Kind.NUMBER, after=after).text)

    def _optional(self, after: Token, otherwise: float) -> float:
        token = self._peek()
        if token.kind is Kind.NUMBER and token.line == after.end_line:
            self._position += 1
            if float(token.text) < 0:
                raise Fault("This number must not be negative.", token)
            return float(token.text)
        return otherwise

    def _text(self, token: Token) -> str:
        """The text of a string or of a variable."""
        if token.kind is not Kind.VARIABLE:
            return token.text
        if token.text in self.variables:
            return self.variables[token.text]
        if self._trying:
            return ""
        advice = nearest(token.text, self.variables) or (f'Write SETVAR {token.text} = "..." before it.',)
        raise Fault(f"There is no variable ${token.text} here.", token, *advice, kind="variable")

    # --- commands -----------------------------------------------------------------------------------------------

    def _command(self) -> Command | None:
        """One command; None for SETVAR, which leaves nothing to be done."""
        token = self._next()
        if token.kind is not Kind.WORD:
            raise Fault(f"A command is missing before {token.raw[:40]!r}.", token)
        self.count += 1
        if self.count > _MAX_COMMANDS:
            raise Fault(f"More than {_MAX_COMMANDS:,} commands, calls included.", token, kind="limit")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise Fault(f"Commands are more than {_MAX_DEPTH} deep within each other.", token, kind="limit")
        try:
            if token.text in self._script.procedures:
                return self._call(token)
            if (read := _READERS.get(token.text)) is not None:
                return read(self, token)
        finally:
            self._depth -= 1
        if token.text in KEYWORDS:
            raise Fault(f"{token.text} cannot stand here.", token)
        advice = nearest(token.text, [*KEYWORDS, *self._script.procedures])
        raise Fault(f"There is no command or procedure {token.text}.", token, *advice, kind="procedure")

    def _call(self, token: Token) -> Command:
        name = token.text
        if name in self._calls:
            raise Fault(f"The procedure {name} calls itself.", token, kind="procedure")
        self._calls.append(name)
        commands = self.commands(self._script.procedures[name])
        self._calls.pop()
        return syntax.Block(name, commands)

    def _setvar(self, token: Token) -> None:
        name = self._take("a name", Kind.WORD, Kind.VARIABLE, after=token)
        if self._conditional:
            raise Fault(_SET_WITHIN, token, kind="variable")
        self._mark("=")
        value = self._take("a value", Kind.STRING, Kind.NUMBER, Kind.VARIABLE, Kind.CODE, Kind.URL, after=name)
        self.variables[name.text] = self._text(value)

    def _wait(self, token: Token) -> Command:
        kinds = (Kind.NUMBER, Kind.CODE, Kind.STRING, Kind.VARIABLE)
        what = self._take('seconds, a `selector` or a "text"', *kinds, after=token)
        if what.kind is Kind.NUMBER:
            if float(what.text) < 0:
                raise Fault("This number must not be negative.", what)
            return syntax.Pause(float(what.text))
        if not (value := self._text(what)) and not self._trying:
            raise Fault("WAIT for nothing would never end.", what)
        kind = "selector" if what.kind is Kind.CODE else "text"
        return syntax.WaitFor("selector" if kind == "selector" else "text", value, self._optional(what, _TIMEOUT))

    def _go(self, token: Token) -> Command:
        where = self._take("a URL", Kind.URL, Kind.STRING, Kind.VARIABLE, after=token)
        url = self._text(where)
        if not url.startswith(("http://", "https://")) and not self._trying:
            raise Fault("GO needs a whole URL that begins with http:// or https://.", where)
        return syntax.Go(url)

    def _selector(self, token: Token) -> str:
        what = self._take("a `selector` in back-ticks", Kind.CODE, after=token)
        if not what.text:
            raise Fault("This selector is empty.", what)
        return what.text

    def _point(self, token: Token) -> tuple[float, float]:
        return self._number(token, "two numbers, x and y"), self._number(token, "two numbers, x and y")

    def _click(self, token: Token) -> Command:
        kind = _CLICKS[token.text]
        if self._peek().kind is Kind.NUMBER:
            return syntax.Click(kind, self._point(token))
        what = self._take("a `selector` in back-ticks, or x and y", Kind.CODE, after=token)
        if not what.text:
            raise Fault("This selector is empty.", what)
        return syntax.Click(kind, what.text)

    def _scroll(self, token: Token) -> Command:
        where = self._take("UP, DOWN, LEFT or RIGHT", Kind.WORD, after=token)
        if where.text not in _DIRECTIONS:
            raise Fault(
                f"SCROLL needs UP, DOWN, LEFT or RIGHT, not {where.text}.", where, *nearest(where.text, _DIRECTIONS)
            )
        x, y = _DIRECTIONS[where.text]
        pixels = self._optional(where, _SCROLL)
        return syntax.Scroll(x * pixels, y * pixels)

    def _type(self, token: Token) -> Command:
        return syntax.Type(self._text(self._take('a "text" or a $variable', Kind.STRING, Kind.VARIABLE, after=token)))

    def _set(self, token: Token) -> Command:
        selector = self._selector(token)
        value = self._take('a "value" after the selector', Kind.STRING, Kind.VARIABLE, Kind.NUMBER, after=token)
        return syntax.Fill(selector, self._text(value))

    def _key(self, token: Token) -> Command:
        key = self._take("a key, such as Enter", Kind.WORD, Kind.STRING, Kind.NUMBER, after=token)
        if not key.text:
            raise Fault("This key is empty.", key)
        return syntax.Key(_KEYS[token.text], key.text)

    def _eval(self, token: Token) -> Command:
        return syntax.Eval(self._take("a `script` in back-ticks", Kind.CODE, after=token).text)

    def _condition(self) -> syntax.Condition:
        negated = False
        while self._word("NOT"):
            negated = not negated
        token = self._peek()
        if self._word("EXISTS"):
            return syntax.Condition("exists", self._selector(token), negated)
        if token.kind is Kind.CODE:
            return syntax.Condition("script", self._next().text, negated)
        raise Fault("A condition is EXISTS `selector`, a `script`, or NOT and one of these.", token)

    def _if(self, token: Token) -> Command:
        self._mark("(")
        condition = self._condition()
        self._mark(")")
        if not self._word("THEN"):
            raise Fault("THEN is missing here.", self._peek(), "Write IF (EXISTS `css`) THEN CLICK `css`.")
        then = self._within()
        otherwise = self._within() if self._word("ELSE") else None
        return syntax.If(condition, then, otherwise)

    def _within(self) -> Command:
        begun = self._peek()
        self._conditional += 1
        try:
            command = self._command()
        finally:
            self._conditional -= 1
        if command is None:
            raise Fault(_SET_WITHIN, begun, kind="variable")
        return command

    def _repeat(self, token: Token) -> Command:
        self._mark("(")
        body = self._within()
        comma = self._mark(",")
        times = self._take("how often: a number or a `script`", Kind.NUMBER, Kind.CODE, after=comma)
        self._mark(")")
        if times.kind is Kind.CODE:
            return syntax.Repeat(body, times.text)
        number = float(times.text)
        if number != int(number) or not 0 <= number <= syntax.MAX_ROUNDS:
            raise Fault(f"REPEAT takes a whole number from 0 to {syntax.MAX_ROUNDS:,}.", times, kind="limit")
        return syntax.Repeat(body, int(number))


_CLICKS: Final[Mapping[str, Literal["click", "double", "right"]]] = MappingProxyType(
    {"CLICK": "click", "DOUBLE_CLICK": "double", "RIGHT_CLICK": "right"}
)
_KEYS: Final[Mapping[str, Literal["press", "down", "up"]]] = MappingProxyType(
    {"PRESS": "press", "KEY_DOWN": "down", "KEY_UP": "up"}
)

_READERS: Final[MappingProxyType[str, Callable[[Parser, Token], Command | None]]] = MappingProxyType(
    {
        "WAIT": Parser._wait,
        "GO": Parser._go,
        "RELOAD": lambda _parser, _token: syntax.Travel("reload"),
        "BACK": lambda _parser, _token: syntax.Travel("back"),
        "FORWARD": lambda _parser, _token: syntax.Travel("forward"),
        "CLICK": Parser._click,
        "DOUBLE_CLICK": Parser._click,
        "RIGHT_CLICK": Parser._click,
        "MOVE": lambda parser, token: syntax.Move(*parser._point(token)),
        "DRAG": lambda parser, token: syntax.Drag(parser._point(token), parser._point(token)),
        "SCROLL": Parser._scroll,
        "TYPE": Parser._type,
        "CLEAR": lambda parser, token: syntax.Fill(parser._selector(token), ""),
        "SET": Parser._set,
        "PRESS": Parser._key,
        "KEY_DOWN": Parser._key,
        "KEY_UP": Parser._key,
        "EVAL": Parser._eval,
        "SETVAR": Parser._setvar,
        "IF": Parser._if,
        "REPEAT": Parser._repeat,
    }
)
