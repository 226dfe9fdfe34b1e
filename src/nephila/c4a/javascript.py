"""Commands as JavaScript; every text of a script goes in as JSON, so that none can end the string it is in."""

from __future__ import annotations

import json
import re
from typing import Final

from nephila.c4a import syntax
from nephila.c4a.syntax import Command

_FIND: Final = "const el = document.querySelector({}); if (!el) throw new Error('no element matches ' + {});"
_FUNCTION: Final = re.compile(r"(?:async\s+)?(?:function\b|\([^()]*\)\s*=>|[A-Za-z_$][\w$]*\s*=>)")
_STATEMENT: Final = re.compile(r"(?:return|const|let|var|if|for|while|do|switch|throw|try)\b")
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_PAUSE: Final = "await new Promise(done => setTimeout(done, {}));"
_AT: Final = "const el = document.elementFromPoint({x}, {y}) || document.body;"
_MOUSE: Final = (
    "el.dispatchEvent(new MouseEvent({kind}, {{bubbles: true, cancelable: true, view: window, button: {button}, "
    "clientX: {x}, clientY: {y}}}));"
)
_TYPE: Final = """
const el = document.activeElement;
for (const char of {text}) {{
    el.dispatchEvent(new KeyboardEvent('keydown', {{key: char, bubbles: true}}));
    if (el.isContentEditable) document.execCommand('insertText', false, char);
    else if ('value' in el) el.value += char;
    else throw new Error('nothing that can be typed into has the focus');
    el.dispatchEvent(new InputEvent('input', {{bubbles: true, data: char}}));
    el.dispatchEvent(new KeyboardEvent('keyup', {{key: char, bubbles: true}}));
}}"""
_FILL: Final = """
el.focus();
if (el.isContentEditable) el.textContent = {value};
else el.value = {value};
el.dispatchEvent(new Event('input', {{bubbles: true}}));
el.dispatchEvent(new Event('change', {{bubbles: true}}));"""
_WAIT_FOR: Final = """
const end = Date.now() + {milliseconds};
while (!({condition})) {{
    if (Date.now() > end) throw new Error({failure});
    await new Promise(done => setTimeout(done, 100));
}}"""


def quoted(text: str) -> str:
    """The text as a JavaScript string literal that no text can break out of."""
    literal = json.dumps(text)
    # Harmless in a script of its own, and needed when it is written into HTML; JSON is JavaScript but for line ends.
    return literal.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def javascript(command: Command) -> str:
    """One command as an expression that is a promise of what it returns."""
    return f"(async () => {{ {_body(command).strip()} }})()"


def _body(command: Command) -> str:
    match command:
        case syntax.Pause(seconds):
            return _PAUSE.format(_number(seconds * 1000))
        case syntax.WaitFor():
            return _wait(command)
        case syntax.Go(url):
            return f"window.location.href = {quoted(url)};"
        case syntax.Travel(way):
            return {"reload": "window.location.reload();", "back": "history.back();"}.get(way, "history.forward();")
        case syntax.Eval(script):
            return _value(script)
        case syntax.If():
            return _if(command)
        case syntax.Repeat():
            return _repeat(command)
        case syntax.Block(_, commands):
            return " ".join(f"await {javascript(one)};" for one in commands)
        case _:
            return _gesture(command)


def _gesture(command: Command) -> str:
    """What a person does with a mouse and keys."""
    match command:
        case syntax.Click():
            return _click(command)
        case syntax.Move(x, y):
            return _AT.format(x=_number(x), y=_number(y)) + _mouse("mousemove", x, y)
        case syntax.Drag(start, end):
            parts = [_AT.format(x=_number(start[0]), y=_number(start[1])), _mouse("mousedown", *start)]
            return "".join([*parts, _mouse("mousemove", *end), _mouse("mouseup", *end)])
        case syntax.Scroll(x, y):
            return f"window.scrollBy({{left: {_number(x)}, top: {_number(y)}, behavior: 'instant'}});"
        case syntax.Type(text):
            return _TYPE.format(text=quoted(text))
        case syntax.Fill(selector, value):
            return _FIND.format(quoted(selector), quoted(selector)) + _FILL.format(value=quoted(value))
        case syntax.Key(kind, key):
            events = {"press": ("keydown", "keyup"), "down": ("keydown",)}.get(kind, ("keyup",))
            fire = (
                f"el.dispatchEvent(new KeyboardEvent('{event}', {{key: {quoted(key)}, bubbles: true}}));"
                for event in events
            )
            return "const el = document.activeElement || document.body; " + " ".join(fire)
        case _:
            raise AssertionError(command)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _mouse(kind: str, x: float, y: float, button: int = 0) -> str:
    return _MOUSE.format(kind=quoted(kind), x=_number(x), y=_number(y), button=button)


def _click(command: syntax.Click) -> str:
    if isinstance(command.target, str):
        find = _FIND.format(quoted(command.target), quoted(command.target)) + " el.scrollIntoView({block: 'center'});"
        x = y = 0.0
    else:
        x, y = command.target
        find = _AT.format(x=_number(x), y=_number(y))
    if command.kind == "right":
        return find + _mouse("contextmenu", x, y, 2)
    if command.kind == "double":
        return find + " el.focus?.(); el.click(); el.click(); " + _mouse("dblclick", x, y)
    return find + " el.focus?.(); el.click();"


def _wait(command: syntax.WaitFor) -> str:
    if command.kind == "selector":
        condition = f"document.querySelector({quoted(command.value)})"
    else:
        condition = f"document.body && document.body.innerText.includes({quoted(command.value)})"
    failure = quoted(f"{command.value} was not there after {_number(command.timeout)} s")
    return _WAIT_FOR.format(condition=condition, failure=failure, milliseconds=_number(command.timeout * 1000))


def _value(script: str) -> str:
    """Return what a script is or returns: it is an expression, a function, or statements.

    It is told by its form: `eval` would know better, but a page's policy may forbid it.
    """
    if _FUNCTION.match(script):
        return f"return await ({script}\n)();"
    if _STATEMENT.match(script) or ";" in _QUOTED.sub("", script.rstrip().rstrip(";")):
        return f"{script}\n"
    return f"return await ({script.rstrip().rstrip(';')}\n);"


def _if(command: syntax.If) -> str:
    condition = command.condition
    if condition.kind == "exists":
        asked = f"document.querySelector({quoted(condition.value)}) !== null"
    else:
        asked = f"await (async () => {{ {_value(condition.value)} }})()"
    asked = f"!({asked})" if condition.negated else asked
    otherwise = f" else {{ return await {javascript(command.otherwise)}; }}" if command.otherwise is not None else ""
    return f"if ({asked}) {{ return await {javascript(command.then)}; }}{otherwise}"


def _repeat(command: syntax.Repeat) -> str:
    body = f"await {javascript(command.body)};"
    if isinstance(command.times, int):
        return f"for (let round = 0; round < {command.times}; round++) {{ {body} }}"
    ask = f"await (async () => {{ {_value(command.times)} }})()"
    return (
        f"let left = {ask}; const counted = typeof left === 'number'; "
        f"for (let round = 0; round < {syntax.MAX_ROUNDS} && (counted ? round < left : left); round++) "
        f"{{ {body} if (!counted) left = {ask}; }}"
    )
