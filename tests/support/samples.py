"""Where the samples written by others are, for tests that make one case per file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT.parent / "shared" / "data"
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
WHY_MISSING = "the folder shared/data with the samples is not beside the checkout"


def find_samples(pattern: str) -> list[Path]:
    """Files under the samples that match a glob such as "x12/**/*.835", sorted; for parametrize.

    Without the folder there are no cases and pytest skips the test; in CI that is an error,
    and so is a pattern that matches nothing where the folder is.
    """
    found = sorted(path for path in SAMPLES.glob(pattern) if path.is_file())
    if not found and (IN_CI or SAMPLES.is_dir()):
        raise pytest.UsageError(WHY_MISSING if not SAMPLES.is_dir() else f"no sample matches {pattern}")
    return found


def sample_name(path: Path) -> str:
    """The id of a case: the sample's path below the folder of samples."""
    return path.relative_to(SAMPLES).as_posix()
