"""The policy of disclosure control as the configuration says it: understood in full, or refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.errors import CandourError, ExitStatus
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.policy_history import PolicyHistory

RELEASES = ("2025-q1", "2025-q2", "2025-q3")


def test_without_any_word_the_strictest_policy_holds_for_every_release() -> None:
    assert PolicyHistory().in_force(RELEASES) == (DisclosurePolicy(),) * 3
    assert DisclosurePolicy().people is DisclosurePolicy().events is Rule.HIDE


def test_each_policy_holds_from_its_release_on() -> None:
    """What an entry does not name has the strictest default, whatever stood in the entry before."""
    history = PolicyHistory.from_configuration(
        [
            {"people": "open", "events": "open", "round_to": 5},
            {"from": "2025-q2", "people": "round_all", "events": "open"},
            {"from": "2025-q3", "round_to": 10},
        ]
    )

    first, second, third = history.in_force(RELEASES)

    assert (first.people, second.people, third.people) == (Rule.OPEN, Rule.ROUND_ALL, Rule.HIDE)
    assert (first.events, second.events, third.events) == (Rule.OPEN, Rule.OPEN, Rule.HIDE)
    assert (first.round_to, second.round_to, third.round_to) == (5, 5, 10)


def test_every_setting_can_be_given() -> None:
    settings = {
        "people": "round_all",
        "events": "open",
        "hide_up_to": 5,
        "round_to": 3,
        "minimum_base": 20,
        "events_open_from": 500,
        "dominance": 1,
    }

    (policy,) = PolicyHistory.from_configuration([settings]).in_force(["2025-q1"])

    assert policy == DisclosurePolicy(Rule.ROUND_ALL, Rule.OPEN, 5, 3, 20, 500, 1.0)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (None, "`disclosure` is no list of policies"),
        ([], "`disclosure` is no list of policies"),
        ({"people": "hide"}, "`disclosure` is no list of policies"),
        ("strict", "`disclosure` is no list of policies"),
        ([None], "entry 1 is no policy"),
        (["hide"], "entry 1 is no policy"),
        ([{"peopel": "hide"}], 'entry 1: there is no setting "peopel"'),
        ([{"people": "hidden"}], "entry 1: people is none of hide, round_all, open"),
        ([{"people": ["hide"]}], "entry 1: people is none of"),
        ([{"people": None}], "entry 1: people is none of"),
        ([{"hide_up_to": "7"}], "entry 1: hide_up_to is no whole number of at least 1"),
        ([{"hide_up_to": 7.5}], "entry 1: hide_up_to is no whole number"),
        ([{"hide_up_to": True}], "entry 1: hide_up_to is no whole number"),
        ([{"hide_up_to": 0}], "entry 1: hide_up_to is no whole number"),
        ([{"round_to": -5}], "entry 1: round_to is no whole number"),
        ([{"dominance": 0}], "entry 1: dominance is no share between 0 and 1"),
        ([{"dominance": 90}], "entry 1: dominance is no share between 0 and 1"),
        ([{"dominance": float("nan")}], "entry 1: dominance is no share between 0 and 1"),
        ([{"dominance": True}], "entry 1: dominance is no share between 0 and 1"),
        ([{"from": "2025-q1"}], "entry 1 holds from the beginning: it has no `from`"),
        ([{}, {"people": "hide"}], "entry 2 does not say as a text from which release on it holds"),
        ([{}, {"from": 2025}], "entry 2 does not say as a text from which release on it holds"),
        ([{}, {"from": "2025-q2", "people": "open"}], "entry 2 protects less than the one before it: people"),
        (
            [{"hide_up_to": 9, "round_to": 10}, {"from": "2025-q2"}],
            "entry 2 protects less than the one before it: hide_up_to, round_to",
        ),
        (
            [{"people": 1, "event": 2}],
            "people is none of hide, round_all, open; entry 1: there is no setting",
        ),
    ],
)
def test_what_is_not_understood_or_weaker_is_refused(entries: Any, said: str) -> None:
    with pytest.raises(CandourError, match=re.escape(said)) as raised:
        PolicyHistory.from_configuration(entries)

    assert (raised.value.code, raised.value.status) == ("SDC_POLICY", ExitStatus.DISCLOSURE)


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (["2024-q4"], 'there is no release "2024-q4" for a policy to begin with'),
        (["2025-q3", "2025-q2"], "do not stand in the order of the releases"),
        (["2025-q2", "2025-q2"], "do not stand in the order of the releases"),
    ],
)
def test_policies_begin_with_releases_that_are_there_one_after_the_other(
    begins: list[str], said: str
) -> None:
    history = PolicyHistory.from_configuration([{}, *({"from": begin} for begin in begins)])

    with pytest.raises(CandourError, match=said) as raised:
        history.in_force(RELEASES)

    assert (raised.value.code, raised.value.status) == ("SDC_POLICY", ExitStatus.DISCLOSURE)
