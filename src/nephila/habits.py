"""What the pages of a site have turned out to be, so that the next ones go the right way at once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_SITES: Final = 2000
"""Sites and folders remembered; the one not heard of for longest is forgotten."""

_SURE: Final = 3
"""Pages of a folder in a row that are alike, from which on the next ones are taken to be alike too."""

_SURE_OF_SITE: Final = 6
"""The same of a whole site, for folders of which nothing is known yet."""

_CHECK_EVERY: Final = 20
"""Of pages whose way was known, how often one is looked at afresh, so that a change is noticed."""


class Finding(StrEnum):
    """What a page has turned out to be."""

    PLAIN = "plain"
    """It has its content without scripts."""
    NEEDS_SCRIPTS = "needs_scripts"
    """It was empty without them, and they filled it."""
    IN_VAIN = "in_vain"
    """It looked as if it needed them, but they showed nothing more."""


@dataclass(slots=True)
class _Memory:
    """The last findings of a site or a folder: what they were and how many in a row."""

    last: Finding = Finding.PLAIN
    alike: int = 0
    followed: int = 0


class Habits:
    """Remembers by host, and by the first folder of the path, whether pages needed their scripts.

    Args:
        most: Sites and folders remembered.
    """

    def __init__(self, most: int = _SITES) -> None:
        self._most = most
        self._memories: OrderedDict[str, _Memory] = OrderedDict()

    def __len__(self) -> int:
        return len(self._memories)

    def expected(self, address: str) -> Finding | None:
        """What the page will be, as all the last ones were; None when that is not known, or to be looked at afresh."""
        host, folder = _keys(address)
        memory, sure = self._memories.get(folder), _SURE
        if memory is None:
            memory, sure = self._memories.get(host), _SURE_OF_SITE
        if memory is None or memory.alike < sure:
            return None
        memory.followed += 1
        return memory.last if memory.followed % _CHECK_EVERY else None

    def learn(self, address: str, finding: Finding) -> None:
        """A page of the site has turned out to be that."""
        for key in _keys(address):
            memory = self._memories.get(key)
            if memory is None:
                memory = self._memories[key] = _Memory()
                if len(self._memories) > self._most:
                    self._memories.popitem(last=False)
            else:
                self._memories.move_to_end(key)
            if memory.last is not finding:
                memory.last, memory.alike, memory.followed = finding, 0, 0
            memory.alike += 1


def _keys(address: str) -> tuple[str, str]:
    """The host, and the first folder in it, of a serialised http or https URL."""
    parts = address.partition("?")[0].split("/", 4)
    host = parts[2]
    # `/page` is a page of the site's own folder, and `/news/page` one of the folder `news`.
    folder = parts[3] if len(parts) > 4 else ""
    return host, f"{host}/{folder}"
