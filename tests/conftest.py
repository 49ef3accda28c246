"""What every test may ask for: shared samples, a PostgreSQL, a browser; and how hypothesis behaves."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.samples import IN_CI, SAMPLES, WHY_MISSING
from tests.support.templates import keep_compiled

pytest_plugins = ["tests.support.postgres", "tests.support.browser"]

settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=2_000, print_blob=True)
keep_compiled()
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "here"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of samples that others wrote; it lies beside the checkout, never inside it."""
    if SAMPLES.is_dir():
        return SAMPLES
    if IN_CI:
        pytest.fail(WHY_MISSING)
    pytest.skip(WHY_MISSING)


def pytest_collection_finish() -> None:
    """A process of tests keeps thousands of them for its whole life: the collector need not look at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
