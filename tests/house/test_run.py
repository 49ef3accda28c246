"""./run, tried for real on a small checkout: it installs once, never half, and then keeps out of the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.house.reading import PROJECT

CLI = '''
"""Says what it was asked."""
import json, os, sys
print(json.dumps({"args": sys.argv[1:], "folder": os.getcwd(), "prefix": sys.prefix}))
sys.exit(3 if "--bad" in sys.argv else 0)
'''
EMPTY_LOCK = "# a product that needs nothing: 0 packages ==\n"


# The tests that share an installed checkout stay together, or each worker would install one.
pytestmark = pytest.mark.xdist_group("run")


def lay_checkout(folder: Path) -> Path:
    """A product of one command and no dependencies, with the real script."""
    root = folder / "a checkout"
    (root / "portal").mkdir(parents=True)
    shutil.copy2(PROJECT / "run", root / "run")
    (root / "portal" / "__init__.py").write_text('"""The doors."""\n')
    (root / "portal" / "cli.py").write_text(CLI)
    (root / "requirements.lock").write_text(EMPTY_LOCK)
    return root


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return lay_checkout(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A checkout after its first start, and what that start said."""
    root = lay_checkout(tmp_path_factory.mktemp("installed"))
    return root, call(root / "run")


def call(script: Path, *args: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *args], cwd=folder or script.parent, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_first_start_installs_and_the_second_is_at_once(
    installed: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    checkout, first = installed
    assert first.returncode == 0, first.stderr
    assert '"args": ["demo"]' in first.stdout
    assert first.stdout.count("\n") == 1, "stdout belongs to the command"
    assert "installing" in first.stderr

    began = time.perf_counter()
    second = call(checkout / "run", "import", "a file.csv", "--json")
    assert time.perf_counter() - began < 1.0
    assert '"args": ["import", "a file.csv", "--json"]' in second.stdout
    assert second.stderr == ""

    assert call(checkout / "run", "--bad").returncode == 3, "the exit code is the command's own"
    inside = call(checkout / ".venv" / "bin" / "bureau", "doctor", folder=tmp_path)
    assert '"args": ["doctor"]' in inside.stdout, inside.stderr


def test_it_works_from_another_folder_and_through_links(
    installed: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    checkout, _ = installed
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "json.py").write_text("raise SystemExit('a module of the caller was taken')\n")
    (elsewhere / "near").symlink_to(checkout / "run")
    (tmp_path / "far").symlink_to(Path("elsewhere") / "near")
    done = call(tmp_path / "far", "doctor", folder=elsewhere)
    assert done.returncode == 0, done.stderr
    assert f'"folder": "{elsewhere}"' in done.stdout
    assert f'"prefix": "{checkout / ".venv"}"' in done.stdout


def test_a_killed_installation_is_not_taken_for_whole(checkout: Path) -> None:
    process = subprocess.Popen(
        [checkout / "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    give_up = time.monotonic() + 60
    while not (checkout / ".venv" / "bin" / "python").exists() and time.monotonic() < give_up:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not list((checkout / ".venv").glob("stamp-*"))
    assert (checkout / ".venv.busy").is_symlink(), "the killed one could not tidy up"

    again = call(checkout / "run")
    assert again.returncode == 0, again.stderr
    assert "installing" in again.stderr
    assert not (checkout / ".venv.busy").is_symlink()


def test_two_first_starts_install_once(checkout: Path) -> None:
    both = [
        subprocess.Popen([checkout / "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("run: installing" in errors for _, errors in said) == 1
    assert sum("waiting for it" in errors for _, errors in said) <= 1


def test_a_changed_lock_or_a_moved_checkout_is_installed_anew(checkout: Path, tmp_path: Path) -> None:
    assert "installing" in call(checkout / "run").stderr
    (checkout / "requirements.lock").write_text(EMPTY_LOCK + "# and one line more\n")
    assert "installing" in call(checkout / "run").stderr
    assert call(checkout / "run").stderr == ""
    moved = checkout.rename(tmp_path / "moved")
    done = call(moved / "run")
    assert "installing" in done.stderr
    assert f'"prefix": "{moved / ".venv"}"' in done.stdout


def test_a_package_without_its_hash_is_refused_and_nothing_is_stamped(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("simpy==4.1.2\n")
    done = call(checkout / "run")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "could not be installed" in done.stderr
    assert not list((checkout / ".venv").glob("stamp-*"))
    assert not (checkout / ".venv.busy").is_symlink()


def test_ci_runs_what_a_person_runs() -> None:
    lines = [line for line in (PROJECT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "exec ./run test"]
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)
    assert os.access(PROJECT / "run", os.X_OK)
