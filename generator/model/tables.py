"""Every column of every table, once: the input contract and what statistics returns.

From here come the Table Schemas that importers ship, the checks of `loading`, the empty columns of results
and the page `docs/reference/data-package.md`. `contract: 1` stands in every descriptor: columns may be added,
never moved or given another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from generator.model.vocabulary import (
    Absence,
    Assurance,
    AssuranceLevel,
    Audience,
    Band,
    Basis,
    BenchmarkKind,
    Change,
    ChangeCause,
    Comparison,
    Direction,
    DisclosureClass,
    Frequency,
    IntervalSource,
    Judgement,
    Kind,
    LimitsUsed,
    Outlier,
    Protection,
    Status,
    Submission,
    Trend,
    Variation,
)

CONTRACT = 1

CODE_PATTERN = "[A-Z0-9-]+"
IDENTIFIER_PATTERN = "[a-z0-9-]+"
MAIN_TREE = "main"
ALL_PATIENTS = "all"
"""The breakdown_id of figures that are not broken down."""


class ColumnType(StrEnum):
    """The form of a column's cells, which is stricter than the Table Schema type of the same name."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"

    @property
    def dtype(self) -> str:
        """How pandas holds it: missing text is "", missing numbers NaN, dates NaT, booleans NA."""
        return {
            ColumnType.STRING: "str",
            ColumnType.INTEGER: "float64",
            ColumnType.NUMBER: "float64",
            ColumnType.BOOLEAN: "boolean",
            ColumnType.DATE: "datetime64[s]",
        }[self]


@dataclass(frozen=True)
class Column:
    """One column: its form, what it means, and when it may be blank."""

    name: str
    type: ColumnType
    meaning: str
    blank: str = ""
    """What a blank cell means. Empty: the column must be there and no cell may be blank."""
    vocabulary: tuple[str, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    default: str = ""
    """What a blank cell or an absent column stands for, where that is a value."""

    @property
    def is_required(self) -> bool:
        """Whether the column must be there with every cell filled."""
        return not self.blank


@dataclass(frozen=True)
class Reference:
    """Columns whose cells must be keys of another table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """One resource of the data package, or one table of results."""

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    is_required: bool = False
    references: tuple[Reference, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return self._by_name[name]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def _text(name: str, meaning: str, blank: str = "", *, default: str = "", pattern: str = "") -> Column:
    return Column(name, ColumnType.STRING, meaning, blank, default=default, pattern=pattern)


def _code(name: str, meaning: str, blank: str = "") -> Column:
    return _text(name, meaning, blank, pattern=CODE_PATTERN)


def _id(name: str, meaning: str, blank: str = "", *, default: str = "") -> Column:
    return _text(name, meaning, blank, default=default, pattern=IDENTIFIER_PATTERN)


def _choice(name: str, meaning: str, words: type[StrEnum], blank: str = "", *, default: str = "") -> Column:
    return Column(name, ColumnType.STRING, meaning, blank, vocabulary=tuple(words), default=default)


def _number(
    name: str,
    meaning: str,
    blank: str = "",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
    default: str = "",
) -> Column:
    return Column(
        name,
        ColumnType.NUMBER,
        meaning,
        blank,
        minimum=minimum,
        maximum=maximum,
        unit=unit,
        default=default,
    )


def _integer(
    name: str,
    meaning: str,
    blank: str = "",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
    default: str = "",
) -> Column:
    column = _number(name, meaning, blank, minimum=minimum, maximum=maximum, unit=unit, default=default)
    return replace(column, type=ColumnType.INTEGER)


def _flag(name: str, meaning: str, blank: str) -> Column:
    return Column(name, ColumnType.BOOLEAN, meaning, blank)


def _date(name: str, meaning: str, blank: str = "") -> Column:
    return Column(name, ColumnType.DATE, meaning, blank)


METRIC_REFERENCE = Reference("metric_id", "metrics", "metric_id")
ORGANISATION_REFERENCE = Reference("organisation_code", "organisations", "organisation_code")
PERIOD_REFERENCE = Reference("period", "periods", "period")
SERVICE_REFERENCE = Reference("service_id", "services", "service_id")
BREAKDOWN_REFERENCE = Reference("breakdown_id", "breakdowns", "breakdown_id")

METRICS = Table(
    "metrics",
    "Metrics",
    "What is measured: one row for each version of a metric's definition.",
    (
        _id("metric_id", "Identifier of the metric, part of its web address."),
        _text(
            "version", "Name of this version of the definition.", "the metric has one version", default="1"
        ),
        _date("valid_from", "First day of the periods that this version defines.", "from the beginning"),
        _date("valid_to", "Last day of the periods that this version defines.", "until further notice"),
        _flag(
            "breaks_series",
            "Whether this version's figures cannot be compared with the version before.",
            "false: the series goes on",
        ),
        _text("title", "Short name of the metric."),
        _text("question", "What it tells, as a patient would ask it."),
        _text("description", "What is counted, in a sentence or two."),
        _text("why_it_matters", "Why a patient or a board should care."),
        _text("numerator_label", "What the numerator counts, in words."),
        _text("denominator_label", "What the denominator counts, in words.", "the metric has no denominator"),
        _choice(
            "kind",
            "How value and interval are calculated. For a ratio the denominator is the expected count.",
            Kind,
        ),
        _text("unit", "Unit of the value, as it is printed: %, per 1,000 patients, days."),
        _number("multiplier", "value = numerator * multiplier / denominator.", "1", default="1"),
        _integer("decimals", "Decimal places printed.", "1", minimum=0, maximum=4, default="1"),
        _text("levels", "The levels of a status, best first, separated by |.", "the metric is no status"),
        _number("range_low", "Lowest value that can be.", "no lower bound beyond that of the kind"),
        _number("range_high", "Highest value that can be.", "no upper bound beyond that of the kind"),
        _choice("direction", "Which way is better.", Direction),
        _id("domain_id", "The domain under which scorecards list the metric."),
        _id("service_id", "The specialised service that the metric belongs to.", "it belongs to no service"),
        _text(
            "cqc_question", "CQC key question: safe, effective, caring, responsive, well-led.", "not assigned"
        ),
        _text("outcomes_domain", "NHS outcomes framework domain.", "not assigned"),
        _text("section", "Local section of the scorecard.", "not assigned"),
        _text("applies_to", "The kind of organisation that reports it: practice, provider, site …"),
        _choice("benchmark", "What values are compared with on the scorecard.", BenchmarkKind),
        _number("target", "National target, in the metric's unit.", "no target"),
        _number("threshold_good", "From here (itself included) a value is good.", "not banded"),
        _number(
            "threshold_acceptable",
            "From here (itself included) a value is at least acceptable.",
            "not banded",
        ),
        _number("minimum_denominator", "Below this denominator no band is given.", "no minimum", minimum=0),
        _choice("disclosure", "How small numbers are protected.", DisclosureClass),
        _flag("sensitive", "Whether 0% and 100% are hidden too.", "false"),
        _choice("frequency", "How often it is reported.", Frequency),
        _flag("rolling", "Whether neighbouring periods overlap.", "false"),
        _choice("audience", "Who may see it.", Audience, "public", default="public"),
        _number("weight", "Weight in a board build's levels by domain.", "no weight", minimum=0),
        _text("method", "How the source calculated what it supplies.", "nothing is supplied"),
        _text("source_name", "Who published the figures, and where."),
        _text("source_url", "Web address of the source.", "no public address"),
        _text("owner", "Who answers for the definition.", "not stated"),
        _date("review_by", "When the definition is next reviewed.", "not stated"),
        _text("caveats", "What a reader must know before drawing conclusions.", "none"),
    ),
    ("metric_id", "version"),
    is_required=True,
    references=(Reference("domain_id", "domains", "domain_id"), SERVICE_REFERENCE),
)

DOMAINS = Table(
    "domains",
    "Domains",
    "The groups under which scorecards list metrics.",
    (
        _id("domain_id", "Identifier of the domain, part of its web address."),
        _text("title", "Name of the domain."),
        _text("description", "What its metrics have in common, in a sentence."),
        _integer("position", "Order on the scorecard, lowest first.", minimum=0),
        _text("framework", "The framework the domain comes from.", "the publisher's own"),
    ),
    ("domain_id",),
    is_required=True,
)

ORGANISATIONS = Table(
    "organisations",
    "Organisations",
    "Who is measured, and the areas they belong to: open, closed and merged ones alike.",
    (
        _code("organisation_code", "National code, such as the ODS code. Always text."),
        _text("name", "Name as it is printed."),
        _text("kind", "practice, provider, site, area, country, or one declared in `kinds`."),
        _text("level", "Level of an area: pcn, icb, region …", "no area, or an area without a level"),
        _code("parent_code", "Today's main parent, shown in the breadcrumb.", "none is known"),
        _choice("status", "Whether it still exists.", Status),
        _date("opened_on", "First day.", "not known, or before the figures begin"),
        _date("closed_on", "Last day.", "still open, or not known"),
        _code("successor_code", "Who took over its patients.", "nobody, or not known"),
        _text("address", "Postal address without the postcode, parts separated by commas.", "not stated"),
        _text("postcode", "Postcode.", "not stated"),
        _number(
            "latitude", "Latitude of the premises.", "not stated", minimum=-90, maximum=90, unit="degrees"
        ),
        _number(
            "longitude", "Longitude of the premises.", "not stated", minimum=-180, maximum=180, unit="degrees"
        ),
        _text("phone", "Telephone number as it is dialled.", "not stated"),
        _text("website", "Its own web address (https).", "not stated"),
        _integer("list_size", "Registered patients.", "not stated, or none", minimum=0, unit="persons"),
        _flag("accepting_patients", "Whether it takes new patients.", "not stated"),
        _text("opening_hours", "Opening hours in words.", "not stated"),
        _text("languages", "Languages spoken, separated by commas.", "not stated"),
        _text("accessibility", "Access to the premises in words.", "not stated"),
    ),
    ("organisation_code",),
    is_required=True,
    references=(
        Reference("parent_code", "organisations", "organisation_code"),
        Reference("successor_code", "organisations", "organisation_code"),
    ),
)

MEMBERSHIPS = Table(
    "memberships",
    "Memberships",
    "Who belonged to which area, and when. Totals use the membership at the period's end.",
    (
        _code("organisation_code", "The member."),
        _code("parent_code", "The area, or the provider of a site."),
        _id(
            "tree",
            "Which tree of areas; no tree counts an organisation twice at a level.",
            "main",
            default="main",
        ),
        _date("from", "First day of the membership.", "from the beginning"),
        _date("to", "Last day of the membership.", "until further notice"),
    ),
    ("organisation_code", "parent_code", "tree", "from"),
    references=(ORGANISATION_REFERENCE, Reference("parent_code", "organisations", "organisation_code")),
)

PERIODS = Table(
    "periods",
    "Periods",
    "The times that figures describe. Order is by end, then start.",
    (
        _text("period", "Identifier of the period, such as 2025-q2."),
        _date("start", "First day."),
        _date("end", "Last day (inclusive)."),
        _choice("frequency", "What kind of period it is.", Frequency),
        _text("label", "How the period is printed.", "made from its dates"),
    ),
    ("period",),
    is_required=True,
)

OBSERVATION_KEY = ("metric_id", "organisation_code", "breakdown_id", "period")

OBSERVATIONS = Table(
    "observations",
    "Observations",
    "The figures: one row for each metric, organisation, breakdown and period.",
    (
        _id("metric_id", "The metric."),
        _code("organisation_code", "Who is measured."),
        _id("breakdown_id", "The group of patients.", "all patients", default=ALL_PATIENTS),
        _text("period", "The time the figures describe."),
        _number("numerator", "The count of events or people.", "not reported, or the kind has none"),
        _number(
            "denominator",
            "The count it is divided by; for a ratio the expected count. Fractions are allowed.",
            "not reported, or the kind has none",
            minimum=0,
        ),
        _integer("base", "Unweighted number of respondents.", "no survey", minimum=0, unit="persons"),
        _number(
            "effective_base",
            "Effective sample size after weighting.",
            "not stated",
            minimum=0,
            unit="persons",
        ),
        _number("excluded", "Patients left out by personalised care adjustment.", "not stated", minimum=0),
        _number("value", "Value supplied by the source, in the metric's unit.", "calculated from the counts"),
        _number("lower", "Lower 95% limit supplied by the source.", "calculated"),
        _number("upper", "Upper 95% limit supplied by the source.", "calculated"),
        _number("standard_deviation", "Standard deviation of a mean.", "not stated", minimum=0),
        _choice("basis", "Who vouches for the figure.", Basis, "national", default="national"),
        _choice("submission", "How settled the figure is.", Submission, "final", default="final"),
        _choice("absence", "Why there is no figure.", Absence, "the row has a figure"),
        _text("note", "The source's remark on this figure.", "none"),
    ),
    OBSERVATION_KEY,
    is_required=True,
    references=(METRIC_REFERENCE, ORGANISATION_REFERENCE, BREAKDOWN_REFERENCE, PERIOD_REFERENCE),
)

BREAKDOWNS = Table(
    "breakdowns",
    "Breakdowns",
    "Groups of patients that figures are given for.",
    (
        _id("breakdown_id", "Identifier of the group; `all` stands for everyone and need not be listed."),
        _text("dimension", "sex, age, ethnicity, deprivation …"),
        _text("title", "Name of the group."),
        _integer("position", "Order within the dimension.", minimum=0),
    ),
    ("breakdown_id",),
)

SERVICES = Table(
    "services",
    "Services",
    "Specialised services.",
    (
        _id("service_id", "Identifier of the service, part of its web address."),
        _text("title", "Name of the service."),
        _text("programme_of_care", "The programme of care it belongs to.", "none"),
        _text("description", "What the service does, in plain words."),
    ),
    ("service_id",),
)

PROVISIONS = Table(
    "provisions",
    "Provisions",
    "Which organisation provides which service, and so is expected to report.",
    (
        _code("organisation_code", "The provider."),
        _id("service_id", "The service."),
        _date("from", "First day.", "from the beginning"),
        _date("to", "Last day.", "until further notice"),
        _code("site_code", "The site where it is given.", "the provider as a whole"),
        _text("lead_role", "Role of the service's lead (never a name).", "not stated"),
        _text("contact", "Address of a role mailbox.", "not stated"),
    ),
    ("organisation_code", "service_id", "from", "site_code"),
    references=(
        ORGANISATION_REFERENCE,
        SERVICE_REFERENCE,
        Reference("site_code", "organisations", "organisation_code"),
    ),
)

TARGETS = Table(
    "targets",
    "Targets",
    "Targets and thresholds by place and time. The nearest wins: organisation, area, country.",
    (
        _id("metric_id", "The metric."),
        _code("organisation_code", "Organisation or area it is set for.", "the whole country"),
        _date("from", "First day of the periods it holds for.", "from the beginning"),
        _date("to", "Last day of the periods it holds for.", "until further notice"),
        _number("target", "The target, in the metric's unit.", "only thresholds are set"),
        _number("threshold_good", "As in `metrics`.", "only a target is set"),
        _number("threshold_acceptable", "As in `metrics`.", "only a target is set"),
        _text("set_by", "Who set it."),
    ),
    ("metric_id", "organisation_code", "from"),
    references=(METRIC_REFERENCE, ORGANISATION_REFERENCE),
)

REBASES = Table(
    "rebases",
    "Rebases",
    "Where a control chart starts again, and why.",
    (
        _id("metric_id", "The metric."),
        _code("organisation_code", "Organisation whose chart starts again.", "all organisations"),
        _date("date", "First day of the new segment."),
        _text("reason", "Why the process has changed."),
    ),
    ("metric_id", "organisation_code", "date"),
    references=(METRIC_REFERENCE, ORGANISATION_REFERENCE),
)

CHARACTERISTICS = Table(
    "characteristics",
    "Characteristics",
    "What describes an organisation's population, never its results.",
    (
        _id("characteristic_id", "Identifier of the characteristic."),
        _text("title", "Name as it is printed."),
        _text("unit", "Unit of its values."),
        _flag("use_for_peers", "Whether peers are chosen by it.", "false"),
        _text("role", "deprivation, where it ranks organisations by deprivation.", "no special role"),
    ),
    ("characteristic_id",),
)

CONTEXT = Table(
    "context",
    "Context",
    "The values of characteristics.",
    (
        _code("organisation_code", "Who is described."),
        _id("characteristic_id", "The characteristic."),
        _text("period", "The time it describes."),
        _number("value", "Its value, in the characteristic's unit."),
    ),
    ("organisation_code", "characteristic_id", "period"),
    references=(
        ORGANISATION_REFERENCE,
        Reference("characteristic_id", "characteristics", "characteristic_id"),
        PERIOD_REFERENCE,
    ),
)

COMMENTS = Table(
    "comments",
    "Comments",
    "What an organisation says about its own results, printed beside them.",
    (
        _code("organisation_code", "Who comments."),
        _id("metric_id", "The metric commented on.", "the scorecard as a whole"),
        _text("period", "The period commented on.", "no period in particular"),
        _text("text", "The comment, as plain text."),
        _text("role", "Role of the person who wrote it (never a name)."),
        _date("received_on", "When it was received."),
    ),
    ("organisation_code", "metric_id", "period"),
    references=(ORGANISATION_REFERENCE, METRIC_REFERENCE, PERIOD_REFERENCE),
)

EVENTS = Table(
    "events",
    "Events",
    "Dated happenings that explain a change in a series.",
    (
        _date("date", "When it happened."),
        _text("label", "What happened, in a few words."),
        _id("metric_id", "The metric it bears on.", "all metrics"),
        _code("organisation_code", "The organisation it bears on.", "all organisations"),
    ),
    ("date", "label", "metric_id", "organisation_code"),
    references=(METRIC_REFERENCE, ORGANISATION_REFERENCE),
)

DEADLINES = Table(
    "deadlines",
    "Deadlines",
    "When each period's figures are due and published.",
    (
        _text("period", "The period."),
        _date("opens", "When submission opens."),
        _date("closes", "Last day of submission."),
        _date("published", "Planned day of publication."),
    ),
    ("period",),
    references=(PERIOD_REFERENCE,),
)

ASSURANCE = Table(
    "assurance",
    "Assurance",
    "How closely commissioners follow an organisation (board builds only).",
    (
        _code("organisation_code", "The organisation."),
        _id("service_id", "The service.", "the organisation as a whole"),
        _choice("level", "The level of assurance.", AssuranceLevel),
        _date("decided_on", "When it was decided."),
        _date("next_review", "When it is reviewed.", "not planned"),
        _text("note", "Why."),
    ),
    ("organisation_code", "service_id", "decided_on"),
    references=(ORGANISATION_REFERENCE, SERVICE_REFERENCE),
)

ACTIONS = Table(
    "actions",
    "Actions",
    "What an organisation has undertaken to do (board builds only).",
    (
        _code("organisation_code", "The organisation."),
        _id("metric_id", "The metric it is to improve.", "no single metric"),
        _text("title", "What will be done."),
        _text("owner_role", "Role that answers for it (never a name)."),
        _date("due_on", "When it is due."),
        _text("status", "not started, in progress, done, overdue."),
    ),
    ("organisation_code", "metric_id", "title"),
    references=(ORGANISATION_REFERENCE, METRIC_REFERENCE),
)

POSTCODES = Table(
    "postcodes",
    "Postcodes",
    "Centres of outward codes or sectors, for finding what is near.",
    (
        _text("postcode", "Outward code (ZZ1) or sector (ZZ1 4)."),
        _number("latitude", "Latitude of its centre.", minimum=-90, maximum=90, unit="degrees"),
        _number("longitude", "Longitude of its centre.", minimum=-180, maximum=180, unit="degrees"),
    ),
    ("postcode",),
)

PEERS = Table(
    "peers",
    "Peers",
    "Organisations like this one, as given by the publisher.",
    (
        _code("organisation_code", "The organisation."),
        _code("peer_code", "One like it."),
    ),
    ("organisation_code", "peer_code"),
    references=(ORGANISATION_REFERENCE, Reference("peer_code", "organisations", "organisation_code")),
)

KINDS = Table(
    "kinds",
    "Kinds",
    "Further kinds of organisation.",
    (
        _id("kind", "Identifier of the kind."),
        _text("singular", "What one is called."),
        _text("plural", "What several are called."),
        _flag("is_area", "Whether it is an area that others belong to.", "false"),
    ),
    ("kind",),
)

INPUT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        METRICS,
        DOMAINS,
        ORGANISATIONS,
        MEMBERSHIPS,
        PERIODS,
        OBSERVATIONS,
        BREAKDOWNS,
        SERVICES,
        PROVISIONS,
        TARGETS,
        REBASES,
        CHARACTERISTICS,
        CONTEXT,
        COMMENTS,
        EVENTS,
        DEADLINES,
        ASSURANCE,
        ACTIONS,
        POSTCODES,
        PEERS,
        KINDS,
    )
}

BOUNDARIES = "boundaries"
"""The resource that is no table: GeoJSON or TopoJSON keyed by organisation_code."""

BUILT_IN_KINDS = ("practice", "provider", "site", "area", "country")


def _key_columns() -> tuple[Column, ...]:
    return (
        _id("metric_id", "The metric."),
        _code("organisation_code", "Practice, provider, site, area or country."),
        _id("breakdown_id", "The group of patients."),
        _text("period", "The time the figures describe."),
    )


RESULTS = Table(
    "results",
    "Results",
    "One row for each metric, organisation, breakdown and period: protected, calculated and judged.",
    (
        *_key_columns(),
        _text("version", "Version of the metric's definition that holds for the period."),
        _number("numerator", "Protected numerator.", "absent, hidden, or the kind has none"),
        _number("denominator", "Protected denominator.", "absent, hidden, or the kind has none"),
        _number("base", "Unweighted respondents.", "no survey", unit="persons"),
        _number("effective_base", "Effective sample size.", "no survey", unit="persons"),
        _number("standard_deviation", "Standard deviation of a mean.", "no mean"),
        _number("excluded", "Patients left out by personalised care adjustment.", "not stated, or withheld"),
        _number(
            "coverage",
            "Numerator over denominator and excluded together, in the metric's unit.",
            "nobody is excluded by adjustment, or how many is withheld",
        ),
        _number("value", "The value, in the metric's unit.", "see absence"),
        _number("lower", "Lower 95% limit, in the metric's unit.", "no interval"),
        _number("upper", "Upper 95% limit, in the metric's unit.", "no interval"),
        _choice("interval", "Where the interval comes from.", IntervalSource),
        _choice("benchmark_kind", "What it is compared with.", BenchmarkKind),
        _text("benchmark_code", "Code of the country, area or peer group compared with.", "no group"),
        _number("benchmark", "Value compared with, in the metric's unit.", "no benchmark"),
        _choice("comparison", "Where the interval lies against the benchmark.", Comparison),
        _choice("judgement", "The comparison seen through the metric's direction.", Judgement),
        _choice("band", "The publisher's own level.", Band),
        _number(
            "band_stability",
            "Probability that the true value lies in the band.",
            "not banded",
            unit="probability",
        ),
        _number("percentile", "Percentile among organisations of its kind.", "not computed", unit="0 to 100"),
        _integer("quintile", "1 (lowest values) to 5.", "not computed"),
        _choice("outlier", "Beyond funnel limits.", Outlier, "not computed"),
        _choice(
            "variation",
            "What the control chart says of this point, in the categories of Making Data Count.",
            Variation,
            "no control chart",
        ),
        _choice(
            "assurance",
            "Whether the process can be relied on to meet its target, as Making Data Count has it.",
            Assurance,
            "no target, no direction, no control limits, or no value in this period",
        ),
        _choice("trend", "Five-point trend of an annual metric.", Trend, "no annual metric"),
        _choice("change", "Movement since the period before.", Change, "nothing to compare"),
        _choice("change_cause", "Why a band or judgement moved.", ChangeCause, "it did not move"),
        _choice("protection", "What disclosure control did.", Protection),
        _choice("absence", "Why there is no value.", Absence, "there is a value"),
        _choice("submission", "How settled the figure is.", Submission),
        _text("note", "The source's remark.", "none"),
        _choice("basis", "Who vouches for the figure.", Basis, "added up by us, or nothing was sent"),
        _choice(
            "change_year",
            "Movement since the same quarter or month a year before.",
            Change,
            "nothing to compare, or neither a quarter nor a month",
        ),
    ),
    OBSERVATION_KEY,
)

COMPARISONS = Table(
    "comparisons",
    "Comparisons",
    "Each result against country, parent, peers and target.",
    (
        *_key_columns(),
        _choice("benchmark_kind", "What it is compared with.", BenchmarkKind),
        _text("benchmark_code", "Code of the country, area or peer group.", "a target"),
        _number("benchmark", "Value compared with, in the metric's unit."),
        _number("lower", "Lower 95% limit of the result compared.", "no interval"),
        _number("upper", "Upper 95% limit of the result compared.", "no interval"),
        _choice("comparison", "Where the interval lies.", Comparison),
        _choice("judgement", "Seen through the direction.", Judgement),
    ),
    (*OBSERVATION_KEY, "benchmark_kind"),
)

HELD_COMPARISONS = Table(
    "comparisons",
    "Comparisons as they are held",
    "What COMPARISONS tell beyond RESULTS.",
    (
        _id("metric_id", "The metric."),
        _integer("row", "Place of the result among those of its metric."),
        *(COMPARISONS.column(name) for name in ("benchmark_kind", "benchmark_code", "benchmark")),
        *(COMPARISONS.column(name) for name in ("comparison", "judgement")),
    ),
    ("metric_id", "row", "benchmark_kind"),
)
"""Most results have two or three comparisons: their key and interval in each would take much memory."""

PERCENTILES = (10, 20, 30, 40, 50, 60, 70, 80, 90)

METRIC_PERIODS = Table(
    "metric_periods",
    "Metric periods",
    "Each metric in each period as a whole: for the country, an area or a peer group.",
    (
        _id("metric_id", "The metric."),
        _id("breakdown_id", "The group of patients."),
        _text("period", "The period."),
        _text("group_code", "The country, area or peer group described."),
        _number("numerator", "Sum of numerators.", "the kind has no aggregate"),
        _number("denominator", "Sum of denominators.", "the kind has no aggregate"),
        _number("value", "Value of the group, in the metric's unit.", "the kind has no aggregate"),
        _integer("reported", "Organisations that reported."),
        _integer("expected", "Organisations expected to report."),
        *(
            _number(
                f"p{percent}", f"{percent}th percentile of the organisations' values.", "too few are shown"
            )
            for percent in PERCENTILES
        ),
        _number("phi", "Over-dispersion.", "not computed"),
        _number("tau2", "Variance between organisations.", "not computed"),
        _choice("limits_used", "Which funnel limits were used.", LimitsUsed, "no funnel"),
        _integer("flagged", "Organisations beyond 95% limits.", "not computed"),
        _number("flagged_by_chance", "How many of them chance alone would give.", "not computed"),
        _number("sii", "Slope index of inequality.", "not computed"),
        _number("sii_lower", "Its lower 95% limit.", "not computed"),
        _number("sii_upper", "Its upper 95% limit.", "not computed"),
    ),
    ("metric_id", "breakdown_id", "period", "group_code"),
)

SPC = Table(
    "spc",
    "Control limits",
    "The segments of each control chart.",
    (
        _id("metric_id", "The metric."),
        _code("organisation_code", "Whose chart."),
        _id("breakdown_id", "The group of patients."),
        _integer("segment", "Number of the segment, from 1."),
        _text("start", "First period of the segment."),
        _number("mean", "Mean line.", "fewer than 13 points, or no two neighbours"),
        _number("lower", "Lower process limit.", "fewer than 13 points, or no two neighbours"),
        _number("upper", "Upper process limit.", "fewer than 13 points, or no two neighbours"),
        _integer("points", "Points in the segment."),
    ),
    ("metric_id", "organisation_code", "breakdown_id", "segment"),
)

FIFTHS = Table(
    "fifths",
    "Deprivation fifths",
    "Each metric by fifth of organisations, most deprived first.",
    (
        _id("metric_id", "The metric."),
        _id("breakdown_id", "The group of patients."),
        _text("period", "The period."),
        _integer("fifth", "1 holds the organisations with the highest deprivation."),
        _integer("organisations", "How many organisations."),
        _number("numerator", "Sum of the numerators shown.", "the kind has no aggregate"),
        _number("denominator", "Sum of the denominators shown.", "the kind has no aggregate"),
        _number("value", "Value of the fifth, in the metric's unit.", "the kind has no aggregate"),
        _number("lower", "Lower 95% limit.", "no interval"),
        _number("upper", "Upper 95% limit.", "no interval"),
        _code("group_code", "The country whose organisations they are."),
    ),
    ("metric_id", "breakdown_id", "period", "group_code", "fifth"),
)

FUNNELS = Table(
    "funnels",
    "Funnel limits",
    "The limits of each metric's funnel in the latest period that has one, as curves to draw: at 40 sizes.",
    (
        _id("metric_id", "The metric."),
        _id("breakdown_id", "The group of patients."),
        _text("period", "The period."),
        _code("group_code", "The country whose organisations stand in the funnel."),
        _number("denominator", "Size of an organisation; of a survey, its effective base."),
        _number("lower_99_8", "Lower 99.8% limit at this size, in the metric's unit."),
        _number("lower_95", "Lower 95% limit at this size, in the metric's unit."),
        _number("centre", "The country's value, in the metric's unit."),
        _number("upper_95", "Upper 95% limit at this size, in the metric's unit."),
        _number("upper_99_8", "Upper 99.8% limit at this size, in the metric's unit."),
    ),
    ("metric_id", "breakdown_id", "period", "group_code", "denominator"),
)

RESULT_TABLES: dict[str, Table] = {
    table.name: table for table in (RESULTS, COMPARISONS, METRIC_PERIODS, SPC, FIFTHS, FUNNELS)
}
