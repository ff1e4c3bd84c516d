"""The closed vocabularies of input and results: every word that a coded cell can hold."""

from enum import StrEnum


class Kind(StrEnum):
    """What a metric's figures are, which decides how its value and interval are calculated."""

    PROPORTION = "proportion"
    RATE = "rate"
    RATIO = "ratio"
    """The denominator is the expected count."""
    MEAN = "mean"
    STANDARDISED = "standardised"
    SCORE = "score"
    COUNT = "count"
    STATUS = "status"


COUNTED_KINDS = (Kind.PROPORTION, Kind.RATE, Kind.RATIO)
"""Kinds whose value is numerator * multiplier / denominator and whose counts may be summed."""


class Direction(StrEnum):
    """Which way is better."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"
    NEUTRAL = "neutral"


class BenchmarkKind(StrEnum):
    """What a metric's values are compared with."""

    COUNTRY = "country"
    PARENT = "parent"
    PEERS = "peers"
    TARGET = "target"
    NONE = "none"


class DisclosureClass(StrEnum):
    """How small numbers of a metric are protected."""

    PEOPLE = "people"
    EVENTS = "events"
    OPEN = "open"


class Frequency(StrEnum):
    """How long a period is and how often it comes."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING_YEAR = "rolling_year"
    MULTI_YEAR = "multi_year"
    SNAPSHOT = "snapshot"


class Audience(StrEnum):
    """Who may see a metric; each includes those after it."""

    PUBLIC = "public"
    BOARD = "board"
    ORGANISATION = "organisation"


class Status(StrEnum):
    """Whether an organisation still exists."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class Absence(StrEnum):
    """Why a value is missing: one vocabulary for data, pages, charts and downloads."""

    NOT_SUBMITTED = "not_submitted"
    LATE = "late"
    NOT_APPLICABLE = "not_applicable"
    NOT_COLLECTED = "not_collected"
    NOT_STATED = "not_stated"
    """The source gives no reason."""
    TOO_FEW = "too_few"
    FAILED_CHECKS = "failed_checks"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    SUPPRESSED_AT_SOURCE = "suppressed_at_source"
    SUPPRESSED = "suppressed"
    """Hidden by us."""
    ZERO_DENOMINATOR = "zero_denominator"


class Submission(StrEnum):
    """How settled a figure is."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    REVISED = "revised"


class Basis(StrEnum):
    """Who vouches for a figure."""

    NATIONAL = "national"
    SELF_DECLARED = "self_declared"
    VERIFIED = "verified"


class AssuranceLevel(StrEnum):
    """How closely commissioners follow an organisation (board builds)."""

    ROUTINE = "routine"
    MEETINGS = "meetings"
    ENHANCED = "enhanced"
    REGIONAL = "regional"


class IntervalSource(StrEnum):
    """Where a result's confidence interval comes from."""

    COMPUTED = "computed"
    SUPPLIED = "supplied"
    NONE = "none"


class Comparison(StrEnum):
    """Where a value lies against its benchmark, at the 95% level."""

    LOWER = "lower"
    SIMILAR = "similar"
    HIGHER = "higher"
    NOT_COMPARED = "not_compared"


class Judgement(StrEnum):
    """A comparison seen through the metric's direction."""

    BETTER = "better"
    SIMILAR = "similar"
    WORSE = "worse"
    NO_JUDGEMENT = "no_judgement"
    NOT_COMPARED = "not_compared"


class Band(StrEnum):
    """The publisher's own levels."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    BELOW_STANDARD = "below_standard"
    NOT_BANDED = "not_banded"


class Outlier(StrEnum):
    """Beyond 95% (alert) or 99.8% (alarm) funnel limits."""

    NONE = "none"
    ALERT_LOW = "alert_low"
    ALERT_HIGH = "alert_high"
    ALARM_LOW = "alarm_low"
    ALARM_HIGH = "alarm_high"


class Variation(StrEnum):
    """What a control chart says of a point, in the categories of NHS Making Data Count."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT_HIGH = "improvement_high"
    IMPROVEMENT_LOW = "improvement_low"
    CONCERN_HIGH = "concern_high"
    CONCERN_LOW = "concern_low"
    NEUTRAL_HIGH = "neutral_high"
    NEUTRAL_LOW = "neutral_low"
    NOT_ENOUGH_POINTS = "not_enough_points"
    """The segment has fewer points than limits need."""
    NO_DATA = "no_data"
    """The series is charted, but this period has no value."""


class Assurance(StrEnum):
    """Whether a process can be relied on to meet its target, as NHS Making Data Count has it."""

    CONSISTENTLY_PASSING = "consistently_passing"
    CONSISTENTLY_FAILING = "consistently_failing"
    HIT_AND_MISS = "hit_and_miss"


class Trend(StrEnum):
    """Which way the last five annual values go."""

    IMPROVING = "improving"
    WORSENING = "worsening"
    RISING = "rising"
    FALLING = "falling"
    NO_CLEAR_TREND = "no_clear_trend"
    CANNOT_BE_CALCULATED = "cannot_be_calculated"


class LimitsUsed(StrEnum):
    """Which funnel limits decided who is an outlier."""

    EXACT = "exact"
    ADJUSTED = "adjusted"
    """Widened for over-dispersion."""


class Change(StrEnum):
    """How a value moved since the period it is compared with."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    ROSE = "rose"
    FELL = "fell"
    NO_CLEAR_CHANGE = "no_clear_change"
    NOT_COMPARABLE = "not_comparable"


class ChangeCause(StrEnum):
    """Why a band or judgement moved."""

    NEW_PERIOD = "new_period"
    REVISED_VALUE = "revised_value"
    DEFINITION = "definition"
    THRESHOLD = "threshold"
    BENCHMARK = "benchmark"


class Protection(StrEnum):
    """What disclosure control did to a result."""

    NONE = "none"
    ROUNDED = "rounded"
    HIDDEN = "hidden"
