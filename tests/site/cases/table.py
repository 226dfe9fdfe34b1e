"""All the cases in one table."""

from __future__ import annotations

from tests.site.cases.case import Case
from tests.site.cases.messages import MESSAGES

CASES: tuple[Case, ...] = (*MESSAGES,)
