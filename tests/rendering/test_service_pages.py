"""Pages about services: what a profile says of flags, gaps and declared figures; who is on a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from markupsafe import Markup

from generator.rendering import Edition, PageReference
from generator.rendering.services import programmes
from generator.statistics.dispersion import FEWEST_UNITS
from tests.factories import Row
from tests.rendering.editions import make_book, make_edition

SERVICE = {
    "service_id": "asthma",
    "title": "Severe asthma",
    "programme_of_care": "Lungs",
    "description": "For all.",
}
METRIC = {
    "metric_id": "seen",
    "title": "Seen in time",
    "applies_to": "provider",
    "service_id": "asthma",
    "caveats": "Those who wait are not counted.",
}
HOSPITALS: Sequence[Row] = (
    {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
    *(
        {
            "organisation_code": f"H{number}",
            "name": f"Hospital {number}",
            "kind": "provider",
            "parent_code": "C1",
        }
        for number in range(1, 13)
    ),
)


def make_services(rows: Sequence[Row], **changes: Any) -> Edition:
    """Return the edition of one service with twelve providers."""
    settings: dict[str, Any] = {
        "organisations": HOSPITALS,
        "metrics": [METRIC],
        "services": [SERVICE],
        "provisions": [
            {"organisation_code": row["organisation_code"], "service_id": "asthma"}
            for row in HOSPITALS
            if row["kind"] == "provider"
        ],
        "context": (),
        "comments": (),
    }
    return make_edition(rows, **{**settings, **changes})


def figures(numerators: Sequence[int], **cells: Any) -> list[Row]:
    return [
        {
            "metric_id": "seen",
            "organisation_code": f"H{number}",
            "numerator": numerator,
            "denominator": 100,
            **cells,
        }
        for number, numerator in enumerate(numerators, start=1)
    ]


USUAL = (70, 72, 68, 71, 69, 70, 73, 67, 70, 71, 69)


def body(edition: Edition, template: str, *keys: str) -> str:
    return edition.make_page(PageReference(template, keys)).body


def words_of(html: str) -> str:
    return " ".join(Markup(re.sub(r"<[^>]+>", " ", html)).unescape().split())


def test_a_profile_counts_flags_and_says_what_chance_alone_gives() -> None:
    edition = make_services(figures((*USUAL, 30)))

    flagged, usual = (words_of(body(edition, "provider_service", code, "asthma")) for code in ("H12", "H1"))

    assert "1 of the 1 we could check lies unusually far from the others" in flagged
    assert "Chance alone would put about 1 in every 20 there" in flagged
    assert "Alarm: very low" in flagged
    assert "None of the 1 we could check" in usual
    assert "not flagged" in usual


def test_a_flagged_measure_shows_definition_denominator_comparison_and_caveat() -> None:
    page = body(make_services(figures((*USUAL, 30))), "provider_service", "H12", "asthma")

    card = page[page.index('id="m-seen"') :]
    assert '<details class="on-paper" open>' in card
    for text in ("Out of (denominator)", "Patients", "That is <strong>worse</strong>", METRIC["caveats"]):
        assert text in card


def test_among_few_providers_nobody_has_a_position() -> None:
    """The lowest fifth of four is a rank by another name."""
    few = words_of(body(make_services(figures((70, 72, 30, 69))), "provider_service", "H3", "asthma"))
    many = words_of(body(make_services(figures((*USUAL, 30))), "provider_service", "H12", "asthma"))

    assert "fifth" not in few
    assert "among the lowest fifth of hospital providers" in many


def test_a_list_of_services_leads_each_count_to_the_names_behind_it() -> None:
    rows = [
        *figures((*USUAL[:-1], 30)),
        {"metric_id": "seen", "organisation_code": "H12", "absence": "late"},
    ]
    edition = make_services(rows)

    index, service = body(edition, "services"), body(edition, "service", "asthma")

    assert '<a href="../services/asthma/#far">1 alarm<' in index
    assert '<a href="../services/asthma/#missing">1 figure<' in index
    far, missing = service.split('id="far"')[1].split("</section>")[0].split('id="missing"')
    assert "Hospital 11: Seen in time Alarm: very low 30.0%" in words_of(far)
    assert 'href="../../organisations/h11/services/asthma/#m-seen"' in far
    assert "Hospital 12: Seen in time October to December 2025: came too late" in words_of(missing)
    assert "Hospital 1:" not in words_of(far + missing)


@pytest.mark.parametrize("keys", [("service", "asthma"), ("provider_service", "H3", "asthma")])
def test_a_service_of_few_says_how_many_it_takes_to_look_for_outliers(keys: tuple[str, ...]) -> None:
    page = words_of(body(make_services(figures((70, 72, 30, 69))), *keys))

    assert "Too few places have figures to check" in page
    assert f"It takes at least {FEWEST_UNITS}." in page


def test_what_nobody_checks_is_not_said_to_be_of_too_few() -> None:
    level = {**METRIC, "kind": "status", "levels": "met|not met", "benchmark": "none"}
    rows = [{"metric_id": "seen", "organisation_code": f"H{number}", "value": 1} for number in range(1, 13)]

    edition = make_services(rows, metrics=[level])

    for page in (body(edition, "service", "asthma"), body(edition, "provider_service", "H1", "asthma")):
        assert "Too few" not in words_of(page)
        assert "we do not check who lies unusually far" in words_of(page)
    assert "not checked" in words_of(body(edition, "services"))


def test_a_comparison_tells_standards_change_and_the_basis_where_it_differs() -> None:
    banded = {**METRIC, "threshold_good": 75, "threshold_acceptable": 50}
    earlier = figures((30,), period="2025-q3")
    national = make_services([*figures((80, 40)), *earlier], metrics=[banded])
    mixed = make_services([*figures((80,), basis="verified"), figures((0, 40))[1]], metrics=[banded])

    table, other = (
        words_of(body(edition, "service", "asthma").split('id="m-seen"')[1]) for edition in (national, mixed)
    )

    assert "Standard Over time" in table
    assert re.search(r"Hospital 1 80.0% .*Good better since Jul.Sep 2025", table)
    assert "Basis of all these figures: national collection." in table
    assert " Basis " not in table.replace("Basis of all", "")
    assert re.search(r"Out of Basis Hospital 1 .* 100 Verified Hospital 2 .* 100 National collection", other)


def test_a_profile_names_what_has_no_figure_and_what_has_changed() -> None:
    rows = [
        *figures((80, 50)),
        *figures((30, 50), period="2025-q3"),
        {"metric_id": "seen", "organisation_code": "H3", "absence": "withdrawn"},
    ]
    edition = make_services(rows)

    moved, still, absent = (
        words_of(
            body(edition, "provider_service", code, "asthma").split('id="glance"')[1].split("</section>")[0]
        )
        for code in ("H1", "H2", "H3")
    )

    assert "What has clearly changed: Seen in time better since" in moved
    assert "Nothing has clearly changed" in still
    assert "No figure: Seen in time (withdrawn)." in absent
    assert "changed" not in absent


def test_a_verified_level_is_not_called_declared() -> None:
    level = {**METRIC, "kind": "status", "levels": "met|not met", "numerator_label": "level declared"}
    rows: list[Row] = [
        {"metric_id": "seen", "organisation_code": "H1", "value": 1, "basis": "verified"},
        *(
            {"metric_id": "seen", "organisation_code": f"H{number}", "value": 1, "basis": "self_declared"}
            for number in range(2, 12)
        ),
        {"metric_id": "seen", "organisation_code": "H12", "absence": "not_submitted"},
    ]
    edition = make_services(rows, metrics=[{**level, "benchmark": "none"}])

    for page in (("provider_service", "H1", "asthma"), ("organisation", "H1")):
        assert "Verified Verified level: met ." in words_of(body(edition, *page))
    scorecard = words_of(body(edition, "organisation", "H2"))
    assert "Self-declared Self-declared level: met ." in scorecard
    assert "Bars: how many places have each value or level." in scorecard
    assert "1 more has no figure." in scorecard


def test_a_scorecard_says_of_each_service_what_its_profile_comes_to() -> None:
    edition = make_services(figures((*USUAL, 30)))

    page = body(edition, "organisation", "H12")

    glance = words_of(page.split('id="glance"')[1].split("</section>")[0])
    assert "Its special service has something to look at more closely: Severe asthma (1 alarm)." in glance
    table = page.split('id="services"')[1].split("</section>")[0]
    assert '<a href="services/asthma/">Severe asthma</a>' in table
    # Measures, better, similar, worse, beyond the limits of chance, without a figure.
    cells = [words_of(cell.split("</span>", 1)[1]) for cell in re.findall("<td(.*?)</td>", table)]
    assert cells == ["1", "0", "0", "1", "1 alarm : Severe asthma", "none"]
    assert "Severe asthma : Was I checked?" in words_of(page)
    assert "look at more closely" not in words_of(body(edition, "organisation", "H1"))


def test_results_of_one_service_stand_together_on_a_scorecard() -> None:
    services = [SERVICE, {**SERVICE, "service_id": "hiv", "title": "HIV care"}]
    metrics = [
        {**METRIC, "metric_id": f"m{place}", "service_id": service_id, "position": place}
        for place, service_id in enumerate(("asthma", "hiv", "asthma", "hiv"))
    ]
    rows = [{**figures((70,))[0], "metric_id": metric["metric_id"]} for metric in metrics]

    page = body(make_services(rows, services=services, metrics=metrics), "organisation", "H1")

    headings = re.findall(r'<span class="of-service">([^<]+)<', page)
    assert headings == ["Severe asthma", "Severe asthma", "HIV care", "HIV care"]


def test_definitions_are_named_as_on_the_page_of_the_metric() -> None:
    metric = {**METRIC, "threshold_good": 75, "threshold_acceptable": 50, "target": 80, "owner": "The office"}
    edition = make_services(figures(USUAL), metrics=[metric])

    sheet, page = (
        re.findall("<dt>(.*?)</dt>", body(edition, template, key))
        for template, key in (("service_definitions", "asthma"), ("metric", "seen"))
    )

    own = {
        "What it shows",
        "What is counted (numerator)",
        "Out of (denominator)",
        "Compared with",
        "Small numbers",
    }
    assert set(sheet) - own <= set(page)
    assert own <= set(sheet)


def test_what_was_not_sent_is_listed_with_its_reason() -> None:
    rows = [
        *figures(USUAL),
        {"metric_id": "seen", "organisation_code": "H12", "absence": "late"},
        {"metric_id": "seen", "organisation_code": "H12", "period": "2025-q2", "absence": "not_submitted"},
        {"metric_id": "seen", "organisation_code": "H12", "period": "2025-q3", "absence": "not_applicable"},
    ]
    edition = make_services(rows)

    profile = body(edition, "provider_service", "H12", "asthma")
    missing = words_of(profile.split('id="missing"')[1].split("</section>")[0])

    assert "April to June 2025 (not sent in)" in missing
    assert "October to December 2025 (came too late for this release)" in missing
    assert "July" not in missing
    assert "Hospital 12 : sent in late" in words_of(body(edition, "service", "asthma"))


def test_declared_and_verified_stand_beside_each_other() -> None:
    rows = [
        *figures((80,), basis="self_declared"),
        *figures((60,), basis="verified", period="2025-q1"),
        *figures((75,), basis="self_declared", period="2024-q1"),
    ]

    page = body(make_services(rows), "provider_service", "H1", "asthma")

    table = words_of(page.split('id="vouched"')[1].split("</section>")[0])
    assert "Declared again since it was verified." in table
    assert table.index("80.0%") < table.index("60.0%")
    assert "75.0%" not in table


def test_a_service_that_is_verified_of_late_says_since_when_nothing_was_declared() -> None:
    rows = [*figures((80,), basis="self_declared", period="2025-q1"), *figures((60,), basis="verified")]

    page = body(make_services(rows), "provider_service", "H1", "asthma")

    assert "No declaration since January to March 2025: later ones are verified." in words_of(page)


@pytest.mark.parametrize(("verified", "said"), [(80, "Both say the same."), (60, "They differ.")])
def test_metrics_that_ask_the_same_question_share_a_row(verified: int, said: str) -> None:
    checked = {**METRIC, "metric_id": "checked-by-others", "title": "Seen in time, checked"}
    rows = [
        *figures((80,), basis="self_declared"),
        {**figures((verified,), basis="verified")[0], "metric_id": "checked-by-others"},
    ]

    page = body(make_services(rows, metrics=[METRIC, checked]), "provider_service", "H1", "asthma")

    table = page.split('id="vouched"')[1].split("</section>")[0]
    assert table.count("<tr") == 2
    assert said in words_of(table)


def test_a_comparison_lists_providers_by_name_and_those_that_ended() -> None:
    provisions = [
        {"organisation_code": "H2", "service_id": "asthma"},
        {"organisation_code": "H1", "service_id": "asthma", "to": "2024-12-31"},
        {"organisation_code": "H3", "service_id": "asthma", "to": "2024-12-31"},
        {"organisation_code": "H3", "service_id": "asthma", "from": "2025-07-01"},
    ]

    page = words_of(body(make_services(figures(USUAL), provisions=provisions), "service", "asthma"))

    assert "2 places provide it" in page
    assert "Hospital 1 until 31 December 2024" in page
    assert page.index("Hospital 1") < page.index("Hospital 2") < page.index("Hospital 3")


def test_programmes_have_addresses_of_their_own() -> None:
    """Titles that differ only in signs must not share a page."""
    titles = ("Blood & cancer", "Blood (cancer)", "Épilepsie", "心臓", "", "Blood & cancer")
    services = [
        {
            "service_id": f"s{number}",
            "title": f"Service {number}",
            "programme_of_care": title,
            "description": "x",
        }
        for number, title in enumerate(titles)
    ]

    found = programmes(make_book(services=services))

    assert [(item.title, item.programme_id, len(item.services)) for item in found] == [
        ("Blood & cancer", "blood-cancer", 2),
        ("Blood (cancer)", "blood-cancer-2", 1),
        ("Épilepsie", "epilepsie", 1),
        ("心臓", "programme", 1),
    ]


def test_services_without_a_programme_are_listed_too() -> None:
    edition = make_services(figures(USUAL), services=[{**SERVICE, "programme_of_care": ""}])

    page = edition.make_page(PageReference("services"))

    assert [heading.fragment for heading in page.contents] == ["others"]
    assert "Severe asthma" in page.body
    assert "programme" not in {reference.template for reference in edition.pages()}
