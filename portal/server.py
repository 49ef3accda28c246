"""The web server: gunicorn with threads, one process, on the address the settings name."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from config.settings import Settings
from portal.app import build_app
from portal.bootstrap import build_bureau, build_lab

THREADS = 8
GRACE = 10  # seconds a request may still take when the server is told to stop


class PortalServer(BaseApplication):  # type: ignore[misc]
    """Opens the book in the worker, not before the fork: connections are not shared between processes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        wanted: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACE,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in wanted.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return build_app(build_bureau(self._settings), self._settings, build_lab(self._settings))


def run_server(settings: Settings) -> None:
    """Serve until told to stop."""
    PortalServer(settings).run()
