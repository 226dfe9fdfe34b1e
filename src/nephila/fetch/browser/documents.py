"""The page as a document: PDF and MHTML."""

from __future__ import annotations

import base64
from typing import Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.page_visit import PageVisit, StepFailed

_A4: Final = (210 / 25.4, 297 / 25.4)
"""Inches; ISO 216."""

_READ_BYTES: Final = 1 << 20


async def take_pdf(visit: PageVisit) -> None:
    """`pdf`: A4 unless the page's style sheet says otherwise, with backgrounds.

    Raises:
        StepFailed: It is larger than `max_capture_bytes`.
    """
    if not visit.run.pdf:
        return
    cdp = await visit.slot.cdp()
    width, height = _A4
    asked = {
        "paperWidth": width,
        "paperHeight": height,
        "printBackground": True,
        "preferCSSPageSize": True,
        # In pieces, so that a large one is never here as a whole.
        "transferMode": "ReturnAsStream",
    }
    handle = (await cdp.send("Page.printToPDF", asked))["stream"]
    pdf = bytearray()
    try:
        while True:
            piece = await cdp.send("IO.read", {"handle": handle, "size": _READ_BYTES})
            data: str = piece["data"]
            pdf += base64.b64decode(data) if piece.get("base64Encoded") else data.encode("latin-1")
            _check_size(visit, len(pdf), "PDF")
            if piece["eof"]:
                break
    finally:
        await cdp.send("IO.close", {"handle": handle})
    visit.rendered.pdf = bytes(pdf)


async def take_mhtml(visit: PageVisit) -> None:
    """`capture_mhtml`.

    Raises:
        StepFailed: It is larger than `max_capture_bytes`.
    """
    if not visit.run.capture_mhtml:
        return
    mhtml: str = (await (await visit.slot.cdp()).send("Page.captureSnapshot", {"format": "mhtml"}))["data"]
    _check_size(visit, len(mhtml), "MHTML")
    visit.rendered.mhtml = mhtml


def _check_size(visit: PageVisit, size: int, kind: str) -> None:
    limit = visit.run.max_capture_bytes
    if size > limit:
        raise StepFailed(
            ErrorCode.TOO_LARGE, f"There is no {kind}: it is larger than max_capture_bytes ({limit:,} bytes)."
        )
