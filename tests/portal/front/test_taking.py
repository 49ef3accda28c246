"""An upload on its way in and back out: a large one tells how far it is, one that left nothing behind is taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import sleep

from bureau.office import Bureau
from clients.trail import Actor, ActorKind
from config.database import build_engine
from portal.staging import Stage, Staging
from portal.views.front.taking import is_under_way, start
from tests.portal.front.test_upload import figures, row, sheet, take_in, words


# ---- taking back ----
def test_an_upload_is_taken_back_and_may_come_again(enter, practice_book):
    owner, data = enter("owner"), sheet(row("U1"), row("U2", day="x"))
    where = take_in(owner, data)
    assert "Take this upload back" in owner.get(where).text
    assert owner.post(f"{where}/undo").status_code == 302  # without a reason nothing happens
    assert "Say in a few words why" in owner.get(where).text
    assert owner.post(f"{where}/undo", why="The wrong month").location == where
    page = owner.get(where)
    assert "Taken back" in page.text
    assert "Why is it taken back" not in page.text
    assert "Taken back" in owner.get("/front/upload").text
    assert owner.get(f"{where}?show=undone").text.count("Taken back with the whole upload") == 2
    assert take_in(owner, data) != where
    assert enter("viewer").post(f"{where}/undo", why="x").status_code == 403


def test_what_has_left_the_house_is_not_taken_back_and_says_why(enter):
    owner = enter("owner")
    page = words(owner.get("/front/upload/1").text)
    assert "That is not possible any more" in page
    assert "was sent to the payer" in page
    owner.post("/front/upload/1/undo", why="Too late")
    assert "was sent to the payer" in words(owner.get("/front/upload/1").text)


# ---- progress ----
def test_a_large_file_goes_in_beside_the_request_and_tells_how_far_it_is(enter, practice_book, practice_portal):
    owner = enter("owner")
    many = [row(f"BIG{number % 20}", charge=f"{number}.00", note="x" * 120) for number in range(1_000)]
    check = owner.send(sheet(*many))
    begun = owner.post(f"{check}/commit", profile="standard")
    assert begun.location == f"{check}/progress"
    seen = set()
    for _ in range(600):
        answer = owner.get(f"{check}/progress")
        if answer.status_code == 302:
            break
        seen |= set(re.findall(r"progress-text\">(\d+)%", answer.text))
        sleep(0.05)
    assert re.fullmatch(r"/front/upload/\d+", answer.location)
    page = owner.get(answer.location).text
    assert figures(page)[:3] == ["1,000", "1,000", "0"]
    assert "An upload is taken in" in page, "the bell of whoever sent it"
    assert seen <= {"2", "30"}
    assert practice_portal.view_functions["front.upload_progress"].polls  # it keeps nobody signed in
    assert owner.get(check).location == answer.location
    polled = owner.get(f"{check}/progress", headers={"HX-Request": "true"})
    assert polled.headers["HX-Redirect"] == answer.location


def test_a_file_nobody_finishes_can_be_tried_again(tmp_path):
    bureau_time = datetime(2026, 3, 2, 15, tzinfo=UTC)
    folder = Staging(tmp_path)
    staged = folder.get(folder.put(1, 1, "a.csv", b"x", bureau_time), 1, 1, bureau_time)
    assert not is_under_way(staged, bureau_time)
    folder.note(replace(staged, stage=Stage.WRITING, begun_at=bureau_time, rows=5))
    begun = folder.get(staged.token, 1, 1, bureau_time)
    assert (begun.stage, begun.rows) == (Stage.WRITING, 5)
    assert is_under_way(begun, bureau_time + timedelta(minutes=14))
    assert not is_under_way(begun, bureau_time + timedelta(minutes=16))


def test_what_breaks_while_it_is_taken_in_is_told(practice_book, tmp_path, enter, practice_portal, caplog):
    owner = enter("owner")
    check = owner.send(sheet(row("BROKEN")))
    folder = Staging(practice_book.settings.home / "staging")
    token = check.rpartition("/")[2]
    (note,) = [one for one in (folder._read_note(token),) if one]
    broken = Bureau(build_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}"), *bureau_parts(practice_book))
    start(broken, Actor(ActorKind.PERSON, "Owner"), folder, note, "")
    for _ in range(200):
        if folder._read_note(token).stage is Stage.FAILED:
            break
        sleep(0.02)
    assert "Something went wrong on our side" in words(owner.get(check).text)
    assert "BROKEN" not in caplog.text
    assert owner.post(f"{check}/commit", profile="standard").location.startswith("/front/upload/")  # tried again


def bureau_parts(bureau: Bureau) -> tuple:
    return bureau.clock, bureau.clearinghouse, bureau.settings
