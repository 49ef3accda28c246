"""The x12 commands over real files: what they print, what they write, how they exit."""

from __future__ import annotations

import json

import pytest

from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.samples import generate_835, generate_837
from bureau.x12.ta1 import read_ta1
from portal.cli.main import main
from tests.support.samples import find_samples, sample_name

CLAIMS = generate_837(6)
PAYMENTS = generate_835(6)
BAD_CLAIM = CLAIMS.replace("CLM*T00000000003*", "CLM*T00000000003*9")
BAD_SET = CLAIMS.replace("*UN*1*", "*XX*1*", 1)
BAD_FRAME = CLAIMS.replace("IEA*1*", "IEA*3*")
OFF = PAYMENTS.replace("BPR*I*", "BPR*I*9", 1)
UNREADABLE = PAYMENTS.replace("BPR*I*", "BPR*I*X", 1)


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run one x12 command over texts: exit code, stdout, stderr."""
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))

    def run(what: str, *texts: str, more: tuple[str, ...] = ()) -> tuple[int, str, str]:
        paths = []
        for at, text in enumerate(texts):
            paths.append(tmp_path / f"{at}.x12")
            paths[-1].write_text(text, newline="")
        code = main(["x12", what, *map(str, paths), *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_check_has_one_shape_for_one_file_and_for_several(call):
    code, out, _ = call("check", CLAIMS, BAD_SET, more=("--json",))
    good, bad = json.loads(out)["files"]
    assert code == 3
    assert (good["file"], good["transactions"], good["claims"], good["errors"]) == ("0.x12", 1, 6, [])
    [error] = bad["errors"]
    assert set(error) == {"code", "severity", "segment", "element", "loop", "text"}
    assert (error["code"], error["severity"], error["element"], error["loop"]) == ("bad_code", "error", "SV103", "2400")
    assert BAD_SET.split("~\n")[error["segment"] - 1].startswith("SV1*")
    code, out, _ = call("check", CLAIMS, more=("--json",))
    assert (code, len(json.loads(out)["files"])) == (0, 1)


def test_read_gives_the_values_of_every_kind(call, tmp_path):
    call("ack", BAD_FRAME, more=("--out", str(tmp_path)))
    kinds = {"837": CLAIMS, "835": PAYMENTS}
    kinds |= {kind: (tmp_path / f"0.x12.{name}").read_text() for kind, name in
              (("TA1", "ta1"), ("999", "999"), ("277", "277ca"))}  # fmt: skip
    for kind, text in kinds.items():
        code, out, _ = call("read", text, more=("--json",))
        found = json.loads(out)
        assert (code, found["kind"], found["problems"]) == (0, kind, [])
        assert found["sets"]
    [remittance] = json.loads(call("read", PAYMENTS)[1])["sets"]
    assert remittance["payment_cents"] == sum(claim["paid_cents"] for claim in remittance["claims"])
    assert remittance["claims"][0]["lines"][0]["adjustments"]


def test_every_sample_of_others_is_read_or_refused_without_a_trace(call):
    for path in find_samples("x12/*/*"):
        for what in ("check", "read", "ack", "balance"):
            code, _, err = call(what, path.read_bytes().decode("latin-1"))
            assert code in (0, 3), sample_name(path)
            assert "Traceback" not in err
            assert "should not have happened" not in err


def test_ack_writes_what_goes_back(call, tmp_path):
    code, out, _ = call("ack", BAD_CLAIM, more=("--out", str(tmp_path / "out"), "--control", "500"))
    assert code == 3
    assert "5 claims accepted, 1 rejected" in out
    assert "claim T00000000003: A7:178" in out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.x12.277ca", "0.x12.999"]
    [ack], problems = read_999((tmp_path / "out" / "0.x12.999").read_text())
    assert (ack.verdict, problems) == ("A", [])
    sets, problems = read_277ca((tmp_path / "out" / "0.x12.277ca").read_text())
    assert (sum(one.rejected for one in sets), problems) == (1, [])
    assert call("ack", BAD_CLAIM, more=("--out", str(tmp_path / "out"), "--control", "500"))[0] == 5


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (CLAIMS, 0, "6 claims accepted, 0 rejected"),
        (PAYMENTS, 0, "group 1 accepted, 1 of 1 sets taken"),
        (BAD_SET, 3, "SV103: the code is not valid"),
        (BAD_FRAME, 0, "accepted with errors, the number of groups is wrong"),
        (CLAIMS.partition("IEA*")[0], 3, "rejected, the transmission ended too early"),
    ],
)
def test_ack_says_its_verdict(call, text, code, said):
    found, out, _ = call("ack", text)
    assert said in out
    assert found == code


def test_ack_as_json_and_as_a_payer(call, tmp_path):
    code, out, _ = call("ack", BAD_SET, more=("--json",))
    [reply] = json.loads(out)["files"][0]["replies"]
    assert (code, reply["ta1"]["verdict"], reply["claims"]) == (3, "A", [])
    [note] = reply["groups"][0]["sets"][0]["notes"]
    assert (note["element"], note["code"], note["claim"]) == ("SV103", "7", "T00000000000")
    call("ack", CLAIMS, more=("--speaker", "payer", "--out", str(tmp_path / "out")))
    sets, _ = read_277ca((tmp_path / "out" / "0.x12.277ca").read_text())
    assert {(one.source_kind, one.claims[0].statuses[0].category) for one in sets} == {("PR", "A2")}
    call("ack", BAD_FRAME, more=("--out", str(tmp_path / "more")))
    [ta1], _ = read_ta1((tmp_path / "more" / "0.x12.ta1").read_text())
    assert (ta1.verdict, ta1.note) == ("E", "021")


@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [(PAYMENTS, 0, "balanced"), (OFF, 3, "out_of_balance"), (UNREADABLE, 3, "not_evaluable")],
)
def test_balance_gives_a_verdict_and_the_difference_by_level(call, text, code, verdict):
    found, out, _ = call("balance", text, more=("--json",))
    [remittance] = json.loads(out)["files"][0]["remittances"]
    assert (found, remittance["verdict"]) == (code, verdict)
    levels = {one["level"]: one for one in remittance["levels"]}
    assert list(levels) == ["line", "claim", "transaction"]
    assert bool(levels["transaction"]["delta_cents"]) == (verdict == "out_of_balance")
    assert verdict.replace("_", " ") in call("balance", text)[1]


@pytest.mark.parametrize("what", ["read", "ack", "balance"])
@pytest.mark.parametrize("text", ["", "no X12", "\ufeffISA", CLAIMS[:60]])
def test_what_is_no_x12_is_refused_in_a_line(call, what, text):
    code, out, err = call(what, text)
    assert (code, out) == (3, "")
    assert "0.x12" in err
    assert "should not have happened" not in err
    assert call("balance", CLAIMS)[0] == 3
