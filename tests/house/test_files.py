"""What may be in a file of the project at all: no place of one machine, no address of a registry."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.reading import PROJECT

# Put together from halves, or this file would be the first to be found.
PLACES = [
    *("/" + "/".join(parts) for parts in (("work", "main"), ("work", "shared"), ("work", "."), ("opt", "pypi"))),
    *("/" + folder + "/" for folder in ("tmp", "root", "home")),
    *(".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))),
]
PLACE = re.compile("|".join(rf"(?<![\w.}}]){re.escape(place)}" for place in PLACES[:7]) + "|"
                   + "|".join(re.escape(place) for place in PLACES[7:]))  # fmt: skip
LOCKS = ("requirements.lock", "requirements-dev.lock")
ADDRESS = ":" + "//"


def find_places(text: str) -> list[str]:
    return [f"line {number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if PLACE.search(line)]


def tracked_files() -> list[Path]:
    """Files that git has or would take: what is ignored is nobody's business."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := PROJECT / name).is_file()]


def pins(lock: str) -> dict[str, set[str]]:
    """The versions that a lock pins for each package; markers may make them more than one."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9_.-]+)==([^\s;]+)", (PROJECT / lock).read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def test_no_file_names_a_place_of_one_machine() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(PROJECT)} {place}" for place in find_places(text)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_place_is_found(place: str) -> None:
    assert find_places(f'x = 1\nopen("{place}x")')


@pytest.mark.parametrize("text", ["a/tmp/b", "{{ url }}/home/", "/claims/work/main", "/usr/bin/chromium"])
def test_an_address_of_our_own_is_no_place(text: str) -> None:
    assert not find_places(text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (PROJECT / lock).read_text("utf-8")
    assert ADDRESS not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE), "a lock carries no options"
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) >= 40
    bare = [block.split()[0] for block in blocks if "--hash=sha256:" not in block]
    assert not bare


def test_the_dev_lock_holds_the_runtime_lock_version_for_version() -> None:
    runtime, dev = (pins(lock) for lock in LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_direct_dependency_is_locked() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    for lock, asked in zip(
        LOCKS, (pyproject["project"]["dependencies"], pyproject["dependency-groups"]["dev"]), strict=True
    ):
        names = {re.split(r"[\[<>=!~;, ]", line)[0].lower() for line in asked}
        assert names <= pins(lock).keys()


def test_no_lock_of_another_package_manager_is_kept() -> None:
    others = {"package-lock.json", "yarn.lock", "poetry.lock", "uv.lock", "Pipfile.lock"}
    assert not [path for path in tracked_files() if path.name in others]
