"""The commands a script consists of once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Pause:
    """`WAIT n`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitFor:
    """WAIT for a selector or for text on the page, `timeout` seconds at most."""

    kind: Literal["selector", "text"]
    value: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Go:
    """`GO url`."""

    url: str


@dataclass(frozen=True, slots=True)
class Travel:
    """`RELOAD`, `BACK`, `FORWARD`."""

    way: Literal["reload", "back", "forward"]


@dataclass(frozen=True, slots=True)
class Click:
    """CLICK, DOUBLE_CLICK, RIGHT_CLICK: on an element or on a point of the window."""

    kind: Literal["click", "double", "right"]
    target: str | tuple[float, float]


@dataclass(frozen=True, slots=True)
class Move:
    """`MOVE x y`."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drag:
    """`DRAG x y x y`."""

    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scroll:
    """`SCROLL direction pixels`."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Type:
    """`TYPE text`: into what has the focus."""

    text: str


@dataclass(frozen=True, slots=True)
class Fill:
    """SET a field to a value; CLEAR sets it to nothing."""

    selector: str
    value: str


@dataclass(frozen=True, slots=True)
class Key:
    """PRESS, KEY_DOWN, KEY_UP."""

    kind: Literal["press", "down", "up"]
    key: str


@dataclass(frozen=True, slots=True)
class Eval:
    """EVAL: a script on the page."""

    script: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What an IF asks: whether an element is there, or what a script returns; `negated` by each NOT."""

    kind: Literal["exists", "script"]
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class If:
    """`IF (condition) THEN command ELSE command`."""

    condition: Condition
    then: Command
    otherwise: Command | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """REPEAT: a number of times, or a script: a number it returns is the number, otherwise while it is true."""

    body: Command
    times: int | str


@dataclass(frozen=True, slots=True)
class Block:
    """The commands of a procedure, in the place of its call."""

    name: str
    commands: tuple[Command, ...]


Command: TypeAlias = (
    Pause | WaitFor | Go | Travel | Click | Move | Drag | Scroll | Type | Fill | Key | Eval | If | Repeat | Block
)

MAX_ROUNDS = 10_000
"""Rounds of one REPEAT."""
