"""`x12 repair`: form put right, everything else as it was, and no file lost or half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bureau.x12.check import check
from bureau.x12.samples import generate_837
from portal.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BUREAU_SECRET_KEY", "for tests only")
    return tmp_path


def messy(text: str) -> str:
    """The first procedure in lower case, the diagnoses with dots, the ZIP with its hyphen."""
    return text.replace("HC:G0", "HC:g0", 1).replace(":E119", ":e11.9").replace("*OR*973010002", "*OR*97301-0002")


def test_a_repaired_file_is_the_clean_one_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean = generate_837(12)
    path = folder / "claims.837"
    path.write_text(messy(clean), encoding="ascii")
    assert check(path.read_bytes(), "f").errors
    assert main(["x12", "repair", str(path), "--out", "out", "--json"]) == 0
    [shown] = json.loads(capsys.readouterr().out)["files"]
    assert {one["rule"] for one in shown["repairs"]} == {"upper_case", "diagnosis_dot", "zip_digits"}
    assert Path(shown["written"][0]).read_text(encoding="ascii") == clean
    assert path.read_text(encoding="ascii") == messy(clean)


def test_without_a_folder_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "claims.837"
    path.write_text(messy(generate_837(2)), encoding="ascii")
    assert main(["x12", "repair", str(path)]) == 0
    assert "repairs (" in capsys.readouterr().out
    assert sorted(one.name for one in folder.iterdir() if one.is_file()) == ["claims.837"]


def test_a_file_that_is_there_is_kept(folder: Path) -> None:
    path = folder / "claims.837"
    path.write_text(generate_837(2), encoding="ascii")
    (folder / "out").mkdir()
    (folder / "out" / "claims.837").write_text("precious", encoding="ascii")
    assert main(["x12", "repair", str(path), "--out", "out"]) == 5
    assert (folder / "out" / "claims.837").read_text(encoding="ascii") == "precious"


@pytest.mark.parametrize(
    "text",
    [
        "no X12",
        generate_837(2).replace("HI*", "QQQ*", 1),
        generate_837(2).replace("*ABK:", "*ZZZ:", 1),
        generate_837(2) + generate_837(2).replace("*000000001", "*000000002"),
    ],
    ids=["nothing", "unknown segment", "unreadable", "two interchanges"],
)
def test_what_could_not_be_written_whole_is_refused(folder: Path, text: str) -> None:
    path = folder / "claims.837"
    path.write_text(text, encoding="ascii")
    assert main(["x12", "repair", str(path), "--out", "out"]) == 3
    assert not (folder / "out").exists()
