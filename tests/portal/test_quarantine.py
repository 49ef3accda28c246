"""Files from outside, opened by a child: read alike, and harmless whatever they hold."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from bureau.rules.intake import readers
from bureau.rules.intake.archives import pack_folder
from portal import quarantine
from portal.quarantine import Limits, build_reader, open_sheet

TODAY = date(2026, 3, 18)
SHEET = "xl/worksheets/sheet1.xml"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
ROW = '<row><c t="inlineStr"><is><t>patient_id</t></is></c><c t="inlineStr"><is><t>last_name</t></is></c></row>'
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def workbook(size: int, level: int = 1) -> bytes:
    """A workbook whose only sheet has about so many bytes of rows, all alike."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        with archive.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(HEAD.encode())
            block = ROW.encode() * 1_000
            for _ in range(size // len(block) + 1):
                sheet.write(block)
            sheet.write(TAIL.encode())
    return packed.getvalue()


def lie(data: bytes, said: int) -> bytes:
    """The archive with a directory that claims its largest entry to be small."""
    entry = max(zipfile.ZipFile(io.BytesIO(data)).infolist(), key=lambda one: one.file_size)
    return data.replace(struct.pack("<L", entry.file_size), struct.pack("<L", said))


def first_code(data: bytes, limits: Limits = quarantine.LIMITS) -> str:
    profile = readers.detect_profile("x", data)
    return build_reader(profile, None, TODAY, limits)("x", data).problems[0].code


@pytest.mark.parametrize(
    "pattern",
    ["fhir_r4_2024/Temika*.json", "fhir_r4_2019/pract*.json", "synthea_csv_clinical/*.csv", "x12/837p/*.837"],
)
def test_a_child_reads_what_we_would_have_read(shared_data: Path, pattern: str) -> None:
    files = {path.name: path.read_bytes() for path in sorted(shared_data.glob(pattern))[:40]}
    name, data = next(iter(files.items()))
    if len(files) > 1:
        name, data = "x.zip", pack_folder(files)
    profile = readers.detect_profile(name, data)
    assert build_reader(profile, None, TODAY)(name, data) == readers.build_reader(profile, None, TODAY)(name, data)


def test_a_workbook_is_read_by_a_child() -> None:
    table, problems = open_sheet("a.xlsx", workbook(10))
    assert not problems
    assert table[0] == ["patient_id", "last_name"]
    assert first_code(workbook(10)) == "file.columns"


def test_a_workbook_that_unpacks_to_255_megabytes_is_refused_at_once() -> None:
    data = workbook(255_000_000, 6)
    assert len(data) < 900_000
    assert zipfile.ZipFile(io.BytesIO(data)).getinfo(SHEET).file_size > 255_000_000
    began = time.process_time()
    assert first_code(data) == "file.too_big_unpacked"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("said", [1_000, 50_000])
def test_a_directory_that_lies_about_sizes_helps_nobody(said: int) -> None:
    data = lie(workbook(255_000_000), said)
    assert first_code(data, Limits(memory=700_000_000, cpu_seconds=5, wall_seconds=20)) in (
        "file.too_heavy", "file.xlsx",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":' + b"[" * 2_000_000, "file.too_deep"),
        (b'{"resourceType":"Bundle","total":' + b"9" * 5_000_000 + b"}", "file.json"),
        (b'{"resourceType":"Bundle","total":1e' + b"9" * 5_000_000 + b"}", "file.json"),
        (b'{"resourceType":"Bundle"', "file.json"),
        (b'{"resourceType":"Bundle","entry":"\xff"}', "file.encoding"),
    ],
)
def test_json_made_to_hurt_is_refused(data: bytes, code: str) -> None:
    assert first_code(data) == code


WIDE = b'{"resourceType":"Bundle","entry":[' + b"[],[[]]," * 1_000_000 + b"[]]}"


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(memory=200_000_000), "too large once it is opened"),
        (Limits(wall_seconds=0.2), "takes too long"),
        (Limits(cpu_seconds=1), "broke off"),
    ],
)
def test_a_limit_that_is_exceeded_is_a_sentence(limits: Limits, says: str) -> None:
    data = (
        WIDE if limits.cpu_seconds > 1 else json.dumps({"resourceType": "Bundle", "entry": [[]] * 6_000_000}).encode()
    )
    problem = build_reader("fhir", None, TODAY, limits)("x.json", data).problems[0]
    assert problem.code == "file.too_heavy"
    assert says in problem.text


def test_an_archive_of_countless_entries_is_not_even_listed() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(5_000):
            archive.writestr(f"{number:06d}-with-a-name-that-takes-room.csv", b"")
    began = time.process_time()
    assert first_code(packed.getvalue()) == "file.not_a_zip"
    assert time.process_time() - began < 0.2


def test_the_child_knows_no_secret_and_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUREAU_SECRET_KEY", "hush")
    seen = {}
    run = quarantine.subprocess.run

    def spy(command, **options):
        seen.update(options["env"])
        script = (
            "import resource, sys; from portal.quarantined import _limit; _limit(10**9, 5)\n"
            f"try: open({str(tmp_path / 'x')!r}, 'w').write('x' * 10)\n"
            "except OSError: pass\n"
            "sys.stdout.write('{\"problems\": []}')"
        )
        return run([command[0], "-s", "-c", script], **options)

    monkeypatch.setattr(quarantine.subprocess, "run", spy)
    open_sheet("a.xlsx", workbook(10))
    assert set(seen) == {"PATH", "LANG"}
    assert not (tmp_path / "x").exists() or (tmp_path / "x").read_bytes() == b""
