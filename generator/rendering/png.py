"""Pictures in few bytes: what vl-convert draws, written anew with a palette."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SUB = 1
"""Each byte is what it adds to the pixel left of it: how vl-convert writes every line."""
_RGB, _INDEXED = 2, 3
_MOST_COLOURS = 256
_LEVEL = 6


def packed(picture: bytes) -> bytes:
    """Return the same picture without its transparency, which has to be none: a tenth of the bytes."""
    chunks = _chunks(picture)
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8).reshape(height, 1 + 4 * width)
    assert (lines[:, 0] == _SUB).all(), "vl-convert filters lines in another way than it did"
    pixels = np.cumsum(lines[:, 1:].reshape(height, width, 4), axis=1, dtype=np.uint8)
    assert pixels[..., 3].min() == 255, "a picture that lets its ground through"
    colours = pixels.reshape(-1, 4).view(">u4").ravel()
    # Of charts most pixels are as the one before: sorting a million would take longer than drawing them.
    starts = np.flatnonzero(np.concatenate([[True], colours[1:] != colours[:-1]]))
    palette, places = np.unique(colours[starts], return_inverse=True)
    if len(palette) > _MOST_COLOURS:
        return _written(width, height, _RGB, b"", pixels[..., :3].reshape(height, 3 * width))
    entries = palette.astype(">u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    lines_of_places = np.repeat(places.astype(np.uint8), np.diff(starts, append=len(colours)))
    return _written(width, height, _INDEXED, entries, lines_of_places.reshape(height, width))


def _chunks(picture: bytes) -> dict[bytes, bytes]:
    """Return the chunks by type; the data, which may be in several, as one."""
    found: dict[bytes, bytes] = {}
    place = len(_SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        kind = picture[place + 4 : place + 8]
        found[kind] = found.get(kind, b"") + picture[place + 8 : place + 8 + length]
        place += length + 12
    return found


def _written(width: int, height: int, kind: int, palette: bytes, lines: npt.NDArray[np.uint8]) -> bytes:
    unfiltered = np.concatenate([np.zeros((height, 1), dtype=np.uint8), lines], axis=1)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
            _chunk(b"PLTE", palette) if palette else b"",
            _chunk(b"IDAT", zlib.compress(unfiltered.tobytes(), _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
