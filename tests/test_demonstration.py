"""The demonstration publication: what it must hold, and that its script still writes the committed bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from generator.errors import Severity
from generator.loading import check, find_releases, read_release
from generator.model.release import Release
from generator.model.vocabulary import (
    Absence,
    AssuranceLevel,
    Audience,
    Direction,
    DisclosureClass,
    Frequency,
    Kind,
    Status,
    Submission,
)
from tools.demonstration import write_publication
from tools.demonstration.places import CLOSED, MERGED, NEW, OUTLIER_HOSPITAL, SILENT, SUCCESSOR, TINY

DATAPACKAGES = Path(__file__).parents[1] / "datapackages"
RELEASES = ("2026-q1", "2026-q2")
BANNED_WORDS = re.compile(r"\b(worst|failing|risks?|league|rank|rating)\b", re.IGNORECASE)
KEY = ["metric_id", "organisation_code", "breakdown_id", "period"]


@pytest.fixture(scope="module")
def releases() -> dict[str, Release]:
    return {name: read_release(DATAPACKAGES / name)[0] for name in RELEASES}


@pytest.fixture(scope="module")
def release(releases: dict[str, Release]) -> Release:
    return releases["2026-q2"]


@pytest.fixture(scope="module")
def figures(release: Release) -> pd.DataFrame:
    """OBSERVATIONS of the newer release, with the columns of METRICS and PERIODS that tests ask for."""
    metrics = release.directory["metrics"].drop_duplicates("metric_id", keep="last")
    columns = ["metric_id", "kind", "disclosure", "sensitive", "applies_to", "service_id", "multiplier"]
    frame = release.observations.astype({"metric_id": str, "organisation_code": str, "period": str})
    return frame.merge(metrics[columns], on="metric_id").merge(release.directory["periods"], on="period")


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    write_publication(tmp_path)

    written = {
        file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }
    committed = {
        file.relative_to(DATAPACKAGES): file.read_bytes()
        for name in RELEASES
        for file in (DATAPACKAGES / name).rglob("*")
        if file.is_file()
    }
    assert written.keys() == committed.keys()
    assert [path for path, content in written.items() if content != committed[path]] == []


def test_the_check_finds_no_fault_in_it() -> None:
    findings = check([DATAPACKAGES / name for name in RELEASES], workers=1)

    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
    assert {finding.code for finding in findings} == {"VAL_ZERO_DENOMINATOR"}


def test_there_are_two_quarterly_releases(releases: dict[str, Release]) -> None:
    first, second = (releases[name].directory.descriptor for name in RELEASES)

    assert [folder.name for folder in find_releases(DATAPACKAGES)][-2:] == list(RELEASES)
    assert first.demonstration
    assert second.demonstration
    assert first.next_publication_date == second.publication_date


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_stays_small_enough_to_commit(name: str) -> None:
    assert sum(file.stat().st_size for file in (DATAPACKAGES / name).rglob("*.csv")) < 6_000_000


def test_the_country_has_the_places_promised(release: Release) -> None:
    organisations = release.directory["organisations"]
    kinds, levels = organisations["kind"].value_counts(), organisations["level"].value_counts()

    assert kinds["country"] == 1
    assert kinds["practice"] == 64
    assert kinds["provider"] == 14
    assert levels["region"] == 2
    assert levels["icb"] == 8
    assert levels["local-authority"] in (4, 5)
    sites = organisations[organisations["kind"] == "site"]
    assert sites["parent_code"].tolist() == ["ZP3", "ZP3"]


def test_councils_cross_areas_and_regions(release: Release) -> None:
    memberships = release.directory["memberships"]
    practices = memberships[memberships["organisation_code"].str.startswith("ZD")]
    main = practices[practices["tree"] == "main"]
    councils = practices[practices["tree"] == "local-authority"].set_index("organisation_code")["parent_code"]
    pairs = main.assign(council=main["organisation_code"].map(councils))
    region = release.directory["organisations"].set_index("organisation_code")["parent_code"]

    assert (pairs.groupby("council")["parent_code"].nunique() > 1).all()
    assert (
        pairs.assign(region=pairs["parent_code"].map(region)).groupby("council")["region"].nunique() > 1
    ).any()
    assert (main["organisation_code"].value_counts() == 2).sum() == 1, "one practice moved to another area"


def test_specialised_services_are_provided_and_report(release: Release) -> None:
    services, provisions = release.directory["services"], release.directory["provisions"]
    metrics = release.directory.metrics.values()

    assert len(services) == 5
    assert services["programme_of_care"].nunique() == 2
    assert set(provisions["service_id"]) == set(services["service_id"])
    assert (provisions["site_code"] != "").any()
    for service in services["service_id"]:
        kinds = [metric.kind for metric in metrics if metric.service_id == service]
        assert Kind.STATUS in kinds
        assert len(kinds) >= 3


def test_metrics_are_of_every_sort(release: Release) -> None:
    metrics = list(release.directory.metrics.values())
    domains = release.directory["domains"]

    assert len(metrics) >= 24
    assert {metric.kind for metric in metrics} == set(Kind)
    assert {metric.direction for metric in metrics} == set(Direction)
    assert {metric.disclosure for metric in metrics} == set(DisclosureClass)
    assert {metric.frequency for metric in metrics} == set(Frequency)
    assert {metric.audience for metric in metrics} == set(Audience)
    assert {metric.sensitive for metric in metrics} == {True, False}
    assert {metric.cqc_question for metric in metrics} == {
        "safe",
        "effective",
        "caring",
        "responsive",
        "well-led",
    }
    assert len({metric.section for metric in metrics} - {""}) == 3
    assert {metric.domain_id for metric in metrics} == set(domains["domain_id"])


def test_metrics_ask_what_a_patient_would_ask(release: Release) -> None:
    for metric in release.directory.metrics.values():
        assert metric.question.endswith("?")
        assert metric.description.endswith(".")
        assert len(metric.why_it_matters) > 40
        for text in (metric.question, metric.description, metric.why_it_matters, metric.caveats):
            assert not BANNED_WORDS.search(text), text


@pytest.mark.parametrize("name", RELEASES)
def test_each_release_covers_fourteen_quarters_up_to_its_own(name: str, releases: dict[str, Release]) -> None:
    periods = releases[name].directory["periods"]
    quarters = periods[periods["frequency"] == Frequency.QUARTER]["period"].tolist()

    assert len(quarters) == 14
    assert quarters[-1] == name


def test_every_absence_of_the_vocabulary_occurs_but_our_own(figures: pd.DataFrame) -> None:
    assert set(figures["absence"]) - {""} == {str(word) for word in Absence} - {str(Absence.SUPPRESSED)}


def test_whoever_is_open_has_a_row_in_every_period(figures: pd.DataFrame, release: Release) -> None:
    """Breakdowns too, which the check does not ask for."""
    counts = figures[figures["organisation_code"] == "ZD0001"].groupby(["metric_id", "breakdown_id"]).size()
    periods = release.directory["periods"]["frequency"].value_counts()
    frequency = {metric.metric_id: metric.frequency for metric in release.directory.metrics.values()}

    assert len(counts) == 23 + 2 * 2 + 5 * 2 + 2
    for metric_id, count in counts.groupby("metric_id"):
        assert (count == periods[frequency[str(metric_id)]]).all()


def test_the_closed_the_merged_and_the_new_practice_say_so(figures: pd.DataFrame, release: Release) -> None:
    organisations = release.directory["organisations"].set_index("organisation_code")
    own = {code: figures[figures["organisation_code"] == code] for code in (CLOSED, MERGED, NEW)}

    assert organisations.loc[CLOSED, "status"] == Status.CLOSED
    assert organisations.loc[MERGED, "status"] == Status.MERGED
    assert organisations.loc[MERGED, "successor_code"] == SUCCESSOR
    for code in (CLOSED, MERGED):
        closed_on = organisations.loc[code, "closed_on"]
        ended = own[code]["end"] > closed_on
        assert (own[code]["start"] <= closed_on).all()
        assert (own[code].loc[ended, "absence"] == Absence.CLOSED).all()
        assert (own[code].loc[~ended, "absence"] != Absence.CLOSED).all()
    assert own[NEW]["end"].min() >= organisations.loc[NEW, "opened_on"]
    assert "2023-q1" not in set(own[NEW]["period"])


def test_one_practice_never_submits_and_one_is_too_small(figures: pd.DataFrame) -> None:
    silent = figures[figures["organisation_code"] == SILENT]
    tiny = figures[(figures["organisation_code"] == TINY) & (figures["disclosure"] == DisclosureClass.PEOPLE)]

    assert set(silent["absence"]) == {str(Absence.NOT_SUBMITTED)}
    assert (tiny["base"].dropna() < 10).all()
    assert (tiny["denominator"].dropna() < 100).all()
    assert (tiny["denominator"] == 0).any()


def test_there_are_small_numbers_to_hide(figures: pd.DataFrame) -> None:
    people = figures[(figures["disclosure"] == DisclosureClass.PEOPLE) & (figures["kind"] == Kind.PROPORTION)]
    sensitive = people[people["sensitive"].fillna(value=False).astype(bool)]

    assert people["numerator"].between(1, 7).sum() > 200
    assert (people["denominator"] - people["numerator"]).between(1, 7).sum() > 200
    assert (sensitive["numerator"] == 0).any()
    assert ((sensitive["numerator"] == sensitive["denominator"]) & (sensitive["denominator"] > 10)).any()
    assert (people["excluded"] > 0).any()


def test_parts_add_up_to_the_whole(figures: pd.DataFrame, release: Release) -> None:
    dimension = release.directory["breakdowns"].set_index("breakdown_id")["dimension"]
    counted = figures[figures["absence"] == ""].assign(
        dimension=figures["breakdown_id"].astype(str).map(dimension)
    )
    whole = counted[counted["breakdown_id"] == "all"].set_index(["metric_id", "organisation_code", "period"])
    parts = counted[counted["dimension"].notna()]

    sums = parts.groupby(["metric_id", "organisation_code", "period", "dimension"])[
        ["numerator", "denominator"]
    ].sum()

    assert set(sums.index.get_level_values("dimension")) == {"sex", "deprivation"}
    for column in ("numerator", "denominator"):
        off = sums[column].unstack("dimension").sub(whole[column], axis="index").abs()
        assert off.max().max() < 0.01


def test_a_definition_changes_and_breaks_its_series(release: Release) -> None:
    metrics = release.directory["metrics"]
    versions = metrics[metrics["metric_id"] == "blood-pressure-controlled"]

    assert versions["version"].tolist() == ["1", "2"]
    assert versions["breaks_series"].fillna(value=False).tolist() == [False, True]


def test_one_hospital_is_far_outside_what_is_expected(figures: pd.DataFrame) -> None:
    ratios = figures[(figures["metric_id"] == "hospital-mortality-ratio") & (figures["absence"] == "")]
    latest = ratios[ratios["end"] == ratios["end"].max()].set_index("organisation_code")
    value = latest["numerator"] / latest["denominator"]

    # Over-dispersion as in the methods, roughly: the spread of the others.
    others = value.drop(OUTLIER_HOSPITAL)
    assert value[OUTLIER_HOSPITAL] > 1.2
    assert value[OUTLIER_HOSPITAL] > others.mean() + 3.09 * others.std()
    assert 0.95 < latest["numerator"].sum() / latest["denominator"].sum() < 1.05


def test_charts_have_a_shift_a_trend_and_a_spike(figures: pd.DataFrame) -> None:
    def series(metric_id: str, code: str) -> list[float]:
        own = figures[
            (figures["metric_id"] == metric_id) & (figures["organisation_code"] == code)
        ].sort_values("end")
        return own["value"].fillna(100 * own["numerator"] / own["denominator"]).tolist()

    shift, trend, spike = (
        series("appointment-within-two-weeks", "ZD0005"),
        series("cervical-screening", "ZD0023"),
        series("days-to-appointment", "ZD0038"),
    )

    assert min(shift[6:]) > max(shift[:6])
    assert all(later < earlier for earlier, later in zip(trend[-8:], trend[-7:], strict=False))
    assert spike[11] > 1.5 * max(spike[:11] + spike[12:])


def test_the_second_release_revises_and_completes_the_first(releases: dict[str, Release]) -> None:
    first, second = (releases[name].observations.astype(dict.fromkeys(KEY, str)) for name in RELEASES)
    both = first.merge(second, on=KEY, suffixes=("_first", "_second"))

    was_late = both["absence_first"] == Absence.LATE
    is_revised = both["submission_second"] == Submission.REVISED
    same = (
        both[["numerator_first", "denominator_first", "value_first"]].fillna(-1).to_numpy()
        == both[["numerator_second", "denominator_second", "value_second"]].fillna(-1).to_numpy()
    ).all(axis=1)

    assert was_late.sum() >= 8
    assert (both.loc[was_late, "absence_second"] == "").all()
    assert is_revised.sum() > 40
    assert (both.loc[is_revised, "note_second"] != "").all()
    assert (same | is_revised | was_late).all(), "nothing changes without being said"
    assert (both.loc[is_revised & ~same, "submission_first"] == Submission.PROVISIONAL).any()
    assert (second["submission"] == Submission.PROVISIONAL).sum() > 100
    assert (second["absence"] == Absence.LATE).any()


def test_the_tables_around_the_figures_are_filled(release: Release) -> None:
    directory = release.directory

    for name in ("targets", "rebases", "context", "comments", "events", "deadlines", "actions", "postcodes"):
        assert len(directory[name]) >= 3, name
    assert set(directory["assurance"]["level"]) == {str(level) for level in AssuranceLevel}
    characteristics = directory["characteristics"]
    assert (characteristics["role"] == "deprivation").sum() == 1
    assert characteristics["use_for_peers"].any()
    assert set(directory.boundaries) == {f"ZA{number}" for number in range(1, 9)}


def test_some_names_are_awkward(release: Release) -> None:
    organisations = release.directory["organisations"]
    names = organisations.loc[organisations["kind"] == "practice", "name"]

    assert names.str.contains("'").any()
    assert names.str.contains("&").any()
    assert names.str.contains("é").any()
    assert names.str.len().max() > 80
    assert names.duplicated().sum() == 1, "one name is shared"
    assert {"Harbour View Surgery", "Harbourview Surgery"} <= set(names)


def test_nothing_in_it_is_real(release: Release) -> None:
    organisations, postcodes = release.directory["organisations"], release.directory["postcodes"]

    assert (
        organisations["organisation_code"]
        .str.fullmatch("Z(D[0-9]{4}|P[1-9A-E](0[12])?|A[1-8]|R[12]|L[1-5]|CO)")
        .all()
    )
    phones = organisations.loc[organisations["phone"] != "", "phone"]
    assert phones.str.fullmatch("01632 960[0-9]{3}").all()
    assert phones.is_unique
    addresses = organisations.loc[organisations["postcode"] != "", "postcode"]
    assert addresses.str.fullmatch("ZN[0-9]{1,2} [0-9][A-Z]{2}").all()
    websites = organisations.loc[organisations["website"] != "", "website"]
    assert websites.str.startswith("https://example.org/").all()
    for table in (organisations, postcodes):
        # Nothing but sea lies between these degrees.
        assert table["latitude"].dropna().between(46, 48).all()
        assert table["longitude"].dropna().between(-35, -32).all()
