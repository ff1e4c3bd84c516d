"""Memberships: trees of areas that count nobody twice."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import Draft

DEEPEST = 12
"""How many steps a tree may have from an organisation to its root."""


@check(
    "REF_MEMBERSHIP",
    title="A tree of areas counts an organisation once at each level at any time",
    advice="End one membership before the other begins, or give the second its own tree.",
    needs=("memberships", "organisations"),
)
def nobody_counts_twice(draft: Draft) -> Iterator[Finding]:
    """Find organisations that belong, directly or not, to two areas of one level on the same day."""
    memberships = draft["memberships"]
    if memberships.empty:
        return
    paths = _paths(draft)
    organisations = draft["organisations"].drop_duplicates("organisation_code").set_index("organisation_code")
    level = organisations["level"].where(organisations["level"] != "", organisations["kind"])
    paths = paths.assign(level=paths["ancestor"].map(level)).dropna(subset="level")
    group = ["tree", "member", "level"]
    several = paths.groupby(group, sort=False)["ancestor"].transform("nunique") > 1
    candidates = paths[several].drop_duplicates([*group, "ancestor", "first", "last"])
    pairs = candidates.merge(candidates, on=group, suffixes=("", "_other"))
    pairs = pairs[
        (pairs["ancestor"] > pairs["ancestor_other"])
        & (pairs["first"] <= pairs["last_other"])
        & (pairs["first_other"] <= pairs["last"])
    ].drop_duplicates([*group, "ancestor", "ancestor_other"])
    for label, other, code, one, two, name in zip(
        *(
            pairs[column]
            for column in ("label", "label_other", "member", "ancestor", "ancestor_other", "level")
        ),
        strict=True,
    ):
        reason = f"{code} belongs to {two} and {one} on the same day, both of level {name}"
        others = (int(other),) if other != label else ()
        yield Finding("memberships", int(label), "parent_code", reason, other_rows=others)


@check(
    "REF_MEMBERSHIP",
    title="No organisation belongs to itself, directly or through others",
    advice="Check which of the memberships is the wrong way round.",
    needs=("memberships", "organisations"),
)
def nobody_belongs_to_itself(draft: Draft) -> Iterator[Finding]:
    """Find memberships, and main parents, that lead back to where they began."""
    paths = _paths(draft)
    circular = paths[paths["member"] == paths["ancestor"]].drop_duplicates("label")
    for label in circular["label"]:
        yield Finding("memberships", int(label), "parent_code", "the area belongs to its own member")
    organisations = draft["organisations"]
    parent = dict(zip(organisations["organisation_code"], organisations["parent_code"], strict=True))
    for label, code in organisations["organisation_code"].items():
        above, steps = parent.get(code, ""), 0
        while above and above != code and steps <= DEEPEST:
            above, steps = parent.get(above, ""), steps + 1
        if above == code:
            yield Finding(
                "organisations", int(str(label)), "parent_code", "the organisation lies above itself"
            )


def _paths(draft: Draft) -> pd.DataFrame:
    """Return each way from a member up to an ancestor, with its first and last day.

    `label` is that of the membership which the way begins with.
    """
    memberships = draft["memberships"]
    steps = pd.DataFrame(
        {
            "tree": memberships["tree"],
            "member": memberships["organisation_code"],
            "ancestor": memberships["parent_code"],
            "first": memberships["from"].fillna(_EVER),
            "last": memberships["to"].fillna(_NEVER),
            "label": memberships.index,
        }
    )
    above = steps.rename(columns={"member": "ancestor", "ancestor": "next"}).drop(columns="label")
    paths, latest = [steps], steps
    for _ in range(DEEPEST):
        joined = latest.merge(above, on=["tree", "ancestor"], suffixes=("", "_above"))
        joined = joined[joined["member"] != joined["ancestor"]]
        latest = pd.DataFrame(
            {
                "tree": joined["tree"],
                "member": joined["member"],
                "ancestor": joined["next"],
                "first": joined[["first", "first_above"]].max(axis=1),
                "last": joined[["last", "last_above"]].min(axis=1),
                "label": joined["label"],
            }
        )
        latest = latest[latest["first"] <= latest["last"]].drop_duplicates(
            ["tree", "member", "ancestor", "first", "last"]
        )
        if latest.empty:
            break
        paths.append(latest)
    return pd.concat(paths, ignore_index=True)


_EVER = pd.Timestamp("0001-01-01").as_unit("s")
_NEVER = pd.Timestamp("9999-12-31").as_unit("s")
