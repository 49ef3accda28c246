"""Sheets, archives and profiles: bytes to rows of our layout."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.rules.intake.archives import pack_folder, unpack
from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.layout import Reading, SheetRow
from bureau.rules.intake.profiles import guess_columns
from bureau.rules.intake.readers import build_reader, detect_profile
from tests.bureau.intake.practice import TODAY, sheet, visit

ISA = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*1000*^*00501*000000001*0*T*:~"


def read(data: bytes, name: str = "visits.csv", profile: str = "", mapping: dict | None = None) -> Reading:
    return build_reader(profile or detect_profile(name, data), mapping, TODAY)(name, data)


def archive(**files: bytes) -> bytes:
    return pack_folder({name.replace("__", "."): content for name, content in files.items()})


def workbook(*rows: list[object]) -> bytes:
    """The smallest workbook there is: inline text and numbers, no styles."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    doc = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{office}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{doc}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{doc}"><sheets><sheet name="A" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" '
        f'Type="{doc}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    return pack_folder({name: text.encode() for name, text in files.items()})


@pytest.mark.parametrize(
    ("name", "data", "profile"),
    [
        ("a.837", ISA, "837p"),
        ("a.csv", b"\xef\xbb\xbf\r\n " + ISA, "837p"),
        ("a.csv", b"patient_id,last_name\n", "standard"),
        ("a.zip", workbook(["patient_id"]), "standard"),
        ("a.xlsx", archive(claims__csv=b"Id\n", patients__csv=b"Id\n"), "synthea"),
        ("a.xlsx", archive(encounters__csv=b"Id\n", patients__csv=b"Id\n"), "synthea-clinical"),
        ("a.csv", b'\xef\xbb\xbf {"resourceType": "Bundle"}', "fhir"),
        ("a.zip", archive(a__csv=b"x\n", b__csv=b"y\n"), "folder"),
        ("a.zip", b"PK\x03\x04 and nothing more", "standard"),
    ],
)
def test_the_structure_tells_the_profile_and_the_name_does_not(name: str, data: bytes, profile: str) -> None:
    assert detect_profile(name, data) == profile


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "file.empty", "empty"),
        (b"\r\n\r\n", "file.empty", "empty"),
        (b"%PDF-1.7", "file.kind", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.kind", "old .xls"),
        (b"MSH", "message.head", "how its fields are separated"),
        (b'{"name":"no record"}', "file.kind", "names no resourceType"),
        (b'{"resourceType":"Bundle"}', "file.no_rows", "holds no resource"),
        (b'{"resourceType":"Bundle"', "file.json", "line 1, column 25"),
        (b'{"resourceType":"Claim","id":"a\\u0000b"}', "file.binary", "no text has"),
        (b'{"resourceType":"Claim","id":"a\\uD800b"}', "file.binary", "no text has"),
        (b"[" * 100_000, "file.too_deep", "nested deeper"),
        (b'{"resourceType":"Bundle","total":' + b"9" * 100_000 + b"}", "file.json", "longer than any record"),
        (b"\x89PNG\r\n", "file.kind", "picture"),
        (b"patient_id,last_name\x00", "file.binary", "not text"),
        (sheet(visit()) + b" " * 9_000 + b"\x00", "file.binary", "not text"),
        (ISA + b"GS*HC\x00*A~", "file.binary", "no text has"),
        (b"a,b\n1,2\n", "file.columns", "lacks patient_id, last_name, service_date, provider_npi"),
        (b"patient_id,last_name,service_date,provider_npi\n", "file.no_rows", "no rows below"),
        (b"PK\x03\x04 and nothing more", "file.not_a_zip", "cannot be opened"),
        (archive(a__csv=b"x\n1\n", b__csv=b"y\n1\n"), "file.columns", "lacks"),
        (archive(claims__csv=b"Id\n"), "file.missing", "also holds patients.csv, payers.csv"),
    ],
)
def test_a_file_that_is_not_taken_says_why(data: bytes, code: str, says: str) -> None:
    reading = read(data)
    assert reading.is_refused
    assert reading.problems[0].code == code
    assert says in reading.problems[0].text
    assert not reading.rows


@pytest.mark.parametrize(
    ("profile", "data", "says"),
    [
        ("standard", ISA, "profile 837p"),
        ("837p", sheet(visit()), "no 837P"),
        ("synthea", sheet(visit()), "as a folder or as a ZIP"),
        ("nobody's", sheet(visit()), "No profile is named nobody's"),
    ],
)
def test_a_profile_that_does_not_fit_the_file_says_so(profile: str, data: bytes, says: str) -> None:
    assert says in read(data, profile=profile).problems[0].text


def test_a_sheet_keeps_its_rows_and_their_numbers() -> None:
    data = sheet(visit(), visit(encounter_id="E2")).replace(b"\r\nE2", b"\r\n\r\nE2")
    rows = read(data).rows
    assert [row.number for row in rows] == [2, 4]
    assert rows[1].values["encounter_id"] == "E2"
    assert rows[0].where("charge") == "visits.csv row 2 column charge"


@pytest.mark.parametrize("delimiter", ",;|\t")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252"])
def test_sheets_come_in_many_hands(delimiter: str, encoding: str) -> None:
    text = sheet(visit(last_name="Núñez", note="")).decode().replace(",", delimiter)
    (row,) = read(text.encode(encoding)).rows
    assert row.values["last_name"] == "Núñez"


def test_a_workbook_reads_like_a_sheet() -> None:
    header = list(visit())
    values: list[object] = [150 if name == "charge" else text for name, text in visit().items()]
    (row,) = read(workbook(header, values), "visits.xlsx").rows
    assert row.values == visit(charge="150")


def test_a_stored_mapping_brings_foreign_columns_into_our_layout() -> None:
    data = b"MRN,Surname,DOS,NPI,Code,Sex Words\n7,Doe,03/02/2026,1,XV113,woman\n"
    mapping = {
        "columns": {"patient_id": "MRN", "last_name": "Surname", "service_date": "DOS", "provider_npi": "NPI",
                    "procedure": "Code", "sex": "Sex Words"},
        "date_format": "%m/%d/%Y", "defaults": {"payer_id": "SELF"}, "lookups": {"sex": {"woman": "F"}},
    }  # fmt: skip
    (row,) = read(data, profile="theirs", mapping=mapping).rows
    assert row.values == {
        "patient_id": "7", "last_name": "Doe", "sex": "F", "provider_npi": "1", "service_date": "2026-03-02",
        "procedure": "XV113", "payer_id": "SELF",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"colours": {}}, "colours"),
        ({"columns": {"shoe_size": "X"}}, "Unknown field shoe_size"),
        ({"columns": ["a"]}, "columns"),
    ],
)
def test_a_mapping_that_is_not_valid_refuses_the_file(mapping: dict, says: str) -> None:
    reading = read(sheet(visit()), profile="theirs", mapping=mapping)
    assert says in reading.problems[0].text
    assert "profile theirs" in reading.problems[0].where


def test_usual_spellings_are_guessed() -> None:
    found = guess_columns(["MRN", "Pt Last", "D.O.S.", "Rendering NPI", "CPT", "Charges"])
    assert found == {
        "patient_id": "MRN", "last_name": "Pt Last", "service_date": "D.O.S.", "provider_npi": "Rendering NPI",
        "procedure": "CPT", "charge": "Charges",
    }  # fmt: skip


def test_a_folder_of_sheets_is_read_file_by_file() -> None:
    data = archive(b__csv=sheet(visit(encounter_id="E2")), a__csv=sheet(visit()))
    assert [(row.file, row.number) for row in read(data).rows] == [("a.csv", 2), ("b.csv", 2)]


def test_a_folder_packs_to_the_same_bytes_whatever_the_order() -> None:
    one = pack_folder({"a.csv": b"1", "b.csv": b"2"})
    assert one == pack_folder({"b.csv": b"2", "a.csv": b"1"})
    assert one != pack_folder({"b.csv": b"2", "a.csv": b"3"})
    assert unpack("x.zip", one) == ({"a.csv": b"1", "b.csv": b"2"}, None)


def _raw_zip(entries: dict[str, bytes], mode: int = 0, flag: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type, info.flag_bits = mode << 16, zipfile.ZIP_DEFLATED, flag
            made.writestr(info, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_raw_zip({"../../etc/passwd": b"x"}), "file.bad_entry"),
        (_raw_zip({"/etc/passwd": b"x"}), "file.bad_entry"),
        (_raw_zip({"link.csv": b"target"}, mode=0o120777), "file.bad_entry"),
        (_raw_zip({"xl/vbaProject.bin": b"x"}), "file.macro"),
        (_raw_zip({f"{number}.csv": b"x" for number in range(201)}), "file.too_big_unpacked"),
        (_raw_zip({"a.csv": bytes(2_000_000)}), "file.too_big_unpacked"),
        (_raw_zip({"a/x.csv": b"1", "b/x.csv": b"2"}), "file.twice"),
        (_raw_zip({"a/": b""}), "file.empty"),
        (_raw_zip({"a.csv": b"hello hello hello"}).replace(b"a.csv", b"b.csv", 1), "file.damaged"),
    ],
)
def test_an_archive_is_judged_before_it_is_opened(data: bytes, code: str) -> None:
    files, problem = unpack("x.zip", data)
    assert files == {}
    assert problem is not None
    assert problem.code == code


def test_a_bomb_in_a_workbook_is_refused_unread() -> None:
    bomb = _raw_zip({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(120_000_000)})
    assert len(bomb) < 200_000
    assert read(bomb, "visits.xlsx").problems[0].code == "file.too_big_unpacked"


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    reading = read(data)
    assert reading.rows or reading.problems


@given(st.text(alphabet='",;|\t\n\rAZ09é\x00', max_size=200))
def test_no_rows_below_a_good_header_raise(text: str) -> None:
    header = ",".join(visit())
    reading = read(f"{header}\n{text}".encode())
    assert reading.rows or reading.problems
    drafts, repeats = read_encounters(reading.rows)
    assert sum(len(draft.lines) for draft in drafts) + len(repeats) == len(reading.rows)


@given(st.binary(max_size=200), st.sampled_from(["837p", "synthea", "folder", "standard"]))
def test_no_bytes_behind_a_true_beginning_raise(data: bytes, profile: str) -> None:
    start = ISA if profile == "837p" else b"PK\x03\x04"
    reading = read(start + data, profile=profile)
    assert reading.rows or reading.problems


def draft_of(*rows: dict[str, str]):
    drafts, _ = read_encounters([SheetRow("a.csv", number, row) for number, row in enumerate(rows, start=2)])
    return drafts[0]


def codes_of(*rows: dict[str, str]) -> list[tuple[int, str]]:
    problems = draft_of(*rows).problems
    return [(number, problem.code) for (_, number), found in sorted(problems.items()) for problem in found]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"patient_id": ""}, "patient_id.missing"),
        ({"last_name": ""}, "last_name.missing"),
        ({"provider_npi": ""}, "provider_npi.missing"),
        ({"service_date": ""}, "service_date.invalid"),
        ({"service_date": "03/02/2026"}, "service_date.invalid"),
        ({"service_date": "2026-02-30"}, "service_date.invalid"),
        ({"line_date": "soon"}, "line_date.invalid"),
        ({"birth_date": "1980-5-17"}, "birth_date.invalid"),
        ({"sex": "X"}, "sex.invalid"),
        ({"charge": "a lot"}, "money.unreadable"),
        ({"charge": "1.005"}, "money.decimals"),
        ({"charge": "-5.00"}, "charge.negative"),
        ({"units": "0"}, "units.invalid"),
        ({"units": "1.5"}, "units.invalid"),
        ({"units": "10000"}, "units.invalid"),
        ({"pointers": "13"}, "pointers.invalid"),
        ({"pointers": "1 2 3 4 5"}, "pointers.invalid"),
        ({"pointers": "Z"}, "pointers.invalid"),
    ],
)
def test_each_flaw_of_a_row_has_its_code(change: dict[str, str], code: str) -> None:
    assert codes_of(visit(**change)) == [(2, code)]


@pytest.mark.parametrize(
    ("text", "cents"),
    [("150.00", 15_000), ("0.02", 2), (".50", 50), ("150", 15_000), ("$1,234.50", 123_450), ("1.5", 150),
     ("123456789.00", 12_345_678_900), ("", None)],
)  # fmt: skip
def test_charges_are_read_as_people_write_them(text: str, cents: int | None) -> None:
    draft = draft_of(visit(charge=text))
    assert not draft.problems
    assert draft.lines[0].charge_cents == cents


@pytest.mark.parametrize(("text", "pointers"), [("", "1"), ("1,2", "1 2"), ("AB", "1 2"), ("2:1", "2 1"), ("l", "12")])
def test_pointers_are_numbers_or_letters(text: str, pointers: str) -> None:
    draft = draft_of(visit(pointers=text))
    assert draft.lines[0].pointers == pointers
    assert not draft.problems


def test_rows_of_one_encounter_must_agree() -> None:
    assert codes_of(visit(), visit(procedure="XV101", birth_date="1981-05-17")) == [(3, "encounter.disagrees")]
    assert codes_of(visit(), visit(procedure="XV101", line_date="2026-03-03")) == []


def test_without_a_number_patient_provider_and_day_make_the_encounter() -> None:
    rows = [visit(encounter_id="", procedure=code) for code in ("XV113", "XV101")]
    rows.append(visit(encounter_id="", service_date="2026-03-03"))
    drafts, _ = read_encounters([SheetRow("a.csv", number, row) for number, row in enumerate(rows, start=2)])
    assert [len(draft.lines) for draft in drafts] == [2, 1]


def test_a_repeated_row_is_a_duplicate_unless_the_source_names_the_line() -> None:
    drafts, repeats = read_encounters([SheetRow("a.csv", number, visit()) for number in (2, 3)])
    assert [len(draft.lines) for draft in drafts] == [1]
    assert [row.number for row in repeats] == [3]
    drafts, repeats = read_encounters([SheetRow("a.csv", number, visit(), f"line {number}") for number in (2, 3)])
    assert [len(draft.lines) for draft in drafts] == [2]
    assert not repeats


def test_more_lines_than_a_claim_carries_are_a_problem() -> None:
    rows = [visit(procedure="XV113", note=str(number)) for number in range(51)]
    assert codes_of(*rows) == [(2, "lines.too_many")]
    assert codes_of(*rows[:50]) == []


def test_the_fingerprint_hears_every_word_and_no_order() -> None:
    plain = draft_of(visit()).fingerprint
    (row,) = read(sheet(dict(reversed(visit().items())))).rows
    assert draft_of(row.values).fingerprint == draft_of(read(sheet(visit())).rows[0].values).fingerprint
    for name in visit():
        assert draft_of(visit(**{name: "other"})).fingerprint != plain, name


def test_a_moved_date_does_not_change_the_fingerprint() -> None:
    moved = [visit(reported_date="2019-05-04", service_date=day) for day in ("2026-03-02", "2026-03-09")]
    assert draft_of(moved[0]).fingerprint == draft_of(moved[1]).fingerprint
    other = visit(reported_date="2019-05-05")
    assert draft_of(moved[0]).fingerprint != draft_of(other).fingerprint
    assert draft_of(moved[0]).served_on == date(2026, 3, 2)
