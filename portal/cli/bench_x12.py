"""X12 measured: our readers and writers beside a raw split, two other readers, and the memory of a long stream."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from bureau.x12.balance import Tally, balance
from bureau.x12.claim837 import read_837
from bureau.x12.remit835 import iter_835, read_835, write_835
from bureau.x12.resting import collector_at_rest
from bureau.x12.samples import generate_835, generate_837, iter_chunks, make_envelope
from bureau.x12.values835 import PaidClaim, Remittance
from bureau.x12.write837 import write_837

ORACLE_CLAIMS = 300  # the oracles are ten to fifty times slower
ROUNDS = 5
STREAM_MEGABYTES = 200
_CLAIMS_A_PIECE = 1_000
_STATUS = Path("/proc/self/status")  # only where it exists does a process know its own peak


def measure_x12(claims: int, megabytes: int = STREAM_MEGABYTES) -> dict[str, Any]:
    """Segments per second of processor time, each the median of some rounds in this one run.

    A read is a typed read with every amount parsed, an 835 balanced at its three levels besides. A figure is
    None where a tool of the tests is not installed, or the system does not tell the memory of a process.
    """
    stream = measure_stream_apart(megabytes)
    results: dict[str, Any] = {"claims": claims}
    for kind, make, read, write in (
        ("835", generate_835, _read_835, lambda values: write_835(make_envelope(), values)),
        ("837", generate_837, _read_837, lambda values: write_837(make_envelope(), values)),
    ):
        text = make(claims)
        values = read(text)
        segments = text.count("~")
        results[f"segments_{kind}"] = segments
        results[f"read_{kind}_segments_per_second"] = _speed(segments, read, text)
        results[f"write_{kind}_segments_per_second"] = _speed(segments, write, values)
        results[f"split_{kind}_segments_per_second"] = _speed(segments, _split, text)
        small = make(min(claims, ORACLE_CLAIMS))
        for name, oracle in (("pyx12", _find_pyx12()), ("x12sdk", _find_x12sdk())):
            figure = _speed(small.count("~"), oracle, small, rounds=1) if oracle else None
            results[f"{name}_{kind}_segments_per_second"] = figure
    return results | stream


def _read_835(text: str) -> list[Remittance]:
    remittances, problems = read_835(text)
    assert not problems
    assert not any(balance(one).problems for one in remittances)
    return remittances


def _read_837(text: str) -> list[Any]:
    sets, problems = read_837(text)
    assert not problems
    return sets


def _split(text: str) -> list[list[str]]:
    return [segment.split("*") for segment in text.split("~")]


def _speed(segments: int, act: Callable[[Any], object], given: object, *, rounds: int = ROUNDS) -> int:
    times = []
    for _ in range(rounds):
        with collector_at_rest():  # for all alike, or what one leaves behind would burden the next
            began = process_time()
            act(given)
            times.append(process_time() - began)
    return round(segments / sorted(times)[rounds // 2])


def _find_pyx12() -> Callable[[str], object] | None:
    """Its validation, without its 999, which for an 835 is a known fault."""
    try:
        from pyx12.params import params
        from pyx12.x12n_document import x12n_document
    except ImportError:
        return None
    return lambda text: x12n_document(params(), io.StringIO(text), None, None, None)


def _find_x12sdk() -> Callable[[str], object] | None:
    """Its typed models; it wants no line breaks, the second addendum of the 837, and bank accounts of an ACH."""
    try:
        from x12sdk.io import X12ModelReader
    except ImportError:
        return None

    def read(text: str) -> int:
        wanted = text.replace("~\n", "~").replace("005010X222A1", "005010X222A2").replace("*C*ACH*", "*C*CHK*")
        with X12ModelReader(wanted) as reader:
            return sum(1 for _ in reader.models())

    read(generate_835(1))  # its parsers load when they are first asked for
    read(generate_837(1))
    return read


def measure_stream_apart(megabytes: int) -> dict[str, Any]:
    """In a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(measure_stream, megabytes).result()


def measure_stream(megabytes: int) -> dict[str, Any]:
    """Read and balance an 835 file of that size as a stream; the peak is that of the whole process."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "long.835")
        segments = 0
        with path.open("w", encoding="ascii") as file:
            for piece in _long_835(megabytes):
                file.write(piece)
                segments += piece.count("~")
        before, began, tally = _peak_megabytes(), process_time(), Tally()
        with path.open(encoding="ascii") as file:
            for one in iter_835(file):
                if isinstance(one, PaidClaim):
                    tally.add(one)
        seconds = process_time() - began
    return {
        "stream_megabytes": megabytes,
        "stream_segments_per_second": round(segments / seconds),
        "memory_mb_before_stream": before,
        f"memory_mb_{megabytes}mb_file": _peak_megabytes(),
    }


def _long_835(megabytes: int) -> Iterator[str]:
    """One payment whose claims come again and again until the file is long enough."""
    text = generate_835(_CLAIMS_A_PIECE)
    start, end = text.index("CLP*"), text.index("SE*")
    yield text[:start]
    yield from iter_chunks(text[start:end], megabytes * 1_000_000 // (end - start))
    yield text[end:]


def _peak_megabytes() -> float | None:
    if not _STATUS.exists():
        return None
    [line] = [line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
    return round(int(line.split()[1]) / 1024, 1)
