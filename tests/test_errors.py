from __future__ import annotations

import pytest

from generator.errors import stack_of
from generator.workers import ordered_map


@pytest.mark.parametrize("workers", [1, 2])
def test_the_stack_of_a_bug_says_where_it_struck_and_never_what_it_was_about(workers: int) -> None:
    """A message such as `could not convert '98765'` would put a count of patients into a public log."""
    with pytest.raises(RuntimeError) as raised:
        _wrap(workers)

    said = stack_of(raised.value)

    assert "98765" not in said
    assert "test_errors.py" in said
    assert "in _fail" in said
    assert said.endswith("RuntimeError")
    assert "ValueError" in said


def _wrap(workers: int) -> None:
    try:
        list(ordered_map(_fail, ["98765"], shared=None, workers=workers))
    except ValueError as error:
        raise RuntimeError(f"about {error}") from error


def _fail(shared: None, item: str) -> None:
    del shared
    raise ValueError(f"a figure: {item}\n  File \n    {item}")
