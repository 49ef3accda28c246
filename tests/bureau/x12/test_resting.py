"""The garbage collector sleeps while values are read, and wakes whatever happens."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from bureau.x12.claim837 import read_837
from bureau.x12.resting import collector_at_rest
from bureau.x12.samples import generate_837


def test_the_outermost_block_wakes_it() -> None:
    with collector_at_rest():
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_exception_wakes_it() -> None:
    with pytest.raises(ZeroDivisionError), collector_at_rest():
        _ = 1 // 0
    assert gc.isenabled()


def test_threads_that_read_at_once_leave_it_awake() -> None:
    text = generate_837(30)
    with ThreadPoolExecutor(4) as threads:
        assert len(list(threads.map(read_837, [text] * 40))) == 40
    assert gc.isenabled()
