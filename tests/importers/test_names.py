"""Names and addresses in capitals, shown as a reader expects them."""

from __future__ import annotations

import pytest

from generator.importers.names import display_address, display_name


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("THE DENSHAM SURGERY", "The Densham Surgery"),
        ("DR M FATEH'S PRACTICE", "Dr M Fateh's Practice"),
        ("DR AA ANSARI & PARTNERS", "Dr AA Ansari & Partners"),
        ("DR LEE AND PARTNERS", "Dr Lee and Partners"),
        ("DRS NG & O'BRIEN", "Drs Ng & O'Brien"),
        ("ST. JOHN'S STREET SURGERY", "St. John's Street Surgery"),
        ("NHS AIREDALE, WHARFEDALE AND CRAVEN CCG", "NHS Airedale, Wharfedale and Craven CCG"),
        ("THE ROSE TREE PMS PRACTICE", "The Rose Tree PMS Practice"),
        ("ASHTON GPS LTD", "Ashton GPs Ltd"),
        ("PARK VIEW SURGERY II", "Park View Surgery II"),
        ("MCDONALD HEALTH CENTRE (THE ANNEX)", "McDonald Health Centre (The Annex)"),
        ("STOKE-ON-TRENT MEDICAL GROUP", "Stoke-on-Trent Medical Group"),
        ("THE OVER-WYRE MED.CTR.", "The Over-Wyre Med. Ctr."),
        ("ST.JAMES'S MEDICAL P'SHIP", "St. James's Medical P'ship"),
        ("19 THE GREEN", "19 The Green"),
        ("THE PRACTICE AT 188", "The Practice at 188"),
        ("4TH AVENUE SURGERY E12", "4th Avenue Surgery E12"),
        ("KINGS LANE M.C", "Kings Lane M.C"),
    ],
)
def test_capitals_become_capitals_and_small_letters(published: str, shown: str) -> None:
    assert display_name(published) == shown


@pytest.mark.parametrize("name", ["Dr Bk Jaiswal's Practice", "NHS Tees Valley CCG", "I G Medical"])
def test_a_name_in_both_cases_is_kept(name: str) -> None:
    """Somebody chose its letters; we do not know better."""
    assert display_name(name) == name


def test_spaces_are_tidied() -> None:
    assert display_name("NHS South West  Lincolnshire CCG ") == "NHS South West Lincolnshire CCG"


def test_an_address_is_joined_without_blank_and_repeated_lines() -> None:
    lines = ("THE LIME SURGERY", "THE LIME SURGERY", "2A HIGH ST,OAKHAM", "", "NR.LIMETOWN")

    assert display_address(lines) == "The Lime Surgery, 2A High St, Oakham, Nr. Limetown"
