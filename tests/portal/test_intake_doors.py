"""Every kind of file through both doors, the command line and the portal: counts add up, and twice adds nothing."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bureau.models import Claim, Upload
from bureau.office import Bureau
from bureau.rules.intake.archives import pack_folder
from bureau.rules.intake.hl7_syntax import read_messages
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.settings import Settings
from portal.app import build_app
from portal.bootstrap import build_bureau
from portal.cli import main
from reports.invariants import verify
from tests.bureau.intake.messages import visit_message
from tests.portal.conftest import token_of
from tests.portal.test_quarantine import workbook
from tests.portal.world import PASSWORD, email
from tests.support.houses import open_practice

HARBOR, RIDGE = 1, 2


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("intake")


@pytest.fixture(scope="module")
def book(home: Path, quick_hashes) -> Iterator[Bureau]:
    """A book with two practices: files come to the one by the command line, to the other through the portal."""
    book = build_bureau(Settings(home=home, secret_key="for tests only", _env_file=None), durable=False)
    with book.open_office(Actor(ActorKind.PERSON, "set up"), Scope.all()) as office:
        for number, code in ((HARBOR, "HARBOR"), (RIDGE, "RIDGE")):
            open_practice(office, number, code)
        create_user(office.session, email("owner"), "Owner", PASSWORD, [Grant(Role.OWNER, RIDGE)])
    yield book
    book.engine.dispose()


@pytest.fixture
def run(book: Bureau, home: Path, tmp_path: Path, monkeypatch, capsys):
    """`./run import ... --client HARBOR --json` on that book: exit code, what it said as JSON, and to people."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUREAU_HOME", str(home))
    monkeypatch.setenv("BUREAU_SECRET_KEY", "for tests only")

    def call(*words: object) -> tuple[int, dict, str]:
        code = main(["import", *map(str, words), "--client", "HARBOR", "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out or "{}"), said.err

    return call


@pytest.fixture
def visitor(book: Bureau) -> FlaskClient:
    client = build_app(book, book.settings).test_client()
    sent = {"email": email("owner"), "password": PASSWORD, "door": "front", "csrf_token": token_of(client)}
    assert client.post("/", data=sent).status_code == 302
    return client


def send(visitor: FlaskClient, name: str, data: bytes) -> str:
    """Upload a file at the portal; returns the address it leads to."""
    form = {"csrf_token": token_of(visitor, "/front/"), "file": (io.BytesIO(data), name)}
    answer = visitor.post("/front/upload", data=form, content_type="multipart/form-data")
    assert answer.status_code == 302
    return answer.location


def take_in(visitor: FlaskClient, book: Bureau, name: str, data: bytes) -> Upload:
    """Upload, check and take in; returns what is stored of it."""
    check = send(visitor, name, data)
    page = visitor.get(check)
    assert page.status_code == 200
    chosen = re.search(r'name="profile" value="([^"]*)"', page.text)
    form = {"csrf_token": token_of(visitor, "/front/"), "profile": chosen[1] if chosen else ""}
    address = visitor.post(f"{check}/commit", data=form).location
    for _ in range(600):
        if "/progress" not in address:
            break
        time.sleep(0.1)  # a large file is taken in beside the request
        address = visitor.get(address).location or address
    assert "/upload/check/" not in address, visitor.get(check).text
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        wanted = select(Upload).where(Upload.client_id == RIDGE)
        return session.scalars(wanted.order_by(Upload.id.desc()).limit(1)).one()


def claims_of(book: Bureau, client_id: int) -> int:
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Claim).where(Claim.client_id == client_id)) or 0


def broken_laws(book: Bureau) -> list[str]:
    with book.open_office(Actor(ActorKind.JOB, "verify"), Scope.all(), read_only=True) as office:
        return [finding.id for finding in verify(office) if not finding.is_kept]


# Folder or file of the samples -> exit code, rows, claims; by the command line.
SAMPLES = {
    "fhir_r4_2019": (0, 1_983, 173),
    "fhir_r4_2024/practitionerInformation1714182814995.json": (0, 94, 0),
    "fhir_r4_2024/hospitalInformation1714182814995.json": (0, 95, 0),
    "fhir_r4_2024/Christeen33_Beier427_edcd074e-b20a-2826-ff28-4677579314b1.json": (3, None, 28),
    "fhir_r4_2024/Temika453_Wuckert783_b37f7960-7e9e-f3f7-f891-79ae4f632406.json": (3, None, 28),
    "synthea_csv_claims": (0, 9_870, 1_267),
    "synthea_csv_clinical": (3, 20_744, 4_578),
}


def test_every_sample_comes_in_by_the_command_line_once(book: Bureau, run, shared_data: Path) -> None:
    for path, (expected, rows, claims) in SAMPLES.items():
        before = claims_of(book, HARBOR)
        code, said, told = run(shared_data / path)
        assert code == expected, path
        assert said["claims"] == said["encounters"] == claims_of(book, HARBOR) - before == claims, path
        assert rows is None or said["rows"] == rows
        assert said["duplicates"] == 0
        assert set(said) == {"rows", "accepted", "problems", "duplicates", "encounters", "claims"}
        assert ("Claim" in told) == (path.startswith("fhir") and "Information" not in path)
        again, said, _ = run(shared_data / path)
        assert (again, said["rows"], said["claims"]) == (5, 0, 0)
    assert broken_laws(book) == []


def test_a_dry_run_says_the_same_and_writes_nothing(book: Bureau, run, tmp_path: Path) -> None:
    path, before = tmp_path / "dry.hl7", claims_of(book, HARBOR)
    path.write_text(visit_message("C9", visit={19: "V9"}), newline="")
    dry = run(path, "--dry-run")
    assert claims_of(book, HARBOR) == before
    assert run(path)[:2] == dry[:2]
    assert claims_of(book, HARBOR) == before + dry[1]["claims"] == before + 1


def test_both_exports_and_bundles_come_in_through_the_portal(
    book: Bureau, visitor: FlaskClient, shared_data: Path
) -> None:
    for path in ("fhir_r4_2024", "synthea_csv_claims", "synthea_csv_clinical"):
        files = {one.name: one.read_bytes() for one in (shared_data / path).iterdir()}
        upload = take_in(visitor, book, f"{path}.zip", pack_folder(files))
        assert upload.rows == upload.accepted + upload.problems + upload.duplicates
        assert upload.encounters == {"fhir_r4_2024": 56}.get(path) or SAMPLES[path][2]
    bundle = next((shared_data / "fhir_r4_2019").glob("Bill_*.json"))
    upload = take_in(visitor, book, bundle.name, bundle.read_bytes())
    assert (upload.profile, upload.encounters, upload.kinds["Claim"]) == ("fhir", 15, 15)
    assert broken_laws(book) == []


def test_messages_come_in_by_both_doors_and_are_answered(
    book: Bureau, run, visitor: FlaskClient, tmp_path: Path
) -> None:
    path, ack = tmp_path / "charges.hl7", tmp_path / "ack.hl7"
    path.write_text(visit_message() + visit_message("C2").replace("DFT^P03", "ADT^A01"), newline="")
    code, said, _ = run(path, "--ack", ack)
    assert (code, said["claims"], said["problems"][0]["code"]) == (3, 1, "message.type")
    answers, _ = read_messages("ack", ack.read_bytes().decode())
    assert [one.first("MSA").get(1) for one in answers] == ["AA", "AR"]
    assert run(path, "--ack", ack)[0] == 5
    assert b"MSA|AA|C1" in ack.read_bytes()
    assert take_in(visitor, book, path.name, path.read_bytes()).encounters == 1


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("bomb.xlsx", lambda: workbook(255_000_000, 6), "unpacks to 255 MB"),
        ("deep.csv", lambda: b'{"a":' + b"[" * 500_000, "nested deeper than any record"),
        ("not.json", lambda: b'{"resourceType":"Bundle",', "not valid JSON"),
    ],
)
def test_a_file_made_to_hurt_is_refused_at_both_doors(run, visitor: FlaskClient, name: str, make, says: str) -> None:
    path, data = Path.cwd() / name, make()
    path.write_bytes(data)
    code, said, _ = run(path)
    assert code == 3
    assert says in said["problems"][0]["text"]
    page = visitor.get(send(visitor, name, data), follow_redirects=True)
    assert page.status_code == 200
    assert says in page.text
