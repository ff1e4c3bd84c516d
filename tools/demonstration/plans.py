"""What a plan of a metric is: its definition, as printed, and how its figures come about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from generator.model.vocabulary import Audience, BenchmarkKind, Direction, DisclosureClass, Frequency, Kind

QUALITY_OFFICE = "Fernmark Health Quality Office"
SOURCES = "https://example.org/sources/"


class Size(StrEnum):
    """Whom a metric counts, in each organisation."""

    PATIENTS = "patients"
    OLDER = "older"
    """Patients aged 65 and over."""
    YOUNGER = "younger"
    """Patients under 65."""
    BEDS = "beds"
    SERVICE = "service"
    """Patients of a specialised service in a year."""


class Scale(StrEnum):
    """On what scale organisations differ: so that a proportion never leaves 0 to 100 %."""

    LOGIT = "logit"
    LOG = "log"
    PLAIN = "plain"


@dataclass(frozen=True)
class Split:
    """How a metric's patients divide into the groups of one dimension."""

    dimension: str
    shares: Mapping[str, float]
    """By breakdown_id; they add up to 1."""
    differences: Mapping[str, float]
    """By breakdown_id: difference from everyone, on the metric's scale."""


@dataclass(frozen=True)
class Recipe:
    """How figures come about. Differences are on the metric's scale, times in years."""

    size: Size
    share: float
    """The denominator of one period, as a share of the size."""
    level: float | Mapping[str, float]
    """The value of a middling organisation in the last period, or in each period."""
    scale: Scale = Scale.LOGIT
    spread: float = 0.25
    """Standard deviation between organisations."""
    slope: float = 0.0
    """Change with one standard deviation more of deprivation."""
    size_slope: float = 0.0
    """Change of the denominator, in logs, with one standard deviation more of deprivation."""
    drift: float = 0.0
    """Change a year."""
    season: float = 0.0
    """By how much winter is above the year."""
    wobble: float = 0.04
    """Standard deviation from one period to the next."""
    is_stock: bool = False
    """The same people are counted again in the next period, so that chance moves the value little."""
    excluded: float = 0.0
    """Personalised care adjustments, as a share of the denominator."""
    deviation: float = 0.0
    """Standard deviation between patients of a mean: its ratio to the mean, or itself on a plain scale."""
    splits: tuple[Split, ...] = ()
    supplied_places: bool = False
    """The source supplies figures of the country (and for standardised rates of the areas)."""
    is_survey: bool = False
    has_supplied_intervals: bool = False
    since: str = ""
    """First period in which it was collected; empty: in all."""


@dataclass(frozen=True)
class Version:
    """One version of a definition that has several; the texts in it replace those of the plan."""

    version: str
    valid_from: date | None
    valid_to: date | None
    breaks_series: bool
    description: str
    caveats: str
    level: float
    """Difference of the values from those of the recipe, on the metric's scale."""


@dataclass(frozen=True)
class MetricPlan:
    """One metric: the columns of METRICS that it fills, and its recipe."""

    metric_id: str
    title: str
    question: str
    description: str
    why_it_matters: str
    numerator_label: str
    kind: Kind
    unit: str
    direction: Direction
    domain_id: str
    applies_to: str
    disclosure: DisclosureClass
    frequency: Frequency
    source_name: str
    recipe: Recipe
    denominator_label: str = ""
    multiplier: float = 1
    decimals: int = 1
    levels: tuple[str, ...] = ()
    range_low: float | None = None
    range_high: float | None = None
    service_id: str = ""
    cqc_question: str = ""
    outcomes_domain: str = ""
    benchmark: BenchmarkKind = BenchmarkKind.COUNTRY
    target: float | None = None
    threshold_good: float | None = None
    threshold_acceptable: float | None = None
    minimum_denominator: float | None = None
    is_sensitive: bool = False
    audience: Audience = Audience.PUBLIC
    weight: float | None = None
    method: str = ""
    owner: str = QUALITY_OFFICE
    review_by: date = date(2027, 3, 31)
    caveats: str = ""
    versions: tuple[Version, ...] = field(default=())

    @property
    def is_rolling(self) -> bool:
        """Whether neighbouring periods overlap."""
        return self.frequency in (Frequency.ROLLING_YEAR, Frequency.MULTI_YEAR)

    @property
    def source_url(self) -> str:
        """The address of its source, which leads nowhere."""
        return SOURCES + self.source_name.split(",")[0].lower().replace(" ", "-")
