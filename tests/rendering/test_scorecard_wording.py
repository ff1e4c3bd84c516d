"""Worked examples of the sentences that only scorecards have, whole, as a reader meets them."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from generator.rendering.facts import Fact, signs_of
from generator.rendering.scorecard import Likeness
from tests.rendering.test_wording import MEAN, PROPORTION, WORDS, make_fact

LIKE = "GP practices like it"
SURE = "we can be fairly sure (95%) that it is more than chance."


def said(macro: str, *values: Any) -> str:
    """Return the plain text of one wording macro."""
    return " ".join(Markup(WORDS.words("scorecard", macro, *values)).striptags().split())


def compared(
    comparison: str, judgement: str, *, kind: str = "country", name: str = "Exampleland", **metric: Any
) -> Fact:
    """Return the fact of 80% against 71.2%."""
    return make_fact(
        {**PROPORTION, **metric},
        name=name,
        value=80.0,
        benchmark=71.2,
        benchmark_kind=kind,
        comparison=comparison,
        judgement=judgement,
    )


@pytest.mark.parametrize(
    ("fact", "sentence", "chip"),
    [
        (
            compared("higher", "better"),
            f"That is better than Exampleland (71.2%): {SURE}",
            "Better than Exampleland",
        ),
        (
            compared("higher", "worse", kind="target", name=""),
            f"That is worse than the target (71.2%): {SURE}",
            "Worse than the target",
        ),
        (
            compared("higher", "no_judgement"),
            f"That is higher than Exampleland (71.2%): {SURE}",
            "Higher than Exampleland",
        ),
        (
            compared("similar", "similar"),
            "That is similar to Exampleland (71.2%): the difference could be chance.",
            "Similar to Exampleland",
        ),
        (
            compared("higher", "better", kind="peers", name=LIKE),
            f"That is better than GP practices like it (71.2%): {SURE}",
            "Better than GP practices like it",
        ),
        (
            compared("similar", "similar", kind="peers", name=LIKE),
            "That is similar to GP practices like it (71.2%): the difference could be chance.",
            "Similar to GP practices like it",
        ),
    ],
)
def test_a_comparison_says_than_whom_and_how_sure(fact: Fact, sentence: str, chip: str) -> None:
    assert (said("comparison", fact), said("verdict", fact)) == (sentence, chip)


def test_a_benchmark_without_a_comparison_is_told_and_not_judged() -> None:
    fact = make_fact(MEAN, value=4.0, benchmark=5.0, benchmark_kind="target")

    assert said("comparison", fact) == (
        "The target is 5.0 days."
        " We do not call this better or worse, because we cannot say how much is chance."
    )


@pytest.mark.parametrize(
    ("own", "like", "sentence"),
    [
        (
            compared("higher", "better"),
            compared("higher", "better", kind="peers", name=LIKE),
            "Against GP practices like it (71.2%) it is also better.",
        ),
        (
            compared("higher", "better"),
            compared("similar", "similar", kind="peers", name=LIKE),
            "But against GP practices like it (71.2%) it is similar.",
        ),
        (
            compared("higher", "no_judgement"),
            compared("lower", "no_judgement", kind="peers", name=LIKE),
            "But against GP practices like it (71.2%) it is lower.",
        ),
        (
            make_fact(PROPORTION, value=80.0),
            compared("higher", "better", kind="peers", name=LIKE),
            "Against GP practices like it (71.2%) it is better.",
        ),
    ],
)
def test_it_is_said_whether_the_message_holds_among_those_like_it(
    own: Fact, like: Fact, sentence: str
) -> None:
    assert said("holds", own, like) == sentence


@pytest.mark.parametrize(
    ("judged", "sentence"),
    [
        (1, "It may look better or worse by chance alone about 1 time in 20."),
        (9, "Chance alone may make one of these 9 look better or worse; most often it makes none."),
        (10, "About 1 of these 10 may look better or worse by chance alone."),
        (17, "About 1 of these 17 may look better or worse by chance alone."),
        (30, "About 2 of these 30 may look better or worse by chance alone."),
    ],
)
def test_readers_are_reminded_of_chance(judged: int, sentence: str) -> None:
    """Of results without a judgement none can look better."""
    facts = [compared("similar", "similar")] * judged + [compared("higher", "no_judgement")] * 40

    assert said("by_chance", signs_of(facts)) == sentence


@pytest.mark.parametrize(
    ("better", "similar", "worse", "sentence"),
    [
        (3, 12, 2, "Against them, 3 of its results are better, 12 similar and 2 worse."),
        (1, 4, 0, "Against them, 1 of its results is better and 4 similar."),
        (0, 0, 2, "Against them, 2 of its results are worse."),
    ],
)
def test_results_among_those_like_it_are_counted(
    better: int, similar: int, worse: int, sentence: str
) -> None:
    facts = [
        *[compared("higher", "better")] * better,
        *[compared("similar", "similar")] * similar,
        *[compared("lower", "worse")] * worse,
    ]

    assert said("against_like", Likeness((), (), signs_of(facts))) == sentence


def test_blanks_are_counted_by_their_reason() -> None:
    assert said("absences", [("not_submitted", 21)]) == "The reason: not sent in (21)."
    assert said("absences", [("suppressed", 4), ("late", 1)]) == (
        "The reasons: hidden to protect patients (4), sent in late (1)."
    )


@pytest.mark.parametrize("cause", ["revised_value", "definition", "threshold", "benchmark"])
def test_what_is_called_something_else_says_why(cause: str) -> None:
    """That time has passed needs no words."""
    assert said("cause", cause).startswith("What we say of it has changed, because ")
    assert said("cause", "new_period") == ""
