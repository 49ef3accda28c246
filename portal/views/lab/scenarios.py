"""The worlds a tester can choose, and the latest runs of them."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clients.access import Permission
from config.problems import Problem
from portal.doors import lab
from portal.forms import Fields
from portal.guards import permits
from portal.rendering import render_page
from portal.sandbox import find_lab
from portal.views.lab.bench import get_bench
from simulator.scenarios import ScenarioError

LATEST = 8


@lab.get("/")
@permits(Permission.LAB_USE)
def scenarios() -> ResponseReturnValue:
    return _show(Fields(request.args))


@lab.post("/")
@permits(Permission.LAB_USE)
def scenarios_start() -> ResponseReturnValue:
    fields, bench = Fields(request.form), get_bench()
    known = {one.name for one in bench.scenarios()}
    name = fields.choice("scenario", known)
    days, seed = _read_whole(fields, "days"), _read_whole(fields, "seed")
    if not fields.problems:
        begun = _start(name, days, seed)
        if not isinstance(begun, Problem):
            return redirect(url_for("lab.runs_one", run_id=begun))
        fields.refuse(begun.where, begun.code, begun.text)
    return _show(fields), 400


@lab.get("/runs/latest")
@permits(Permission.LAB_USE, polls=True)
def scenarios_runs() -> ResponseReturnValue:
    bench = find_lab()
    runs = list(bench.runs())[:LATEST] if bench else []
    return render_page("lab/runs/index.html", "lab/_runs.html", runs=runs, asks_at="lab.scenarios_runs")


def _show(fields: Fields) -> str:
    bench = find_lab()
    found = list(bench.scenarios()) if bench else []
    chosen = next((one for one in found if one.name == fields["scenario"]), found[0] if found else None)
    runs = list(bench.runs())[:LATEST] if bench else []
    return render_template(
        "lab/scenarios.html", scenarios=found, chosen=chosen, fields=fields, runs=runs, asks_at="lab.scenarios_runs"
    )


def _start(name: str, days: int, seed: int) -> str | Problem:
    try:
        return get_bench().start(name, days=days, seed=seed)
    except ScenarioError as error:
        return Problem("scenario", error.problem.code, str(error))


def _read_whole(fields: Fields, name: str) -> int:
    text = fields.text(name, most=19)
    if text and not (text.isascii() and text.isdecimal()):
        fields.refuse(name, "form.whole", "Write a whole number.")
    return int(text) if text.isascii() and text.isdecimal() else 0
