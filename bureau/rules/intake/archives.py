"""Folders on the way in: many files packed as one archive of settled bytes, and archives opened with care."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from bureau.rules.intake.sheets import find_zip_problem, read_directory
from config.problems import Problem

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes whenever they are packed
_LEVEL = 6


def is_zip(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04"


def pack_folder(files: Mapping[str, bytes]) -> bytes:
    """One archive of many files (name -> content): equal files give equal bytes, so a folder sent twice is seen."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, files[name])
    return packed.getvalue()


def list_names(data: bytes) -> list[str]:
    """Base names of the files in an archive, lower case; empty when it cannot be opened."""
    return [_base_name(entry.filename).lower() for entry in read_directory(data) or () if not entry.is_dir()]


def _base_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def unpack(name: str, data: bytes) -> tuple[dict[str, bytes], Problem | None]:
    """Files of an archive by base name, sorted; its directory is judged before anything is unpacked."""
    problem = find_zip_problem(name, data)
    if problem is not None:
        return {}, problem
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in sorted(archive.infolist(), key=lambda one: one.filename):
                base = _base_name(entry.filename)
                if entry.is_dir() or base.startswith(".") or "__MACOSX" in entry.filename:
                    continue
                if base in files:
                    return {}, Problem(name, "file.twice", f"The archive holds two files named {base}.")
                files[base] = archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError):
        return {}, Problem(name, "file.damaged", "The archive is damaged or locked by a password.")
    if not files:
        return {}, Problem(name, "file.empty", "The archive holds no file.")
    return files, None
