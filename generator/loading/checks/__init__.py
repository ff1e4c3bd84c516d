"""What a release must keep beyond the form of its cells: one module for each subject.

Importing the modules registers their checks, in this order.
"""

from generator.loading.checks import (  # noqa: I001  # findings are reported in this order
    keys,
    references,
    memberships,
    metrics,
    periods,
    absences,
    figures,
    expected,
    boundaries,
    personal_data,
)
from generator.loading.checks.registry import CHECKS, Check, run_checks

__all__ = [
    "CHECKS",
    "Check",
    "absences",
    "boundaries",
    "expected",
    "figures",
    "keys",
    "memberships",
    "metrics",
    "periods",
    "personal_data",
    "references",
    "run_checks",
]
