"""What the book of a release consists of: organisations, domains, levels of areas, groups, plates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.model.metric import Metric
from generator.model.vocabulary import Status
from generator.rendering.marks import BenchmarkMark
from generator.rendering.numbers import round_half_up
from generator.rendering.plates import Plate
from generator.rendering.towns import town_of

FEW = 1.5
"""Of fewer than so many a decimal is told."""
AREA_KINDS = ("area", "country")


@dataclass(frozen=True)
class Organisation:
    """One organisation as pages print it; blank texts are empty, missing dates None."""

    code: str
    name: str
    kind: str
    level: str
    parent_code: str
    status: str
    opened_on: date | None
    closed_on: date | None
    successor_code: str
    address: str
    postcode: str
    phone: str
    website: str
    list_size: float
    accepting_patients: bool | None
    opening_hours: str
    languages: str
    accessibility: str
    told_apart_by: str = ""
    """What tells it apart from others of its name: its town, else its code. Empty for most."""

    @property
    def full_name(self) -> str:
        """Its name where it stands among others: with what tells it apart from those of the same name."""
        return f"{self.name}, {self.told_apart_by}" if self.told_apart_by else self.name

    @property
    def slug(self) -> str:
        """The code as it stands in addresses."""
        return self.code.lower()

    @property
    def phone_digits(self) -> str:
        """The phone number as devices dial it; empty where there is none to dial."""
        digits = "".join(mark for mark in self.phone if mark in "0123456789")
        return f"+{digits}" if digits and self.phone.lstrip().startswith("+") else digits

    @property
    def is_area(self) -> bool:
        """Whether it is an area or a country: its page lies under /areas/."""
        return self.kind in AREA_KINDS

    @property
    def is_open(self) -> bool:
        """Whether it still exists."""
        return self.status == Status.OPEN

    @property
    def path(self) -> str:
        """Address of its page below the site's root."""
        return f"{'areas' if self.is_area else 'organisations'}/{self.slug}/"

    @property
    def outward(self) -> str:
        """The first half of its postcode, empty where there is none."""
        return self.postcode.partition(" ")[0]

    @property
    def address_parts(self) -> tuple[str, ...]:
        """The lines of its address."""
        return tuple(part.strip() for part in self.address.split(",") if part.strip())

    @property
    def town(self) -> str:
        """The town of its address, which is how people tell two places of one name apart."""
        return town_of(self.address)


@dataclass(frozen=True)
class Domain:
    """One domain with its metrics, in order."""

    domain_id: str
    title: str
    description: str
    metrics: tuple[Metric, ...]


@dataclass(frozen=True)
class AreaLevel:
    """The open areas of one level, by name."""

    level: str
    areas: tuple[Organisation, ...]


@dataclass(frozen=True)
class MetricPeriod:
    """One metric in one period for one group: a row of METRIC_PERIODS that pages print."""

    numerator: float
    denominator: float
    value: float
    reported: int
    expected: int
    phi: float
    tau2: float
    limits_used: str
    flagged: float
    flagged_by_chance: float

    @property
    def by_chance(self) -> str:
        """How many organisations chance alone would put beyond the limits: whole ones, unless it is few."""
        return round_half_up(self.flagged_by_chance, 1 if self.flagged_by_chance < FEW else 0)

    @property
    def times_chance(self) -> str:
        """How many times as much as chance explains the organisations differ: phi in short."""
        return round_half_up(self.phi, 1)

    @property
    def has_outliers(self) -> bool:
        """Whether it was looked for organisations beyond the limits of chance."""
        return bool(self.limits_used)


@dataclass(frozen=True)
class Plates:
    """The plates of one metric, and where their sheet lies."""

    sheet: str
    """Path of the domain's SVG file below the site's root."""
    spread: Plate | None
    trend: Plate | None
    funnel: Plate | None = None
    funnel_sheet: str = ""
    """Path of the funnel's own file: it is heavier than the others, and only the metric's page shows it."""
    country: BenchmarkMark | None = None
    """The country's line on the spread, for pages about the metric itself."""
    target_name: str = ""
    """What a target is called on the spread."""
    flagged: tuple[str, ...] = ()
    """Codes of the organisations beyond the funnel's limits in the latest period, by name."""
