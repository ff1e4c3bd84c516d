"""What makes some organisations differ, or a series change: on purpose, so that methods show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tools.demonstration.places import OUTLIER_HOSPITAL, UNIVERSITY


@dataclass(frozen=True)
class Adjustment:
    """A difference of one organisation's values, on the metric's scale, while it lasts."""

    metric_id: str
    code: str
    amount: float
    start: date | None = None
    end: date | None = None
    is_yearly: bool = False
    """The difference grows by the amount each year from its start, instead of coming at once."""

    def at(self, day: date) -> float:
        """Return the difference on that day."""
        if (self.start and day < self.start) or (self.end and day > self.end):
            return 0.0
        if self.is_yearly and self.start:
            return self.amount * (day - self.start).days / 365.25
        return self.amount


OUTLIERS = (
    Adjustment("medicines-without-stomach-protection", "ZD0011", 1.5),
    Adjustment("antibiotics", "ZD0034", 0.42),
    Adjustment("childhood-vaccination", "ZD0055", -1.1),
    Adjustment("emergency-stays-long-term-conditions", "ZD0046", 0.45),
    Adjustment("days-to-appointment", "ZD0060", 0.75),
    Adjustment("phone-ease", "ZD0008", 1.1),
    Adjustment("hospital-mortality-ratio", OUTLIER_HOSPITAL, 0.22),
    Adjustment("emergency-four-hours", "ZP4", -0.65),
    Adjustment("emergency-four-hours", "ZP2", 0.45),
    Adjustment("cancer-treatment-62-days", "ZP9", -0.75),
    Adjustment("friends-and-family", "ZPB", 0.7),
    Adjustment("asthma-first-clinic", "ZP9", -1.6),
    Adjustment("asthma-first-clinic", "ZPC", 0.55),
    Adjustment("asthma-biologics-review", "ZPD", -2.4),
)

SHIFTS = (
    Adjustment("appointment-within-two-weeks", "ZD0005", 0.75, date(2024, 7, 1)),
    Adjustment("appointment-within-two-weeks", "ZD0057", -0.6, date(2024, 10, 1)),
    Adjustment("phone-ease", "ZD0003", 1.15, date(2024, 4, 1)),
    Adjustment("dementia-review", "ZD0018", 0.8, date(2024, 7, 1)),
    Adjustment("falls-in-hospital", "ZP6", -0.38, date(2024, 10, 1)),
    Adjustment("falls-in-hospital", "ZP8", 0.24, date(2024, 7, 1)),
    Adjustment("emergency-four-hours", "ZP7", 0.5, date(2025, 7, 1)),
    Adjustment("asthma-first-clinic", "ZP4", 0.8, date(2024, 10, 1)),
    Adjustment("asthma-first-clinic", "ZP1", -1.2, date(2025, 11, 1)),
    Adjustment("asthma-first-clinic", "ZPE", 1.5, date(2025, 9, 1)),
)

TRENDS = (
    Adjustment("cervical-screening", "ZD0023", -0.17, date(2022, 10, 1), is_yearly=True),
    Adjustment("blood-pressure-controlled", "ZD0050", 0.14, date(2022, 10, 1), is_yearly=True),
    Adjustment("days-to-planned-surgery", "ZP1", -0.22, date(2022, 10, 1), is_yearly=True),
    Adjustment("safeguarding-training", "ZD0009", 0.5, date(2023, 1, 1), is_yearly=True),
)

SPIKES = (
    Adjustment("days-to-appointment", "ZD0038", 0.8, date(2025, 10, 1), date(2025, 12, 31)),
    Adjustment("appointment-within-two-weeks", "ZD0038", -0.9, date(2025, 10, 1), date(2025, 12, 31)),
    Adjustment("hospital-infections", "ZP1", 1.1, date(2025, 4, 1), date(2025, 6, 30)),
    Adjustment("antibiotics", "ZD0048", 0.3, date(2024, 1, 1), date(2024, 3, 31)),
)

STUDENTS = (
    Adjustment("list-turnover", UNIVERSITY, 1.0),
    Adjustment("diabetes-prevalence", UNIVERSITY, -2.1),
    Adjustment("emergency-stays-long-term-conditions", UNIVERSITY, -1.3),
    Adjustment("antibiotics", UNIVERSITY, -0.6),
    Adjustment("cervical-screening", UNIVERSITY, -0.5),
    Adjustment("complaints", UNIVERSITY, -0.7),
)

ADJUSTMENTS = (*OUTLIERS, *SHIFTS, *TRENDS, *SPIKES, *STUDENTS)
