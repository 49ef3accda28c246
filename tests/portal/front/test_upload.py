"""A file through the practice's door: checked without a trace, taken in once, its bad rows settled."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bureau.models import Claim, Journal, Upload, UploadRow
from clients.models import MappingProfile
from clients.scope import Scope, ScopedSession
from config.identifiers import make_test_npi
from tests.portal.back.book import HARBOR, RIDGE
from tests.portal.conftest import token_of

NPI = make_test_npi(11)
HEADER = (
    "encounter_id,patient_id,last_name,first_name,birth_date,sex,payer_id,member_id,provider_npi,service_date,dx1,"
    "procedure,units,charge,note"
)


def row(visit: str, day: str = "2026-03-02", charge: str = "100.00", npi: str = NPI, note: str = "") -> str:
    return f"{visit},P1,Abbott,Pat0,1980-01-02,F,PAY1,M1,{npi},{day},J0190,G0463,1,{charge},{note}"


def sheet(*rows: str) -> str:
    return "\n".join([HEADER, *rows])


def count(book, model, *where) -> int:
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def figures(text: str) -> list[str]:
    return re.findall(r'class="figure-value[^"]*">(?:<a [^>]*>)?([^<]+)', text)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])))


def upload_id(address: str) -> int:
    return int(address.rpartition("/")[2])


def take_in(visitor, data: str) -> str:
    """Send, check and take in; returns the address of the upload."""
    check = visitor.send(data)
    assert visitor.get(check).status_code == 200
    answer = visitor.post(f"{check}/commit", profile="standard")
    assert answer.status_code == 302
    return answer.location


def problem_rows(book, address: str) -> list[UploadRow]:
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        wanted = select(UploadRow).where(UploadRow.upload_id == upload_id(address), UploadRow.state == "problem")
        return list(session.scalars(wanted.order_by(UploadRow.id)))


# ---- the check ----
def test_a_check_says_what_would_happen_and_writes_nothing(enter, practice_book):
    owner = enter("owner")
    before = [count(practice_book, model) for model in (Upload, UploadRow, Claim, Journal)]
    check = owner.send(sheet(row("C1"), row("C2", day="2026-02-31"), row("C3", charge="abc"), row("C1")))
    page = owner.get(check)
    assert figures(page.text) == ["4", "1", "2", "1"]  # rows, good, with a problem, duplicates
    said = words(page.text)
    assert "1 row: Expected a date as YYYY-MM-DD. Row 3, Date of service" in said
    assert "Row 4, Charge" in said
    assert "Take in 1 row" in said
    assert [count(practice_book, model) for model in (Upload, UploadRow, Claim, Journal)] == before


def test_a_check_survives_a_reload_and_is_listed_until_it_is_settled(enter):
    owner = enter("owner")
    check = owner.send(sheet(row("C9")), "kept here.csv")
    assert figures(owner.get(check).text) == figures(owner.get(check).text)
    assert f'href="{check}">kept here.csv' in owner.get("/front/upload").text
    assert owner.post(f"{check}/drop").location == "/front/upload"
    assert "kept here.csv</a>" not in owner.get("/front/upload").text
    assert owner.get(check).status_code == 404


@pytest.mark.parametrize("who", ["colleague", "ridge", "viewer"])
def test_a_file_that_waits_is_its_senders_alone(enter, who):
    check = enter("owner").send(sheet(row("C10")))
    other = enter(who)
    assert other.get(check).status_code in (403, 404)
    assert other.post(f"{check}/commit", profile="").status_code in (403, 404)
    assert enter("owner").get(check).status_code == 200


@pytest.mark.parametrize("token", ["0" * 32, "..", "x", "0" * 31 + "/", "%2e%2e%2fsecret.key"])
def test_no_token_of_ones_own_opens_anything(enter, token):
    assert enter("owner").get(f"/front/upload/check/{token}").status_code == 404


def test_a_waiting_file_is_forgotten_after_a_day(enter, practice_book):
    folder, owner = practice_book.settings.home / "staging", enter("owner")
    now = practice_book.clock.now()
    check = owner.send(sheet(row("C11")))
    token = check.rpartition("/")[2]
    assert (folder / f"{token}.bin").stat().st_mode & 0o077 == 0
    practice_book.clock.set(now + timedelta(days=1, seconds=1))
    try:
        later = enter("owner")
        assert later.get(check).status_code == 404
        later.send(sheet(row("C12")))
        assert not list(folder.glob(f"{token}.*"))
    finally:
        practice_book.clock.set(now)


def test_a_file_of_another_kind_is_refused_in_words(enter):
    owner = enter("owner")
    page = owner.get(owner.send(b"%PDF-1.7 not a sheet", "scan.pdf"))
    assert "The file is a PDF document." in words(page.text)
    assert "Take in" not in page.text


def test_an_empty_choice_is_told_and_nothing_waits(enter):
    owner = enter("owner")
    assert owner.post("/front/upload").location == "/front/upload"
    assert "Choose a file first" in owner.get("/front/upload").text


def test_too_large_a_file_is_stopped_at_the_socket(enter, practice_book):
    owner, folder = enter("owner"), practice_book.settings.home / "staging"
    before = set(folder.glob("*")) if folder.exists() else set()
    answer = owner.post("/front/upload", file=(io.BytesIO(b"x" * 300_001), "big.csv"))
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert (set(folder.glob("*")) if folder.exists() else set()) == before


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\visits\\a.csv", "<b>x</b>.csv", "a\nb.csv"])
def test_a_file_name_is_only_ever_shown(enter, name):
    owner = enter("owner")
    page = owner.get(owner.send(sheet(row("C13")), name))
    assert page.status_code == 200
    assert "<b>x" not in page.text
    assert "/etc" not in page.text


# ---- taking in ----
def test_a_second_press_and_the_same_file_lead_to_the_first_upload(enter, practice_book):
    owner, data = enter("owner"), sheet(row("T1"))
    check = owner.send(data)
    first = owner.post(f"{check}/commit", profile="standard")
    uploads = count(practice_book, Upload)
    assert owner.post(f"{check}/commit", profile="standard").location == first.location
    assert owner.get(check).location == first.location
    again = owner.get(owner.send(data, "renamed.csv"))
    assert "This very file was taken before" in again.text
    assert f'href="{first.location}"' in again.text
    assert count(practice_book, Upload) == uploads


def test_every_row_says_what_became_of_it(enter, practice_book):
    owner = enter("owner")
    where = take_in(owner, sheet(row("R1"), row("R2", npi="1234567893"), row("R1")))
    page = owner.get(where)
    assert figures(page.text) == ["3", "1", "1", "1"]
    said = words(page.text)
    assert "Provider: no provider of this client has that NPI." in said
    claim = re.search(r'href="(/front/claims/\d+)">See the claim', page.text)[1]
    assert "your visit R1" in words(owner.get(claim).text)
    fragment = owner.get(f"{where}?show=duplicate", headers={"HX-Request": "true"})
    assert "Row 4" in fragment.text
    assert "<html" not in fragment.text


def test_a_bad_row_is_fixed_in_place(enter, practice_book):
    owner = enter("owner")
    where = take_in(owner, sheet(row("F1", day="2026-02-31"), row("F2", charge="abc")))
    first, second = problem_rows(practice_book, where)
    form = owner.get(f"{where}/rows/{first.id}")
    field = re.search(r'name="service_date" value="2026-02-31"[^>]*aria-invalid="true"', form.text)
    assert field
    still_bad = owner.post(f"{where}/rows/{first.id}", service_date="2026-13-01")
    assert still_bad.location == f"{where}/rows/{first.id}"
    assert 'value="2026-13-01"' in owner.get(still_bad.location).text  # what was typed is kept
    good = owner.post(f"{where}/rows/{first.id}", service_date="2026-03-01")
    assert good.location == f"{where}/rows/{second.id}"  # on to the next
    assert owner.post(f"{where}/rows/{second.id}", charge="12.50").location == where
    assert figures(owner.get(where).text) == ["2", "2", "0", "0"]
    assert owner.get(f"{where}/rows/{first.id}").location == where  # nothing left to fix there


def test_a_bad_row_is_left_out_with_a_reason(enter, practice_book):
    owner = enter("owner")
    where = take_in(owner, sheet(row("L1", day="soon")))
    (bad,) = problem_rows(practice_book, where)
    assert owner.post(f"{where}/rows/{bad.id}/discard", why=" ").location == f"{where}/rows/{bad.id}"
    assert len(problem_rows(practice_book, where)) == 1
    assert owner.post(f"{where}/rows/{bad.id}/discard", why="Entered twice by mistake").location == where
    assert figures(owner.get(where).text) == ["1", "0", "0", "0", "1"]
    assert count(practice_book, Journal, Journal.text.contains("Entered twice by mistake")) == 1


def test_bad_rows_go_out_with_their_reason_and_come_back_to_their_places(enter, practice_book):
    owner = enter("owner")
    where = take_in(owner, sheet(row("B1", day="2026-02-31", note="=1+1"), row("B2", charge="-5.00"), row("B3")))
    sent = owner.get(f"{where}/to-fix.csv")
    assert sent.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(sent.text)))
    assert [one["encounter_id"] for one in rows] == ["B1", "B2"]
    assert rows[0]["reason"] == "expected a date as YYYY-MM-DD."
    assert rows[0]["note"] == "'=1+1"  # a spreadsheet does not run it
    assert rows[1]["charge"] == "-5.00"  # an amount stays one
    rows[0]["service_date"], rows[1]["charge"] = "2026-03-01", "nothing"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    check = owner.send(text.getvalue(), "fixed.csv")  # like any other file
    assert figures(owner.get(check).text)[:3] == ["2", "1", "1"]
    assert owner.post(f"{check}/commit").location == where
    assert figures(owner.get(where).text)[:3] == ["3", "2", "1"]
    with ScopedSession(practice_book.engine, scope=Scope.all(), read_only=True) as session:
        from bureau.models import Encounter

        taken = session.scalars(select(Encounter).where(Encounter.external_id == "B1")).one()
    assert taken.source == {"note": "=1+1"}  # the mark went again


def test_corrected_rows_of_nobodys_upload_are_refused(enter, practice_book):
    where = take_in(enter("owner"), sheet(row("N1", day="never")))
    theirs = enter("owner").get(f"{where}/to-fix.csv").text
    foreign = enter("ridge")
    assert "The keys in its first column are of no upload" in words(foreign.get(foreign.send(theirs)).text)
    assert len(problem_rows(practice_book, where)) == 1


def test_the_rows_of_one_cause_are_shown_by_themselves(enter):
    owner = enter("owner")
    where = take_in(owner, sheet(row("Q1", day="soon"), row("Q2", charge="abc"), row("Q3", day="later")))
    page = owner.get(where).text
    assert f"{where}?cause=service_date.invalid#rows" in page
    shown = owner.get(f"{where}?cause=service_date.invalid").text
    assert re.findall(r">Row (\d+)</a>", shown) == ["2", "4"]
    assert "No row is in this state" in owner.get(f"{where}?cause=nothing").text


def test_columns_that_nobody_reads_are_named(enter):
    owner = enter("owner")
    check = owner.send("\n".join([f"{HEADER},Room", f"{row('C20')},7"]))
    said = words(owner.get(check).text)
    assert "We read nothing from 1 column of this file: Room." in said


# ---- a new source ----
FOREIGN = """Visit,MRN,Last,First,DOB,Sex,Insurance,Policy Number,Rendering NPI,DOS,Diagnosis 1,Code,Qty,Amount
{0},77,Stone,Ada,03/14/1970,F,Evergreen,BL1,Dr. Doe,03/02/2026,J0190,G0463,1,120.00
{0}b,78,Stone,Max,04/01/1975,M,Evergreen,ME1,Dr. Doe,03/03/2026,J0190,G0463,1,120.00
"""


def form_of(page: str) -> dict[str, str]:
    """The selects of a page with what is chosen in them."""
    chosen = {}
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'<option value="([^"]*)" selected', body)
        chosen[html.unescape(name)] = picked[1] if picked else ""
    return chosen


def test_foreign_columns_are_mapped_once_and_known_from_then_on(enter, practice_book):
    owner = enter("owner")
    check = owner.send(FOREIGN.format("M1"))
    assert owner.get(check).location == f"{check}/map"
    form = form_of(owner.get(f"{check}/map").text)
    assert form["column.service_date"] == "DOS"
    assert form["date_format"] == "%m/%d/%Y"
    assert {name for name in form if name.startswith("lookup")} == {
        "lookup.payer_id.Evergreen", "lookup.provider_npi.Dr. Doe"
    }  # fmt: skip
    preview = owner.get(f"{check}/map", query_string=form, headers={"HX-Request": "true"})
    assert "2026-03-02" in preview.text  # read as a date
    assert "2 rows, 0 with a problem" in words("<main>" + preview.text)
    form |= {"lookup.payer_id.Evergreen": "PAY1", "lookup.provider_npi.Dr. Doe": NPI}
    assert owner.post(f"{check}/map", name="", **form).status_code == 400
    saved = owner.post(f"{check}/map", name="Front desk", **form)
    assert saved.location == f"{check}?profile=Front+desk"
    assert figures(owner.get(saved.location).text) == ["2", "2", "0", "0"]
    owner.post(f"{check}/commit", profile="Front desk")
    known = owner.get(owner.send(FOREIGN.format("M2")))
    assert known.status_code == 200
    assert "Read as “Front desk”" in html.unescape(known.text)
    assert count(practice_book, MappingProfile, MappingProfile.client_id == HARBOR) == 1
    owner.post(f"{check}/map", name="Front desk", **form)  # the file is gone: nothing is saved by it
    assert count(practice_book, MappingProfile) == 1


def test_a_mapping_without_what_we_need_is_refused_at_its_field(enter, practice_book):
    owner = enter("owner")
    check = owner.send("A,B\n1,2\n", "other system.csv")
    page = owner.post(f"{check}/map", name="Other", date_format="%Y-%m-%d", **{"column.last_name": "A"})
    assert page.status_code == 400
    assert page.text.count("Say which column holds this") == 3
    assert 'value="A" selected' in page.text  # what was chosen is kept
    assert count(practice_book, MappingProfile, MappingProfile.name == "Other") == 0


def test_a_mapping_is_known_to_its_own_client_only(enter, practice_book):
    ridge = enter("ridge")
    check = ridge.send(FOREIGN.format("M3"))
    assert ridge.get(check).location == f"{check}/map"
    assert ridge.get(f"{check}?profile=Front desk").location == f"{check}/map"
    assert count(practice_book, MappingProfile, MappingProfile.client_id == RIDGE) == 0


# ---- who may ----
def test_a_viewer_sees_uploads_and_is_offered_nothing(enter, practice_book):
    viewer = enter("viewer")
    page = viewer.get("/front/upload")
    assert "visits.csv" in page.text
    assert 'type="file"' not in page.text
    assert viewer.post("/front/upload", file=(io.BytesIO(b"x"), "x.csv")).status_code == 403
    assert 'href="/front/upload/1/rows/' not in viewer.get("/front/upload/1").text
    assert viewer.post("/front/upload/1/rows/85", service_date="2026-02-01").status_code == 403


def test_another_practices_upload_is_as_unknown_as_none(enter, practice_portal):
    ridge = enter("ridge")
    for path in ("/front/upload/1", "/front/upload/1/to-fix.csv", "/front/upload/1/rows/85", "/front/upload/99999"):
        assert ridge.get(path).status_code == 404, path
    for path in ("/front/upload/1/rows/85", "/front/upload/1/rows/85/discard", "/front/upload/2/rows/85"):
        assert ridge.post(path, why="mine now", service_date="2026-02-01").status_code == 404, path
    answer = ridge.post("/front/upload/1/corrected", file=(io.BytesIO(b"row,service_date\n85,2026-02-01\n"), "f.csv"))
    assert answer.status_code == 404
    assert token_of(ridge.client, "/front/")
