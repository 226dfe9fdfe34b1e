"""All the cases in one table."""

from __future__ import annotations

from tests.site.cases.bodies import BODIES
from tests.site.cases.case import Case
from tests.site.cases.limits import LIMITS
from tests.site.cases.messages import MESSAGES
from tests.site.cases.redirects import ADDRESSES, REDIRECTS

CASES: tuple[Case, ...] = (*MESSAGES, *BODIES, *LIMITS, *REDIRECTS, *ADDRESSES)
