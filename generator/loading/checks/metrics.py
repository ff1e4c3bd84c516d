"""Definitions of metrics: thresholds that fit the direction, versions that follow each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import UNKNOWN, Draft
from generator.model.vocabulary import BenchmarkKind, Direction

LIMITS = ("target", "threshold_good", "threshold_acceptable")


@check(
    "VAL_THRESHOLD",
    title="Targets and thresholds fit the direction of their metric",
    advice="A neutral metric has no good side: take the threshold away, or say which way is better.",
    needs=("metrics", "targets"),
)
def thresholds_fit_the_direction(draft: Draft) -> Iterator[Finding]:
    """Find targets and thresholds of neutral metrics, and thresholds that stand the wrong way round."""
    metrics = draft["metrics"]
    direction = dict(zip(metrics["metric_id"], metrics["direction"], strict=True))
    for name in ("metrics", "targets"):
        frame = draft[name]
        directions = frame["metric_id"].map(direction)
        for column in LIMITS:
            faulty = frame.index[(directions == Direction.NEUTRAL) & frame[column].notna()]
            for label in faulty:
                yield Finding(name, label, column, "the metric is neutral, so nothing is good or bad")
        good, acceptable = frame["threshold_good"], frame["threshold_acceptable"]
        wrong = ((directions == Direction.HIGHER_IS_BETTER) & (good < acceptable)) | (
            (directions == Direction.LOWER_IS_BETTER) & (good > acceptable)
        )
        for label in frame.index[wrong]:
            yield Finding(name, label, "threshold_good", "worse than threshold_acceptable")


@check(
    "VAL_THRESHOLD",
    title="A metric that is compared with its target has one",
    advice="Give the target in `metrics` or `targets`, or choose another benchmark.",
    needs=("metrics", "targets"),
)
def compared_targets_exist(draft: Draft) -> Iterator[Finding]:
    """Find the metrics whose benchmark is a target that is given nowhere."""
    metrics, targets = draft["metrics"], draft["targets"]
    elsewhere = metrics["metric_id"].isin(targets.loc[targets["target"].notna(), "metric_id"])
    for label in metrics.index[
        (metrics["benchmark"] == BenchmarkKind.TARGET) & metrics["target"].isna() & ~elsewhere
    ]:
        yield Finding("metrics", label, "target", "compared with a target that is not given")


@check(
    "VAL_VERSION",
    title="At any time one version of a metric holds",
    advice="Let each version end the day before the next one begins.",
    needs=("metrics",),
)
def versions_follow_each_other(draft: Draft) -> Iterator[Finding]:
    """Find versions of one metric whose validity overlaps."""
    metrics = draft["metrics"]
    for _, versions in metrics.groupby("metric_id", sort=False):
        if len(versions) < 2:
            continue
        ordered = versions.assign(
            start=versions["valid_from"].fillna(_EVER), stop=versions["valid_to"].fillna(_NEVER)
        ).sort_values(["start", "stop"], kind="stable")
        starts, stops, labels = ordered["start"].tolist(), ordered["stop"].tolist(), ordered.index.tolist()
        for place in range(1, len(labels)):
            if starts[place] <= stops[place - 1]:
                reason = "holds at a time when another version of the metric holds"
                yield Finding("metrics", labels[place], "valid_from", reason, other_rows=(labels[place - 1],))


@check(
    "VAL_VERSION",
    title="For every figure a version of its metric holds",
    advice="Widen valid_from and valid_to of a version, or leave the figure out.",
    needs=("metrics", "periods", "observations"),
)
def figures_have_a_version(draft: Draft) -> Iterator[Finding]:
    """Find observations of a known metric in a known period for which none of its versions holds."""
    seen = draft.observations
    lost = (seen.definition == UNKNOWN) & (seen.metric != UNKNOWN) & (seen.period != UNKNOWN)
    for label in seen.labels[lost].tolist():
        yield Finding("observations", label, "period", "no version of the metric holds for this period")


_EVER = pd.Timestamp("0001-01-01").as_unit("s")
_NEVER = pd.Timestamp("9999-12-31").as_unit("s")
