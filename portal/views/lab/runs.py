"""Runs: how far each is, and what came out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.office import NotFound
from clients.access import Permission
from config.codes import carc
from portal.doors import lab
from portal.guards import permits
from portal.rendering import render_page
from portal.sandbox import Run, find_lab
from portal.views.lab.bench import get_bench
from reports.sla import LABELS

MONEY = (
    ("paid_cents", "Paid by payers"),
    ("adjusted_cents", "Cut by contract or given up"),
    ("patient_cents", "Owed by patients"),
    ("open_cents", "Open with payers"),
    ("suspense_cents", "Place not known yet"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for denials: how often, how much, and the share of all up to and including it."""

    code: str
    means: str
    count: int
    cents: int
    up_to_here: float


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise at every client: percent in time (None: nothing was due) beside what was promised."""

    name: str
    promised: int
    by_client: dict[str, Mapping[str, Any]]


@lab.get("/runs")
@permits(Permission.LAB_USE)
def runs() -> ResponseReturnValue:
    bench = find_lab()
    return render_template("lab/runs/index.html", runs=bench.runs() if bench else (), asks_at="lab.runs_list")


@lab.get("/runs/list")
@permits(Permission.LAB_USE, polls=True)
def runs_list() -> ResponseReturnValue:
    bench = find_lab()
    runs = bench.runs() if bench else ()
    return render_page("lab/runs/index.html", "lab/_runs.html", runs=runs, asks_at="lab.runs_list")


@lab.get("/runs/<run_id>")
@permits(Permission.LAB_USE)
def runs_one(run_id: str) -> ResponseReturnValue:
    run = get_bench().get_run(run_id)
    return render_template("lab/runs/one.html", run=run, **_results(run))


@lab.get("/runs/<run_id>/progress")
@permits(Permission.LAB_USE, polls=True)
def runs_progress(run_id: str) -> ResponseReturnValue:
    """The page asks for this while the run is under way; with the end of it comes the whole page anew."""
    run = get_bench().get_run(run_id)
    response = make_response(render_page("lab/runs/one.html", "lab/runs/_progress.html", run=run, **_results(run)))
    if run.state != "running" and "HX-Request" in request.headers:
        response.headers["HX-Refresh"] = "true"
    return response


@lab.post("/runs/<run_id>/cancel")
@permits(Permission.LAB_USE)
def runs_cancel(run_id: str) -> ResponseReturnValue:
    get_bench().cancel(run_id)
    flash("The run stops at the end of its virtual day.")
    return redirect(url_for("lab.runs_one", run_id=run_id))


@lab.get("/runs/<run_id>/summary.json")
@permits(Permission.LAB_USE)
def runs_summary(run_id: str) -> ResponseReturnValue:
    summary = get_bench().read_summary(run_id)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}-summary.json"'}
    return Response(json.dumps(summary, indent=2), mimetype="application/json", headers=headers)


def _results(run: Run) -> dict[str, Any]:
    """What the page says of a run that is done; nothing for any other."""
    try:
        summary = get_bench().read_summary(run.id) if run.state == "done" else {}
    except NotFound:
        summary = {}
    return {
        "summary": summary,
        "reasons": _find_reasons(summary.get("denials_by_carc", {})),
        "clauses": _find_clauses(summary.get("sla", {})),
        "practices": sorted(summary.get("sla", {})),
        "money": [(label, summary[name]) for name, label in MONEY if name in summary],
    }


def _find_reasons(by_carc: Mapping[str, Mapping[str, int]]) -> list[Reason]:
    """Reasons by the money they hold back, most first."""
    ordered = sorted(by_carc.items(), key=lambda item: (-item[1]["cents"], item[0]))
    whole, so_far, found = sum(row["cents"] for _, row in ordered), 0, []
    for code, row in ordered:
        so_far += row["cents"]
        known = carc(code)
        share = so_far / whole if whole else 0.0
        found.append(
            Reason(code, known.text if known else "Not in the list of reasons", row["count"], row["cents"], share)
        )
    return found


def _find_clauses(sla: Mapping[str, Mapping[str, Any]]) -> list[Clause]:
    """Clauses as rows, clients as columns."""
    keys = list(dict.fromkeys(key for clauses in sla.values() for key in clauses))
    found = []
    for key in sorted(keys):
        measure, _, days = key.rpartition("_")
        by_client = {code: clauses[key] for code, clauses in sla.items() if key in clauses}
        promised = next(iter(by_client.values()))["promised"]
        unit = "business day" if days == "1d" else "business days"
        found.append(Clause(f"{LABELS.get(measure, measure)}, within {days[:-1]} {unit}", promised, by_client))
    return found
