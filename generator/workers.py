"""One ordered map over chunks of work: in this process, or in a pool of processes."""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Item = TypeVar("Item")
Result = TypeVar("Result")

_state: Any = None


def available_workers() -> int:
    """Return how many processes this machine can run at once."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def shared_memory(length: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an array of zeros; what the workers of an `ordered_map` begun later write into it is seen here.

    Memory is taken page by page, when it is first written to.
    """
    kind = np.dtype(dtype)
    return np.frombuffer(mmap.mmap(-1, max(1, length * kind.itemsize)), dtype=kind, count=length)


def give_back(array: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    """Return the first cells of an array of `shared_memory`; the memory of the others is given back.

    Where the system does not offer that, it is kept.
    """
    view: Any = array.base
    begin = -(-length * array.itemsize // mmap.PAGESIZE) * mmap.PAGESIZE
    if hasattr(mmap, "MADV_REMOVE") and begin < len(view.obj):
        with suppress(OSError):
            view.obj.madvise(mmap.MADV_REMOVE, begin)
    return array[:length]


def ordered_map(
    work: Callable[[Any, Item], Result], items: Iterable[Item], *, shared: Any, workers: int
) -> Iterator[Result]:
    """Yield `work(shared, item)` for each item, in the order of the items, whatever the number of workers.

    The shared value reaches the processes by forking, so it is neither pickled nor copied. Where the platform
    cannot fork, or one worker is asked for, the work is done in this process.
    """
    if workers <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        for item in items:
            yield work(shared, item)
        return
    global _state
    _state = (work, shared)
    try:
        with multiprocessing.get_context("fork").Pool(workers, _begin_worker) as pool:
            yield from pool.imap(_call, items)
    finally:
        _state = None


def threaded_map(work: Callable[[Item], Result], items: Sequence[Item], *, workers: int) -> list[Result]:
    """Return `work(item)` for each item, done side by side: for work of numpy, not of the interpreter."""
    if workers <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


def _begin_worker() -> None:
    """Leave the answer to signals, and what was there before, to the process that began the workers."""
    # Ctrl-C reaches the workers too. Only that process answers it, by ending them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A handler in Python would not run while a worker waits for a lock: it would never end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What was there before the fork stays: looking through it for garbage takes time and copies memory.
    gc.freeze()


def _call(item: Any) -> Any:
    work, shared = _state
    return work(shared, item)
