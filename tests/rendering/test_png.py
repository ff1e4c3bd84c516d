"""Pictures in few bytes are the same pictures."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from generator.rendering import charts
from generator.rendering.png import packed

STEPS = "".join(
    f'<path d="M{place % 32} {place // 32}h1v1h-1z" fill="rgb({place % 256},{place // 4},90)"/>'
    for place in range(1024)
)


def drawing(body: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" shape-rendering="crispEdges">'
        f'<rect width="32" height="32" fill="#ffffff"/>{body}</svg>'
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [('<rect x="4" y="8" width="9" height="3" fill="#0a5c66"/>', 3), (STEPS, 2)],
    ids=["few colours", "many"],
)
def test_a_picture_keeps_every_pixel(body: str, kind: int) -> None:
    before = charts.png(drawing(body))

    after = packed(before)

    assert after[25] == kind
    assert (pixels_of(after) == pixels_of(before)).all()


def pixels_of(picture: bytes) -> np.ndarray:
    """Return red, green and blue of each pixel."""
    width, height, _, kind = struct.unpack(">IIBB", picture[16:26])
    data, palette, place = b"", b"", 8
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        name, content = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        data += content if name == b"IDAT" else b""
        palette += content if name == b"PLTE" else b""
        place += length + 12
    lines = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, -1)
    if kind == 6:
        return np.cumsum(lines[:, 1:].reshape(height, width, 4), axis=1, dtype=np.uint8)[..., :3]
    assert not lines[:, 0].any()
    if kind == 2:
        return lines[:, 1:].reshape(height, width, 3)
    return np.frombuffer(palette, dtype=np.uint8).reshape(-1, 3)[lines[:, 1:]]
