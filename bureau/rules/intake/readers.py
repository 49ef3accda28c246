"""Which reader takes which file: by the profile asked for, or by what the bytes themselves say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from bureau.rules.intake import corrections, edi, fhir, hl7, synthea, synthea_clinical
from bureau.rules.intake.archives import is_zip, list_names, unpack
from bureau.rules.intake.layout import Reading, refusal
from bureau.rules.intake.profiles import STANDARD, Profile, map_rows, read_profile
from bureau.rules.intake.sheets import read_sheet
from config.problems import Problem

Reader = Callable[[str, bytes], Reading]
SheetOpener = Callable[[str, bytes], tuple[list[list[str]], list[Problem]]]
Day = TypeVar("Day", bound=date | None)

SHEET, FOLDER, X12, HL7 = "standard", "folder", "837p", "hl7"
SYNTHEA, SYNTHEA_DATED, SYNTHEA_CLINICAL = "synthea", "synthea-dated", "synthea-clinical"
FHIR, FHIR_DATED, CORRECTED = "fhir", "fhir-dated", "corrected"
EXPORTS = frozenset({SYNTHEA, SYNTHEA_DATED, SYNTHEA_CLINICAL})
DESCRIPTIONS = {
    SHEET: "CSV or XLSX, a header row and a row per service line, under our own column names.",
    FOLDER: "A folder or archive of several such files; each is read by what it is.",
    X12: edi.DESCRIPTION,
    HL7: hl7.DESCRIPTION,
    SYNTHEA: synthea.DESCRIPTION,
    SYNTHEA_DATED: synthea.DESCRIPTION_DATED,
    SYNTHEA_CLINICAL: synthea_clinical.DESCRIPTION,
    FHIR: fhir.DESCRIPTION,
    FHIR_DATED: fhir.DESCRIPTION_DATED,
    CORRECTED: corrections.DESCRIPTION,
}
_TAKEN = "CSV, XLSX, 837P, HL7 DFT, FHIR R4, and a folder or ZIP of a Synthea export are taken."
_HL7_STARTS = (b"MSH", b"FHS", b"BHS")
UNITS = {X12: "segment", HL7: "segment", FHIR: "item", FHIR_DATED: "item"}  # what row numbers count; else rows
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "a workbook of the old .xls kind"),
    (b"<?xml", "an XML document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def detect_profile(file_name: str, data: bytes) -> str:
    """The shipped profile for a file, by its structure; its name is not believed.

    What is nothing else is taken for a sheet, and the sheet's reader says what is wrong with it.
    """
    del file_name
    if _start(data).startswith(b"ISA"):
        return X12
    if _start(data)[:3] in _HL7_STARTS:
        return HL7
    if is_json(data):
        return FHIR
    if not is_zip(data):
        return CORRECTED if corrections.is_corrected(data) else SHEET
    names = list_names(data)
    if {"claims.csv", "claims_transactions.csv"} & set(names):
        return SYNTHEA
    if {"patients.csv", "encounters.csv"} <= set(names):
        return SYNTHEA_CLINICAL
    return SHEET if not names or any(name in ("workbook.xml", "[content_types].xml") for name in names) else FOLDER


def build_reader(
    profile: str, mapping: Mapping[str, Any] | None, today: date, open_sheet: SheetOpener = read_sheet
) -> Reader:
    """The reader for a profile: a shipped one by name, or with `mapping` the client's stored one of that name.

    `today` is the date at the client's place, for profiles that move dates of service. An unknown name without a
    mapping, or a mapping that is not valid, gives a reader that refuses every file with the reason. `open_sheet`
    makes a table of a CSV or XLSX file.
    """
    if mapping is not None:
        found, problems = read_profile(dict(mapping), profile)
        if found is None:
            return lambda _name, _data: Reading(problems=list(problems))
        return _sheet_reader(found, open_sheet)
    if profile == X12:
        return _read_x12
    if profile in (SYNTHEA, SYNTHEA_DATED):
        return _export_reader(synthea.read_synthea, today if profile == SYNTHEA else None)
    if profile == SYNTHEA_CLINICAL:
        return _export_reader(synthea_clinical.read_clinical, today)
    if profile in (FHIR, FHIR_DATED):
        return lambda name, data: _read_bundles(name, data, today if profile == FHIR else None)
    if profile == FOLDER:
        return lambda name, data: _read_folder(name, data, today)
    if profile == CORRECTED:
        return _corrections_reader(open_sheet)
    if profile == HL7:
        return _read_messages
    if profile == SHEET:
        return _sheet_reader(STANDARD, open_sheet)
    text = f"No profile is named {profile}; shipped are {', '.join(DESCRIPTIONS)}."
    return lambda name, _data: refusal(name, "profile.unknown", text)


def is_json(data: bytes) -> bool:
    return _start(data)[:1] in (b"{", b"[")


def find_size_problem(name: str, data: bytes, most: int) -> Problem | None:
    """What is said of a file that has more bytes than may be sent."""
    if len(data) <= most:
        return None
    text = f"The file has {len(data) / 1e6:,.1f} MB; {most / 1e6:,.1f} MB is the limit."
    return Problem(name, "file.too_big", text)


def _start(data: bytes) -> bytes:
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b")


def find_other_kind(name: str, data: bytes) -> Problem | None:
    """A file that is plainly something else than a sheet, said before anybody tries to read it as one."""
    if not data.strip(b"\xef\xbb\xbf \r\n\t"):
        return Problem(name, "file.empty", "The file is empty.")
    start = _start(data)
    if start.startswith(b"ISA"):
        return Problem(name, "file.kind", "The file is X12; take the profile 837p for it.")
    for mark, what in _OTHERS:
        if start.startswith(mark):
            return Problem(name, "file.kind", f"The file is {what}. {_TAKEN}")
    return None


def _sheet_reader(profile: Profile, open_sheet: SheetOpener) -> Reader:
    def read(name: str, data: bytes) -> Reading:
        other = find_other_kind(name, data)
        if other is not None:
            return Reading(problems=[other])
        table, problems = open_sheet(name, data)
        return Reading(problems=problems) if problems else map_rows(name, table, profile)

    return read


def _corrections_reader(open_sheet: SheetOpener) -> Reader:
    def read(name: str, data: bytes) -> Reading:
        table, problems = open_sheet(name, data)
        return Reading(problems=problems) if problems else corrections.read_corrected(name, table)

    return read


def _read_x12(name: str, data: bytes) -> Reading:
    if not _start(data).startswith(b"ISA"):
        return refusal(name, "file.kind", f"The file does not begin with ISA, so it is no 837P. {_TAKEN}")
    return edi.read_edi(name, data)


def _read_messages(name: str, data: bytes) -> Reading:
    if _start(data)[:3] not in _HL7_STARTS:
        return refusal(name, "file.kind", f"The file does not begin with MSH, so it is no HL7 message. {_TAKEN}")
    return hl7.read_hl7(name, data)


def _export_reader(read_export: Callable[[str, Mapping[str, bytes], Day], Reading], today: Day) -> Reader:
    def read(name: str, data: bytes) -> Reading:
        if not is_zip(data):
            return refusal(name, "file.kind", "A Synthea export is taken as a folder or as a ZIP of it.")
        files, problem = unpack(name, data)
        return Reading(problems=[problem]) if problem else read_export(name, files, today)

    return read


def _read_bundles(name: str, data: bytes, today: date | None) -> Reading:
    """A bundle, or a folder of bundles: they are read together, for some only say who others mean."""
    if not is_zip(data):
        return fhir.read_fhir({name: data}, today)
    files, problem = unpack(name, data)
    return Reading(problems=[problem]) if problem else fhir.read_fhir(files, today)


def _read_folder(name: str, data: bytes, today: date) -> Reading:
    """Each file of the archive by its own reader; one that cannot be read keeps the whole folder out."""
    files, problem = unpack(name, data)
    if problem is not None:
        return Reading(problems=[problem])
    kinds = {file: detect_profile(file, content) for file, content in files.items()}
    bundles = {file: files[file] for file, kind in kinds.items() if kind == FHIR}
    whole = fhir.read_fhir(bundles, today) if bundles else Reading()
    for file, kind in kinds.items():
        if kind in (FOLDER, CORRECTED) or kind in EXPORTS:
            return refusal(
                file, "file.nested", "An archive, or a sheet of corrections, is not taken inside an archive."
            )
        if kind != FHIR:
            whole.add(build_reader(kind, None, today)(file, files[file]), file)
    return whole
