"""What is kept of a release for the releases after it."""

from __future__ import annotations

from dataclasses import replace

from generator.model.release import Directory, ProtectedTables, Publication

KEPT = (
    *("metric_id", "organisation_code", "breakdown_id", "period", "version"),
    *("numerator", "denominator", "base", "effective_base", "excluded"),
    *("value", "lower", "upper", "benchmark", "comparison", "judgement", "band"),
    *("protection", "absence", "submission"),
)
"""Columns of RESULTS: for disclosure control between releases, causes of movement, and surprises."""
KEPT_OF_GROUPS = ("metric_id", "breakdown_id", "period", "group_code", "reported")
"""Columns of METRIC_PERIODS."""


def keep_for_later(directory: Directory, tables: ProtectedTables) -> Publication:
    """Return the release without what no later one asks for: a fraction of the memory."""
    kept = replace(
        tables,
        results=tables.results[list(KEPT)].copy(),
        held_comparisons=tables.held_comparisons.iloc[:0].copy(),
        metric_periods=tables.metric_periods[list(KEPT_OF_GROUPS)].copy(),
        spc=tables.spc.iloc[:0].copy(),
        fifths=tables.fifths.iloc[:0].copy(),
        funnels=tables.funnels.iloc[:0].copy(),
        peers=tables.peers.iloc[:0].copy(),
    )
    return Publication(replace(directory, boundaries={}), kept)
