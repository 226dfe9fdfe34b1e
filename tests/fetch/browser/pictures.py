"""PNG files read and written in the plainest way, to check the cleverer one against."""

from __future__ import annotations

import struct
import zlib

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def rows_of(png: bytes, columns: int | None = None) -> list[bytes]:
    """The pixels of each row, of the first columns only when a number is given."""
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    pixel = CHANNELS[colours]
    data, position = b"", 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kind, content = png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", png[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + content)
        if kind == b"IDAT":
            data += content
        position += 12 + length
    raw, stride = zlib.decompress(data), 1 + width * pixel
    assert len(raw) == stride * height
    used = (columns or width) * pixel
    above, rows = bytes(used), []
    for start in range(0, len(raw), stride):
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + used], above, pixel)
        rows.append(above)
    return rows


def unfiltered(kind: int, row: bytes, above: bytes, pixel: int) -> bytes:
    line = bytearray(row)
    for index in range(len(line)):
        left = line[index - pixel] if index >= pixel else 0
        corner = above[index - pixel] if index >= pixel else 0
        line[index] = (line[index] + predicted(kind, left, above[index], corner)) & 0xFF
    return bytes(line)


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    return (0, left, up, (left + up) // 2)[kind]


def png_of(rows: list[bytes], colours: int, filters: list[int]) -> bytes:
    """A PNG whose rows are filtered as said, in several pieces."""
    pixel = CHANNELS[colours]
    above, raw = bytes(len(rows[0])), b""
    for row, kind in zip(rows, filters, strict=True):
        raw += bytes([kind])
        for index in range(len(row)):
            left = row[index - pixel] if index >= pixel else 0
            corner = above[index - pixel] if index >= pixel else 0
            raw += bytes([(row[index] - predicted(kind, left, above[index], corner)) & 0xFF])
        above = row
    data = zlib.compress(raw)
    header = struct.pack(">IIBBBBB", len(rows[0]) // pixel, len(rows), 8, colours, 0, 0, 0)
    pieces = [(b"IHDR", header), (b"tEXt", b"a\0b"), (b"IDAT", data[:3]), (b"IDAT", data[3:]), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in pieces
    )
