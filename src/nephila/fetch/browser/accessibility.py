"""What a screen reader is told about a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.models import JSONValue

_MAX_NODES: Final = 100_000

_LEFT_OUT: Final = frozenset(("InlineTextBox", "none", "generic", "LineBreak"))
"""Roles that say nothing; what is below them is kept."""

_PROPERTIES: Final = frozenset(
    "checked disabled expanded haspopup invalid level modal multiselectable pressed readonly required selected url "
    "valuemax valuemin valuetext".split()
)


async def take_accessibility(visit: PageVisit) -> None:
    """`capture_accessibility`: the tree of the main frame as a list in reading order, each node with its depth.

    Raises:
        StepFailed: It is larger than `max_capture_bytes`.
    """
    if not visit.run.capture_accessibility:
        return
    cdp = await visit.slot.cdp()
    try:
        nodes = (await cdp.send("Accessibility.getFullAXTree"))["nodes"]
    finally:
        await cdp.send("Accessibility.disable")
    tree = compact(nodes)
    if len(tree) >= _MAX_NODES:
        visit.rendered.warnings.append(f"accessibility holds the first {_MAX_NODES:,} nodes of the page.")
    size = sum(len(str(value)) for node in tree for value in node.values())
    if size > visit.run.max_capture_bytes:
        limit = visit.run.max_capture_bytes
        message = f"There is no accessibility tree: it is larger than max_capture_bytes ({limit:,} bytes)."
        raise StepFailed(ErrorCode.TOO_LARGE, message)
    visit.rendered.accessibility = tree


def compact(nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, JSONValue]]:
    """The nodes that say something, in reading order; `depth` counts those above that are kept too."""
    by_id = {node["nodeId"]: node for node in nodes}
    pending = [(node["nodeId"], 0) for node in reversed(nodes) if node.get("parentId") not in by_id]
    tree: list[dict[str, JSONValue]] = []
    while pending and len(tree) < _MAX_NODES:
        name, depth = pending.pop()
        node = by_id.pop(name, None)
        if node is None:
            # Below something that is not told, or seen before.
            continue
        shown = _shown(node)
        if shown is not None:
            tree.append({"depth": depth, **shown})
            depth += 1
        pending.extend((child, depth) for child in reversed(node.get("childIds", ())))
    return tree


def _shown(node: Mapping[str, Any]) -> dict[str, JSONValue] | None:
    """What is told of a node; None when it is nothing."""
    role = node.get("role", {}).get("value", "")
    name = node.get("name", {}).get("value", "")
    if node.get("ignored") or (role in _LEFT_OUT and not (role == "generic" and name)):
        return None
    shown: dict[str, JSONValue] = {"role": role}
    if name:
        shown["name"] = name
    for field in ("value", "description"):
        value = node.get(field, {}).get("value")
        if value not in (None, ""):
            shown[field] = value
    for item in node.get("properties", ()):
        value = item["value"].get("value")
        if item["name"] in _PROPERTIES and value not in (None, False, "false", ""):
            shown[item["name"]] = value
    return shown
