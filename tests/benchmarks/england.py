"""The reference job "England": a release of an invented country of its size, the same bytes at every run.

6,300 practices x 40 metrics x 14 quarters = 3,528,000 observations, in two trees of areas. Every name, code
and figure is made up by a seeded generator. Run it as a script to write the release, whole or to a scale.
Other tests take a part of its metrics and quarters, with stories that readers meet (`stories.py`).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from generator.model.release import Descriptor, Licence, Source
from generator.model.schemas import DESCRIPTOR_NAME, candour_keys, package_descriptor, resource_descriptor
from generator.model.tables import INPUT_TABLES
from generator.model.vocabulary import Absence, BenchmarkKind, Direction, DisclosureClass, Kind, Submission
from tests.benchmarks import stories, words

PRACTICES = 6_300
QUARTERS = 14
RELEASE = "2026-q2"
SEED = 20_260_630

Row = dict[str, object]
Numbers = npt.NDArray[np.float64]

OBSERVATION_COLUMNS = (
    "metric_id",
    "organisation_code",
    "period",
    "numerator",
    "denominator",
    "base",
    "effective_base",
    "value",
    "lower",
    "upper",
    "standard_deviation",
    "submission",
    "absence",
)


@dataclass(frozen=True)
class Measure:
    """One metric of the job: what it is called, and what its figures are drawn from."""

    topic: str
    kind: Kind
    direction: Direction
    disclosure: DisclosureClass
    share_of_list: float
    """The denominator as a share of the registered patients."""
    level: float
    """What an ordinary practice reaches: a share, events per person, or the value itself."""
    is_survey: bool = False


def write_england(
    folder: Path,
    practices: int = PRACTICES,
    *,
    topics: Collection[str] = (),
    quarters: int = QUARTERS,
    has_stories: bool = False,
) -> dict[str, int]:
    """Write the release of so many practices into the folder, and return the rows of each table.

    A folder that is there already is written over. Areas shrink in proportion. Of the metrics only these
    topics (none named: all), of the quarters the latest. With stories, practices have phones and names as
    practices have them, some have closed, merged or never sent a figure, and surveys are held against peers.
    """
    chosen = {
        number: measure for number, measure in enumerate(measures()) if not topics or measure.topic in topics
    }
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    areas = Areas.of(practices)
    tables: dict[str, list[Row]] = {
        "metrics": [_metric(number, measure) for number, measure in chosen.items()],
        "domains": _domains({_domain_of(number) for number in chosen}),
        "organisations": _organisations(areas, random),
        "memberships": _memberships(areas),
        "periods": _periods(quarters),
        "characteristics": [
            {
                "characteristic_id": "deprivation",
                "title": "Deprivation score",
                "unit": "score",
                "use_for_peers": "true",
                "role": "deprivation",
            }
        ],
        "context": _context(areas, random),
        "postcodes": _postcodes(areas),
    }
    practice_rows = tables["organisations"][:practices]
    silent: Collection[str] = ()
    if has_stories:
        tables["postcodes"] += _sectors(areas)
        stories.hold_against_peers(tables["metrics"])
        silent = stories.tell(practice_rows, _ends_of_quarters()[-quarters:])
    resources = []
    for name, rows in tables.items():
        content = _as_csv(rows)
        (folder / f"{name}.csv").write_bytes(content)
        resources.append(
            resource_descriptor(INPUT_TABLES[name], f"{name}.csv", list(_columns_of(rows)), content)
        )
    path = folder / "observations.csv"
    with path.open("wb") as file:
        observations = _write_observations(file, practice_rows, chosen, quarters, silent, random)
    resources.append(
        resource_descriptor(INPUT_TABLES["observations"], path.name, OBSERVATION_COLUMNS, path.read_bytes())
    )
    document = package_descriptor(
        "england-sized",
        DESCRIPTOR.title,
        resources,
        sources=DESCRIPTOR.sources,
        licences=DESCRIPTOR.licences,
        candour=candour_keys(DESCRIPTOR),
        description=DESCRIPTOR.description,
    )
    (folder / DESCRIPTOR_NAME).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return {**{name: len(rows) for name, rows in tables.items()}, "observations": observations}


@dataclass(frozen=True)
class Areas:
    """The codes of practices and areas. The n-th member belongs to area n modulo the number of areas."""

    practices: list[str]
    networks: list[str]
    boards: list[str]
    regions: list[str]
    councils: list[str]

    @classmethod
    def of(cls, practices: int) -> Areas:
        """Return as many areas as so many practices need: 1,260, 42, 7 and 153 for the whole of England."""
        boards = max(2, round(practices / 150))
        return cls(
            practices=[f"ZD{number:04}" for number in range(1, practices + 1)],
            networks=[f"ZDN{number:03X}" for number in range(1, max(boards, practices // 5) + 1)],
            boards=[f"ZDB{number:03}" for number in range(1, boards + 1)],
            regions=[f"ZDR{number:03}" for number in range(1, min(7, boards) + 1)],
            councils=[f"ZDL{number:03}" for number in range(1, max(2, practices // 41) + 1)],
        )


def measures() -> list[Measure]:
    """Return the 40 metrics: every kind that a national publication has, in all three directions."""
    higher, lower, neutral = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER, Direction.NEUTRAL
    people, events, public = DisclosureClass.PEOPLE, DisclosureClass.EVENTS, DisclosureClass.OPEN
    found: list[Measure] = []
    found += [
        Measure(topic, Kind.PROPORTION, higher, people, 0.004 * (n + 2), 0.55 + 0.03 * n)
        for n, topic in enumerate(words.CHECKS)
    ]
    found += [
        Measure(topic, Kind.PROPORTION, higher, public, 0.02 * (n + 2), 0.6 + 0.03 * n)
        for n, topic in enumerate(words.SCREENING)
    ]
    found += [
        Measure(topic, Kind.PROPORTION, neutral, public, 1, 0.01 + 0.02 * n)
        for n, topic in enumerate(words.REGISTERS)
    ]
    found += [
        Measure(topic, Kind.RATE, lower, events if n < 5 else public, 1, 0.003 * (n + 1))
        for n, topic in enumerate(words.EVENTS)
    ]
    found += [Measure(topic, Kind.RATIO, lower, events, 0.004, 1) for topic in words.RATIOS]
    found += [
        Measure(topic, Kind.MEAN, lower, public, 0.05, 5 + 4 * n) for n, topic in enumerate(words.MEANS)
    ]
    found += [
        Measure(topic, Kind.PROPORTION, higher, public, 0.012, 0.7 + 0.05 * n, is_survey=True)
        for n, topic in enumerate(words.SURVEYS)
    ]
    found += [
        Measure(topic, Kind.STANDARDISED, lower, public, 1, 90 + 20 * n)
        for n, topic in enumerate(words.STANDARDISED)
    ]
    found += [Measure(topic, Kind.COUNT, neutral, public, 1, 0.02) for topic in words.COUNTS]
    return found


def _write_observations(
    file: BinaryIO,
    practices: Sequence[Row],
    chosen: Mapping[int, Measure],
    quarters: int,
    silent: Collection[str],
    random: np.random.Generator,
) -> int:
    """Write the figures, metric by metric and practice by practice, and return how many rows there are.

    There are none after a practice has closed, and those of silent ones were never sent in.
    """
    file.write((",".join(OBSERVATION_COLUMNS) + "\n").encode())
    count = len(practices) * quarters
    list_size = np.array([row["list_size"] for row in practices], dtype=np.float64)
    practice = np.repeat(np.arange(len(practices)), quarters)
    quarter = np.tile(np.arange(QUARTERS - quarters, QUARTERS), len(practices))
    codes = pa.array([row["organisation_code"] for row in practices]).take(pa.array(practice))
    periods = pa.array([row["period"] for row in _periods()]).take(pa.array(quarter))
    submission = pa.array([Submission.FINAL, Submission.PROVISIONAL]).take(
        pa.array((quarter == QUARTERS - 1).astype(int))
    )
    ends = np.array([day.isoformat() for day in _ends_of_quarters()])
    closed_on = np.array([str(row.get("closed_on", "")) or "9999" for row in practices])
    is_open = pa.array(ends[quarter] <= closed_on[practice])
    is_silent = np.array([row["organisation_code"] in silent for row in practices])[practice]
    nothing = np.full(count, np.nan)
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    rows = 0
    for number, measure in chosen.items():
        figures = _figures(measure, list_size[practice], practice, quarter, random)
        chance = random.random(count)
        absence = np.select([is_silent | (chance < 0.012), chance < 0.015], [1, 2])
        columns = {
            "metric_id": pa.array([_metric_id(number)]).take(pa.array(np.zeros(count, dtype=int))),
            "organisation_code": codes,
            "period": periods,
            **{
                name: pa.array(np.where(absence > 0, np.nan, figures.get(name, nothing)), from_pandas=True)
                for name in OBSERVATION_COLUMNS[3:-2]
            },
            "submission": submission,
            "absence": pa.array(["", Absence.NOT_SUBMITTED, Absence.FAILED_CHECKS]).take(pa.array(absence)),
        }
        table = pa.table(columns).filter(is_open)
        arrow_csv.write_csv(table, file, options)
        rows += table.num_rows
    return rows


def _figures(
    measure: Measure,
    list_size: Numbers,
    practice: npt.NDArray[np.int64],
    quarter: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> dict[str, Numbers]:
    """Return the figures of one metric: each practice has its own level, and moves a little every quarter."""
    count = len(practice)
    size = np.maximum(1, np.round(list_size * measure.share_of_list * random.uniform(0.97, 1.03, count)))
    own = random.normal(0, 0.25, practice[-1] + 1)
    effect = own[practice] + 0.01 * quarter + random.normal(0, 0.04, count)
    if measure.kind is Kind.PROPORTION:
        share = 1 / (1 + (1 / measure.level - 1) * np.exp(-effect))
        reached = random.binomial(size.astype(np.int64), share).astype(float)
        if not measure.is_survey:
            return {"numerator": reached, "denominator": size}
        weighted = np.round(size * random.uniform(0.8, 1.2, count), 2)
        return {
            "numerator": np.round(weighted * reached / size, 2),
            "denominator": weighted,
            "base": size,
            "effective_base": np.round(size * 0.8, 1),
        }
    if measure.kind in (Kind.RATE, Kind.COUNT):
        numerator = random.poisson(size * measure.level * np.exp(effect)).astype(float)
        return {"numerator": numerator} | ({"denominator": size} if measure.kind is Kind.RATE else {})
    if measure.kind is Kind.RATIO:
        expected = list_size * measure.share_of_list * random.uniform(0.8, 1.2, count)
        expected = np.maximum(0.5, expected).round(2)
        return {
            "numerator": random.poisson(expected * np.exp(effect)).astype(float),
            "denominator": expected,
        }
    value: Numbers = np.round(measure.level * np.exp(effect), 1)
    if measure.kind is Kind.MEAN:
        return {"value": value, "denominator": size, "standard_deviation": np.round(value * 0.6, 2)}
    half = np.round(value * 40 / np.sqrt(size), 1)
    return {
        "value": value,
        "lower": np.maximum(0, np.round(value - half, 1)),
        "upper": np.round(value + half, 1),
    }


def _metric(number: int, measure: Measure) -> Row:
    unit, multiplier, decimals = _UNITS[measure.kind]
    typical = measure.level * (multiplier if measure.kind is not Kind.STANDARDISED else 1)
    better = 1.1 if measure.direction is Direction.HIGHER_IS_BETTER else 0.9
    banded = measure.direction is not Direction.NEUTRAL and number % 3 == 0
    benchmark = BenchmarkKind.PARENT if number % 7 == 3 else BenchmarkKind.COUNTRY
    if banded and number % 2:
        benchmark = BenchmarkKind.TARGET
    return {
        "metric_id": _metric_id(number),
        "title": measure.topic,
        "question": f"How does this practice do on {measure.topic.lower()}?",
        "description": f"What practices reported on {measure.topic.lower()} in the quarter.",
        "why_it_matters": "It tells whether patients get the care that helps them most, and get it in time.",
        "numerator_label": "patients or events counted",
        "denominator_label": "" if measure.kind is Kind.COUNT else "those it could have been",
        "kind": str(measure.kind),
        "unit": unit,
        "multiplier": multiplier,
        "decimals": decimals,
        "direction": str(measure.direction),
        "domain_id": _domain_of(number),
        "applies_to": "practice",
        "benchmark": str(benchmark),
        "target": round(min(typical * better, 99), 2) if banded else "",
        "threshold_good": round(min(typical * better, 99), 2) if banded else "",
        "threshold_acceptable": round(typical * (2 - better), 2) if banded else "",
        "minimum_denominator": 10 if banded and measure.kind is Kind.PROPORTION else "",
        "disclosure": str(measure.disclosure),
        "frequency": "quarter",
        "source_name": "Invented collection of practice figures",
        "owner": "Invented quality team",
        "caveats": "Every figure is invented.",
    }


def _metric_id(number: int) -> str:
    return f"metric-{number + 1:02}"


def _domain_of(number: int) -> str:
    return f"domain-{number % 5 + 1}"


def _domains(chosen: Collection[str]) -> list[Row]:
    titles = ("Safe care", "Care that works", "Kindness", "Care in time", "Well-run practices")
    return [
        {
            "domain_id": f"domain-{number}",
            "title": title,
            "description": f"{title}: invented.",
            "position": number,
        }
        for number, title in enumerate(titles, start=1)
        if f"domain-{number}" in chosen
    ]


def _organisations(areas: Areas, random: np.random.Generator) -> list[Row]:
    """Return the practices, then the areas from small to large, and the country."""
    count = len(areas.practices)
    list_size = np.clip(random.lognormal(9.05, 0.55, count), 1_200, 60_000).astype(int).tolist()
    places = [_place(number) for number in range(max(20, count // 12))]
    rows: list[Row] = []
    for number, code in enumerate(areas.practices):
        latitude, longitude = _coordinates(number)
        place = places[number * 7 % len(places)]
        rows.append(
            {
                "organisation_code": code,
                "name": _practice_name(number),
                "kind": "practice",
                "level": "",
                "parent_code": areas.networks[number % len(areas.networks)],
                "status": "open",
                "opened_on": "1990-04-01",
                "address": f"{number % 180 + 1} {words.TREES[number % len(words.TREES)]} Road, {place}",
                "postcode": _postcode(number),
                "latitude": latitude,
                "longitude": longitude,
                "list_size": list_size[number],
            }
        )
    for level, codes, parents in (
        ("pcn", areas.networks, areas.boards),
        ("icb", areas.boards, areas.regions),
        ("region", areas.regions, [_COUNTRY]),
        ("council", areas.councils, [_COUNTRY]),
    ):
        for number, code in enumerate(codes):
            name = f"{_place(number * 11 + 5)} {_LEVEL_NAMES[level]}"
            rows.append(
                _area(code, f"{name} {number + 1}", level=level, parent_code=parents[number % len(parents)])
            )
    rows.append({**_area(_COUNTRY, "Exampleland", level="", parent_code=""), "kind": "country"})
    return rows


def _area(code: str, name: str, *, level: str, parent_code: str) -> Row:
    return {
        "organisation_code": code,
        "name": name,
        "kind": "area",
        "level": level,
        "parent_code": parent_code,
        "status": "open",
    }


def _memberships(areas: Areas) -> list[Row]:
    """Return both trees. One practice in a hundred has moved to its network from the one before it."""
    rows: list[Row] = []
    moved = _quarter_start(QUARTERS // 2)
    networks = len(areas.networks)
    for number, code in enumerate(areas.practices):
        own = _membership(code, areas.networks[number % networks])
        if number % 100 == 50:
            before = areas.networks[(number - 1) % networks]
            rows += [
                _membership(code, before, to=moved - timedelta(days=1)),
                {**own, "from": moved.isoformat()},
            ]
        else:
            rows.append(own)
    for children, parents in (
        (areas.networks, areas.boards),
        (areas.boards, areas.regions),
        (areas.regions, [_COUNTRY]),
    ):
        rows += [_membership(code, parents[number % len(parents)]) for number, code in enumerate(children)]
    councils = len(areas.councils)
    rows += [
        _membership(code, areas.councils[number % councils], tree="councils")
        for number, code in enumerate(areas.practices)
    ]
    return rows + [_membership(code, _COUNTRY, tree="councils") for code in areas.councils]


def _membership(code: str, parent: str, *, tree: str = "main", to: date | None = None) -> Row:
    return {
        "organisation_code": code,
        "parent_code": parent,
        "tree": tree,
        "from": "",
        "to": to.isoformat() if to else "",
    }


def _periods(quarters: int = QUARTERS) -> list[Row]:
    """Return the latest quarters, the first of them first."""
    ends = _ends_of_quarters()
    return [
        {
            "period": f"{start.year}-q{start.month // 3 + 1}",
            "start": start.isoformat(),
            "end": ends[number].isoformat(),
            "frequency": "quarter",
        }
        for number in range(QUARTERS - quarters, QUARTERS)
        for start in (_quarter_start(number),)
    ]


def _ends_of_quarters() -> list[date]:
    return [_quarter_start(number + 1) - timedelta(days=1) for number in range(QUARTERS)]


def _quarter_start(number: int) -> date:
    """Return the first day of a quarter; QUARTERS - 1 is the second of 2026."""
    months = 12 * 2026 + 3 - 3 * (QUARTERS - 1 - number)
    return date(months // 12, months % 12 + 1, 1)


def _context(areas: Areas, random: np.random.Generator) -> list[Row]:
    scores = np.round(random.gamma(3, 7, len(areas.practices)), 1).tolist()
    latest = _periods()[-1]["period"]
    return [
        {"organisation_code": code, "characteristic_id": "deprivation", "period": latest, "value": score}
        for code, score in zip(areas.practices, scores, strict=True)
    ]


def _postcodes(areas: Areas) -> list[Row]:
    centres: dict[str, Row] = {}
    for number in range(len(areas.practices)):
        outward = _outward(number)
        latitude, longitude = _coordinates(number)
        centres.setdefault(outward, {"postcode": outward, "latitude": latitude, "longitude": longitude})
    return list(centres.values())


def _sectors(areas: Areas) -> list[Row]:
    """Return the middle of every postcode sector that has a practice: an outward code and one figure."""
    centres: dict[str, Row] = {}
    for number in range(len(areas.practices)):
        sector = _postcode(number)[:-2]
        latitude, longitude = _coordinates(number)
        centres.setdefault(sector, {"postcode": sector, "latitude": latitude, "longitude": longitude})
    return list(centres.values())


def _postcode(number: int) -> str:
    unit = "ABDEFGHJLN"[number % 10] + "PQRSTUWXYZ"[number // 10 % 10]
    return f"{_outward(number)} {number % 9 + 1}{unit}"


def _outward(number: int) -> str:
    """Return an outward code of an area that no real postcode has; three practices or so share each."""
    place = number // 3
    area = words.POSTCODE_AREAS[place // 99 % len(words.POSTCODE_AREAS)]
    return f"{area}{place % 99 + 1}"


def _coordinates(number: int) -> tuple[float, float]:
    """Return a point of an invented country, neighbours in number being neighbours on the ground."""
    place = number // 3
    return round(50.5 + place % 53 / 10 + number % 3 / 200, 4), round(-4.2 + place // 53 % 57 / 10, 4)


def _practice_name(number: int) -> str:
    """Return a name that no other practice has: its first word is that of no real place."""
    feature = words.FEATURES[number // (len(words.BEGINNINGS) * len(words.ENDINGS)) % len(words.FEATURES)]
    return f"{_place(number)} {feature} {words.SUFFIXES[number * 5 % len(words.SUFFIXES)]}"


def _place(number: int) -> str:
    ending = words.ENDINGS[number // len(words.BEGINNINGS) % len(words.ENDINGS)]
    return words.BEGINNINGS[number % len(words.BEGINNINGS)] + ending


def _columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns_of(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


DESCRIPTOR = Descriptor(
    release=RELEASE,
    title="Quality of care in an invented country of England's size",
    publication_date=date(2026, 8, 20),
    publication_time="09:30",
    next_publication_date=None,
    publisher="Exampleland Quality Team",
    contact="quality@exampleland.example",
    missing_rows="",
    demonstration=True,
    sources=(Source("Seeded generator of the reference job"),),
    licences=(Licence("CC0-1.0", "CC0 1.0 Universal"),),
    description="Invented figures for measuring speed and memory.",
)

_COUNTRY = "ZDC001"
_LEVEL_NAMES = {"pcn": "Network", "icb": "Care Board", "region": "Region", "council": "Council"}
_UNITS = {
    Kind.PROPORTION: ("%", 100, 1),
    Kind.RATE: ("per 1,000 patients", 1000, 1),
    Kind.RATIO: ("times as many as expected", 1, 2),
    Kind.MEAN: ("days", 1, 1),
    Kind.STANDARDISED: ("per 100,000 patients", 1, 1),
    Kind.COUNT: ("contacts", 1, 0),
}


def main() -> None:
    """Write the release and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--practices", type=int, default=PRACTICES, help="how many practices (default %(default)s)"
    )
    parser.add_argument("--scale", type=float, help="share of England instead: 0.1 makes 630 practices")
    parser.add_argument("folder", type=Path, nargs="?", help="where to (default: under .candour/bench/)")
    options = parser.parse_args()
    practices = round(PRACTICES * options.scale) if options.scale else options.practices
    if not 10 <= practices <= 9_999:
        parser.error("between 10 and 9,999 practices can be made")
    folder = options.folder or default_folder(practices)
    begin = time.perf_counter()
    rows = write_england(folder, practices)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:,.1f} MB in {time.perf_counter() - begin:.1f} s", file=sys.stderr)
    for name, count in rows.items():
        print(f"  {name}: {count:,} rows", file=sys.stderr)


def default_folder(practices: int) -> Path:
    """Return where the release of so many practices lies unless another folder is named."""
    return Path(".candour") / "bench" / f"england-{practices}" / "datapackages" / RELEASE


if __name__ == "__main__":
    main()
