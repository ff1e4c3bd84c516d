"""A hidden value leaves no trace: whatever it is, every byte of every page and file is the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.rendering import Edition
from tests.factories import Row
from tests.rendering.editions import make_edition

SHOWN = {"P1": (31, 60), "P2": (44, 71), "P3": (52, 90), "P4": (27, 55), "P7": (38, 66), "P8": (29, 58)}
AREA = {"P1": "A1", "P2": "A1", "P5": "A1", "P6": "A1", "P7": "A1", "P3": "A2", "P4": "A2", "P8": "A2"}
ORGANISATIONS: list[Row] = [
    *(
        {"organisation_code": code, "name": f"Practice {code}", "kind": "practice", "parent_code": area}
        for code, area in AREA.items()
    ),
    {"organisation_code": "A1", "name": "Northshire", "kind": "area", "parent_code": "C1"},
    {"organisation_code": "A2", "name": "Southshire", "kind": "area", "parent_code": "C1"},
    {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
]


def observations(hidden: Mapping[str, tuple[int, int]]) -> list[Row]:
    """Return two quarters of all practices; the hidden ones are the same in both."""
    return [
        {
            "organisation_code": code,
            "period": period,
            "numerator": numerator + more * (code in SHOWN),
            "denominator": denominator,
            "note": f"Sent late: {numerator} found." if code not in SHOWN else "",
        }
        for period, more in (("2025-q3", 0), ("2025-q4", 3))
        for code, (numerator, denominator) in {**SHOWN, **hidden}.items()
    ]


def every_byte(edition: Edition) -> Iterator[tuple[str, str | bytes]]:
    """Yield the name and content of everything that is made of a release."""
    for reference in edition.pages():
        page = edition.make_page(reference)
        yield page.address, repr(page)
        yield from ((file.path, file.content) for file in edition.downloads_of(reference))
    yield from ((file.path, file.content) for file in edition.shared_files())
    yield from ((file.path, file.content) for file in edition.text_stubs([]))


def publish(hidden: Mapping[str, tuple[int, int]]) -> dict[str, str | bytes]:
    metric = {"metric_id": "m1", "disclosure": "people", "threshold_good": 60, "target": 55}
    edition = make_edition(
        observations(hidden),
        metrics=[metric],
        organisations=ORGANISATIONS,
        provisions=[],
        comments=[],
        context=[
            {"organisation_code": code, "characteristic_id": "age", "period": "2025-q4", "value": place}
            for place, code in enumerate(sorted(AREA))
        ],
        characteristics=[
            {"characteristic_id": "age", "title": "Age", "unit": "years", "use_for_peers": True,
             "role": "deprivation"}
        ],
    )  # fmt: skip
    return dict(every_byte(edition))


def test_swapping_two_hidden_practices_changes_no_byte() -> None:
    """Their sum is the same, so nothing that may be shown differs: no order, colour, mark or note."""
    first = publish({"P5": (2, 41), "P6": (6, 47)})
    second = publish({"P5": (6, 47), "P6": (2, 41)})

    assert set(first) == set(second)
    assert [name for name, content in first.items() if content != second[name]] == []


def test_the_same_test_finds_a_difference_in_what_is_shown() -> None:
    first = publish({"P5": (20, 41), "P6": (6, 47)})
    second = publish({"P5": (30, 41), "P6": (6, 47)})

    assert [name for name, content in first.items() if content != second.get(name)]
