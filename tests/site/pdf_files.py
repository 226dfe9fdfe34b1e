"""A small PDF writer: pages of placed text, links, document information; as much of ISO 32000 as the tests need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Text:
    """A line of text whose baseline begins at `x`, `y`, in points from the lower left corner."""

    x: float
    y: float
    text: str
    size: float = 11.0


@dataclass
class Page:
    texts: list[Text] = field(default_factory=list)
    links: list[tuple[tuple[float, float, float, float], str]] = field(default_factory=list)
    """Rectangles (left, bottom, right, top) and where they lead."""


def flowing(
    lines: Sequence[str], *, x: float = 72, y: float = 720, size: float = 11, leading: float = 14
) -> list[Text]:
    """Lines under each other; an empty string is an empty line."""
    return [Text(x, y - leading * number, line, size) for number, line in enumerate(lines) if line]


def pdf(pages: Sequence[Page], info: Mapping[str, str] | None = None) -> bytes:
    """A PDF file with these pages."""
    objects: list[bytes] = [b"", b""]

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    letters = sorted({letter for page in pages for text in page.texts for letter in text.text if ord(letter) > 126})
    codes = {letter: number for number, letter in enumerate(letters, 1)}
    latin = add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    other = _composite_font(codes, add)
    kids = []
    for page in pages:
        content = b"\n".join(_show(text, codes) for text in page.texts)
        stream = add(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        links = [add(_link(rectangle, uri)) for rectangle, uri in page.links]
        annotations = b"".join(b"%d 0 R " % number for number in links)
        kids.append(
            add(
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Annots[%s]"
                b"/Resources<</Font<</F1 %d 0 R/F2 %d 0 R>>>>>>" % (stream, annotations, latin, other)
            )
        )
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    about = add(
        b"<<%s>>" % b"".join(b"/%s%s" % (name.encode(), _string(value)) for name, value in (info or {}).items())
    )
    return _file(objects, about)


def _file(objects: Sequence[bytes], info: int) -> bytes:
    written = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        written += b"%010d 00000 n \n" % offset
    written += b"trailer<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, info, start)
    return bytes(written)


def _composite_font(codes: Mapping[str, int], add: object) -> int:
    """A font for everything that is not ASCII; its letters are known by their ToUnicode map alone."""
    assert callable(add)
    mapped = b"\n".join(
        b"<%04X> <%s>" % (code, letter.encode("utf-16-be").hex().encode()) for letter, code in codes.items()
    )
    cmap = (
        b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/A def/CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n%d beginbfchar\n%s\nendbfchar\n"
        b"endcmap CMapName currentdict/CMap defineresource pop end end" % (len(codes), mapped)
    )
    unicode = add(b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap))
    descriptor = add(
        b"<</Type/FontDescriptor/FontName/Other/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 800"
        b"/Descent -200/CapHeight 700/StemV 80>>"
    )
    descendant = add(
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Other/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor %d 0 R/DW 600>>" % descriptor
    )
    number: int = add(
        b"<</Type/Font/Subtype/Type0/BaseFont/Other/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>"
        % (descendant, unicode)
    )
    return number


def _show(text: Text, codes: Mapping[str, int]) -> bytes:
    """The operators that show a line, changing fonts where its letters ask for it."""
    shown = bytearray(b"BT 1 0 0 1 %.2f %.2f Tm\n" % (text.x, text.y))
    run = ""
    for letter in [*text.text, ""]:
        if run and (not letter or (letter in codes) != (run[0] in codes)):
            if run[0] in codes:
                shown += b"/F2 %.2f Tf <%s> Tj\n" % (text.size, b"".join(b"%04X" % codes[each] for each in run))
            else:
                shown += b"/F1 %.2f Tf (%s) Tj\n" % (text.size, _escaped(run))
            run = ""
        run += letter
    return bytes(shown + b"ET")


def _escaped(text: str) -> bytes:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("ascii")


def _string(text: str) -> bytes:
    return b"<%s>" % (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode()


def _link(rectangle: tuple[float, float, float, float], uri: str) -> bytes:
    return b"<</Type/Annot/Subtype/Link/Rect[%.2f %.2f %.2f %.2f]/Border[0 0 0]/A<</S/URI/URI(%s)>>>>" % (
        *rectangle,
        _escaped(uri),
    )
