"""The worlds a tester can choose, and the latest runs of them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal.doors import lab
from portal.guards import permits
from portal.rendering import render_page
from portal.sandbox import find_lab


@lab.get("/")
@permits(Permission.LAB_USE)
def scenarios() -> ResponseReturnValue:
    bench = find_lab()
    return render_template(
        "lab/scenarios.html", scenarios=bench.scenarios() if bench else (), runs=bench.runs() if bench else ()
    )


@lab.get("/runs/latest")
@permits(Permission.LAB_USE, polls=True)
def scenarios_runs() -> ResponseReturnValue:
    bench = find_lab()
    return render_page("lab/runs.html", "lab/_runs.html", runs=bench.runs() if bench else ())
