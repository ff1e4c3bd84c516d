"""Processes that share work end when they are told to."""

from __future__ import annotations

import signal
from types import FrameType

from generator.workers import ordered_map


def test_a_worker_ends_at_once_whatever_its_parent_does_with_the_signal() -> None:
    def answer(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(number)

    before = signal.signal(signal.SIGTERM, answer)
    try:
        answers = set(ordered_map(_answer_to, [signal.SIGTERM] * 8, shared=None, workers=2))
    finally:
        signal.signal(signal.SIGTERM, before)

    assert answers == {signal.SIG_DFL}, "a handler in Python does not run in a worker that waits for a lock"


def _answer_to(shared: None, number: signal.Signals) -> object:
    del shared
    return signal.getsignal(number)
