"""Choices between methods that the field leaves open: the settings of calculation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TwoOfThree(StrEnum):
    """Which points count for the control chart's rule of two of three points beyond two sigma."""

    MDC_2023 = "mdc_2023"
    """Every point beyond two sigma, as the Making Data Count team has it since November 2023."""
    BEFORE_2023 = "before_2023"
    """Only points between two and three sigma."""


@dataclass(frozen=True)
class MethodOptions:
    """The settings of calculation; the defaults are those of the methods pages."""

    two_of_three: TwoOfThree = TwoOfThree.MDC_2023
    peers: int = 10
    """How many of the nearest organisations make a peer group, where the package names none."""
