"""The theme's colours can be told apart: text from its ground by 4.5 to 1, marks and edges by 3 to 1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "site_templates" / "theme" / "assets" / "candour.css"

TEXT = ("text", "muted", "accent", "accent-strong", "better", "worse", "similar", "neutral")
MARKS = ("spread", "line", "edge", "focus", "notice-edge")
GROUNDS = ("ground", "surface", "tint", "notice")


def schemes() -> dict[str, dict[str, str]]:
    """Return the custom properties of light, of dark as chosen, of dark by the device, and of print."""
    blocks = re.findall(r"([^{}]*)\{([^{}]*--candour-ground:[^{}]*)\}", STYLES.read_text())
    colours = [dict(re.findall(r"--candour-([a-z-]+): ([^;]+);", body)) for _, body in blocks]
    return dict(zip(("light", "dark", "dark by the device", "forced", "print"), colours, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_and_marks_stand_out_from_every_ground(scheme: str, ground: str) -> None:
    colours = schemes()[scheme]

    for name in TEXT:
        assert contrast(colours[name], colours[ground]) >= 4.5, name
    for name in MARKS:
        assert contrast(colours[name], colours[ground]) >= 3, name


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_words_on_the_accent_can_be_read(scheme: str) -> None:
    colours = schemes()[scheme]

    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["on-accent"], colours["accent-strong"]) >= 4.5


def test_dark_is_the_same_whoever_chose_it() -> None:
    assert schemes()["dark"] == schemes()["dark by the device"]


def test_every_scheme_has_every_colour() -> None:
    names = {scheme: sorted(colours) for scheme, colours in schemes().items()}

    assert set(map(tuple, names.values())) == {tuple(names["light"])}
    assert {*TEXT, *MARKS, *GROUNDS, "band", "rule", "shade", "on-accent"} == set(names["light"])


def test_forced_colours_are_the_systems() -> None:
    assert not [colour for colour in schemes()["forced"].values() if colour.startswith("#")]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as the Web Content Accessibility Guidelines define it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
