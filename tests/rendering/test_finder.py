"""What the finder's files hold."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from generator.model.pages import SiteFile
from generator.rendering.finder import (
    INDEX,
    MANIFEST,
    TextEntry,
    finder_files,
    organisation_index,
    stub_pages,
)
from generator.rendering.towns import town_of
from tests.finder_sites import TEMPLATES, WORDS, make_organisations, make_postcodes

ODS = Path(__file__).parents[2].parent / "shared" / "data" / "ods"
REGISTER = ODS / "epraccur_2025.csv.gz"
TREE = ODS / "practice_pcn_icb_region_2023.csv.gz"
ASSETS = TEMPLATES / "theme" / "assets"
NO_POSTCODES = make_postcodes({})


def build(
    organisations: pd.DataFrame, postcodes: pd.DataFrame = NO_POSTCODES, **options: Any
) -> dict[str, Any]:
    """Return the finder's files as read back, by path."""
    return read(make_files(organisations, postcodes, **options))


def make_files(
    organisations: pd.DataFrame, postcodes: pd.DataFrame = NO_POSTCODES, **options: Any
) -> list[SiteFile]:
    names = ("services", "services_of", "happened_to", "other_areas_of", "words")
    nothing: dict[str, Any] = {name: {} for name in names}
    return finder_files(organisations, postcodes, label_of=label, **{**nothing, **options})


def read(files: list[SiteFile]) -> dict[str, Any]:
    return {file.path: json.loads(file.content) for file in files}


def label(kind: str, level: str) -> str:
    return f"{kind} {level}".strip()


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("1 Mill Lane, Aldbrook", "Aldbrook"),
        ("The Surgery, 1 Mill Lane, Aldbrook, KENT", "Aldbrook"),
        ("1 Mill Lane, Aldbrook, Tyne & Wear, England", "Aldbrook"),
        ("Aldbrook, 1 Mill Lane", "Aldbrook"),
        ("Kent", "Kent"),
        ("1 Mill Lane", "1 Mill Lane"),
        (" , ", ""),
        ("", ""),
    ],
)
def test_the_town_is_the_last_part_that_is_no_county_and_has_no_number(address: str, town: str) -> None:
    assert town_of(address) == town


def test_one_shard_holds_everybody_ordered_by_code() -> None:
    organisations = make_organisations(
        [
            {"organisation_code": "Z2", "name": "Mill House", "status": "merged", "parent_code": "ZA"},
            {
                "organisation_code": "Z1",
                "name": "Park Surgery",
                "address": "1 Road, Aldbrook",
                "postcode": "ZZ1 1AA",
            },
            {"organisation_code": "ZA", "name": "Norshire", "kind": "area", "level": "icb"},
        ]
    )

    files = build(organisations)

    manifest = files[MANIFEST]
    names, addresses = (files[path] for path in manifest["shards"][""]["files"])
    assert manifest["kinds"] == [
        {"label": "area icb", "folder": "areas/", "kind": "area"},
        {"label": "practice", "folder": "organisations/", "kind": "practice"},
    ]
    assert names == {
        "code": ["Z1", "Z2", "ZA"],
        "name": ["Park Surgery", "Mill House", "Norshire"],
        "postcode": ["ZZ1 1AA", "", ""],
        "status": "omo",
        "kind": [1, 1, 0],
        "town": {"texts": ["", "Aldbrook"], "of": [1, 0, 0]},
        "area": {"codes": ["", "ZA"], "texts": ["", ""], "above": [0, 0], "of": [0, 1, 0]},
    }
    assert addresses == {"address": ["1 Road, Aldbrook", "", ""]}


def test_coordinates_are_given_to_a_hundred_metres() -> None:
    organisations = make_organisations(
        [
            {"organisation_code": "Z1", "name": "One", "latitude": 53.123456, "longitude": -2.987654},
            {"organisation_code": "Z2", "name": "Two"},
        ]
    )

    files = build(organisations, make_postcodes({"ZZ1": (53.00049, -2.0)}))

    names = files[files[MANIFEST]["shards"][""]["files"][0]]
    assert (names["latitude"], names["longitude"]) == ([53.123, None], [-2.988, None])
    assert files[files[MANIFEST]["postcodes"]["z"]] == {
        "postcode": ["ZZ1"],
        "latitude": [53.0],
        "longitude": [-2.0],
    }
    assert "placed" not in names


def test_who_has_no_coordinates_is_placed_by_the_middle_of_the_postcode() -> None:
    """The middle of its sector, else of its first half: the browser then needs no other postcode's middle."""
    rows = [("Z1", "ZZ1 4AB"), ("Z2", "ZZ1 5AB"), ("Z3", "ZY9 1AB"), ("Z4", "")]
    organisations = make_organisations(
        {"organisation_code": code, "name": code, "postcode": postcode} for code, postcode in rows
    )

    files = build(organisations, make_postcodes({"ZZ1": (53.0, -2.0), "ZZ1 4": (53.1, -2.1), "A1": (50, 0)}))

    names = files[files[MANIFEST]["shards"][""]["files"][0]]
    assert names["latitude"] == [53.1, 53.0, None, None]
    assert names["longitude"] == [-2.1, -2.0, None, None]
    assert names["placed"] == "mm--"
    assert list(files[MANIFEST]["postcodes"]) == ["a", "z"]


def test_services_come_with_the_addresses() -> None:
    organisations = make_organisations([{"organisation_code": "ZP1", "name": "St Anne", "kind": "provider"}])

    titles = {"asthma": "Severe asthma", "burns": "Burns"}
    files = build(organisations, services=titles, services_of={"ZP1": ["asthma", "burns"]})

    addresses = files[files[MANIFEST]["shards"][""]["files"][1]]
    assert files[MANIFEST]["services"] == titles
    assert addresses["services"] == {"texts": ["asthma burns"], "of": [0]}


def test_what_a_reader_is_told_comes_with_the_addresses() -> None:
    organisations = make_organisations(
        [
            {"organisation_code": "Z1", "name": "One", "phone": "01632 960001", "accepting_patients": True},
            {"organisation_code": "Z2", "name": "Two", "accepting_patients": False},
            {"organisation_code": "Z3", "name": "Three", "status": "closed"},
        ]
    )

    files = build(
        organisations, happened_to={"Z3": "Closed on 1 May 2025."}, other_areas_of={"Z2": ["ZL1", "ZL2"]}
    )

    assert files[files[MANIFEST]["shards"][""]["files"][1]] == {
        "address": ["", "", ""],
        "phone": ["01632 960001", "", ""],
        "accepting": "yn-",
        "areas": {"texts": ["", "ZL1 ZL2"], "of": [0, 1, 0]},
        "happened": {"2": "Closed on 1 May 2025."},
    }


def test_every_area_comes_with_the_one_above_it_even_in_a_circle() -> None:
    organisations = make_organisations(
        [
            {"organisation_code": "Z1", "name": "One", "parent_code": "ZA"},
            {"organisation_code": "ZA", "name": "Norshire", "kind": "area", "parent_code": "ZR"},
            {"organisation_code": "ZR", "name": "North", "kind": "area", "parent_code": "ZA"},
            {"organisation_code": "Z2", "name": "Two", "parent_code": "NOBODY"},
        ]
    )

    files = build(organisations)

    assert files[files[MANIFEST]["shards"][""]["files"][0]]["area"] == {
        "codes": ["", "ZA", "ZR"],
        "texts": ["", "", ""],
        "above": [0, 2, 1],
        "of": [1, 0, 2, 1],
    }


def test_the_same_organisations_in_any_order_give_the_same_bytes() -> None:
    organisations = make_organisations(
        {"organisation_code": f"Z{n}", "name": f"Place {n}"} for n in range(50)
    )

    forwards = make_files(organisations, shard_above=9)
    backwards = make_files(organisations[::-1], shard_above=9)

    assert forwards == backwards


def test_a_files_name_changes_with_its_content() -> None:
    def paths(name: str) -> set[str]:
        return set(build(make_organisations([{"organisation_code": "Z1", "name": name}]))) - {MANIFEST}

    assert len(paths("One") & paths("Two")) == 1, "only the addresses, which are the same, keep their name"


def test_shards_hold_no_more_than_they_may_and_every_rare_word_leads_to_its_organisation() -> None:
    organisations = make_organisations(
        {
            "organisation_code": f"Z{n:05}",
            "name": f"Surgery {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}x{n}",
            "postcode": f"ZZ{n % 90} 1AA",
        }
        for n in range(400)
    )

    files = build(organisations, shard_above=40)

    shards = files[MANIFEST]["shards"]
    assert max(shard["rows"] for shard in shards.values()) <= 40
    for row in organisations.to_dict("records"):
        word = row["name"].split()[1]
        key = max((key for key in shards if word.startswith(key)), key=len)
        assert row["organisation_code"] in files[shards[key]["files"][0]]["code"]
    assert not [key for key in shards if "surgery".startswith(key)], "a word that all share is no key"


def test_the_index_for_other_tools_names_everybody_with_their_page() -> None:
    organisations = make_organisations(
        [
            {"organisation_code": "Z1", "name": "Park Surgery", "postcode": "ZZ1 1AA", "status": "closed"},
            {"organisation_code": "ZA", "name": "Norshire", "kind": "country"},
        ]
    )

    files = read(organisation_index(organisations))

    assert files == {
        INDEX: {
            "contract": 1,
            "count": 2,
            "organisations": [
                {
                    "code": "Z1",
                    "name": "Park Surgery",
                    "kind": "practice",
                    "status": "closed",
                    "postcode": "ZZ1 1AA",
                    "url": "organisations/z1/",
                },
                {
                    "code": "ZA",
                    "name": "Norshire",
                    "kind": "country",
                    "status": "open",
                    "postcode": "",
                    "url": "areas/za/",
                },
            ],
        }
    }


def test_a_large_index_names_its_parts() -> None:
    organisations = make_organisations({"organisation_code": f"Z{n}", "name": "A"} for n in range(5))

    files = read(organisation_index(organisations, shard_above=2))

    assert files[INDEX] == {
        "contract": 1,
        "count": 5,
        "parts": ["index-1.json", "index-2.json", "index-3.json"],
    }
    listed = [
        row["code"]
        for part in (1, 2, 3)
        for row in files[f"organisations/index-{part}.json"]["organisations"]
    ]
    assert listed == ["Z0", "Z1", "Z2", "Z3", "Z4"]


def test_stub_pages_escape_their_texts() -> None:
    (page,) = stub_pages([TextEntry("metrics/a/", "A & B", '<script>"x"</script>', "Measure", "<script>")])

    assert page.path == "metrics/a/index.html"
    assert b"<title>A &amp; B</title>" in page.content
    assert b"<script" not in page.content


@pytest.mark.shared
def test_englands_practices_can_be_found_by_about_110_kb() -> None:
    """The first file is all that finding needs; the addresses that follow weigh as much again."""
    if not REGISTER.exists():
        pytest.skip("../shared/data/ods/epraccur_2025.csv.gz is missing")
    practices = [row for row in _rows_of(REGISTER) if row[25] == "4"][:7424]
    organisations = make_organisations(
        {
            "organisation_code": row[0],
            "name": row[1],
            "address": ", ".join(part for part in row[4:9] if part),
            "postcode": row[9],
        }
        for row in practices
    )

    files = make_files(organisations)

    sizes = {file.path.split(".")[0]: len(gzip.compress(file.content, mtime=0)) for file in files}
    assert sizes["finder/organisations"] < 125_000
    assert sizes["finder/addresses"] < 125_000


@pytest.mark.shared
def test_the_first_answer_in_england_needs_at_most_180_kb_of_the_finders() -> None:
    """Manifest, names with areas and coordinates, and the middles of postcodes that begin with one letter.

    The page itself, scripts included, takes up to 120 KB (tests/browser/test_england.py).
    """
    if not (REGISTER.exists() and TREE.exists()):
        pytest.skip("../shared/data/ods/ is missing")
    register = {row[0]: row for row in _rows_of(REGISTER) if row[25] == "4" and row[9]}
    practices, areas = [], {}
    places: dict[str, tuple[float, float]] = {}
    for n, row in enumerate(row for row in _rows_of(TREE)[1:] if row[9] in register):
        latitude, longitude = 50 + n * 7919 % 5000 / 1000, -4 + n * 104729 % 5000 / 1000
        postcode = register[row[9]][9]
        places |= {postcode[:cut]: (latitude, longitude) for cut in (-2, postcode.index(" "))}
        practices.append(
            {
                "organisation_code": row[9],
                "name": row[10],
                "address": ", ".join(part for part in register[row[9]][4:9] if part),
                "postcode": postcode,
                "parent_code": row[6],
                "latitude": latitude,
                "longitude": longitude,
            }
        )
        for code, name, parent in ((row[6], row[7], row[3]), (row[3], row[4], row[0]), (row[0], row[1], "")):
            areas[code] = {"organisation_code": code, "name": name, "kind": "area", "parent_code": parent}

    files = make_files(
        make_organisations([*practices, *(area for code, area in areas.items() if code not in register)]),
        make_postcodes(places),
        words=WORDS,
    )

    sizes = {file.path: len(gzip.compress(file.content, 6)) for file in files}
    middles = max(size for path, size in sizes.items() if "postcodes" in path)
    others = (size for path, size in sizes.items() if "postcodes" not in path and "addresses" not in path)
    assert len(practices) > 6_000
    assert sum(others) + middles < 180_000


def _rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
