"""The portal as one WSGI application: doors, guards, headers and words put together, without a global."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from bureau.office import Bureau
from config.settings import Settings
from portal import errors, looking, rendering
from portal.assets import STATIC, Assets, static_file
from portal.doors import DOORS
from portal.entering import build_factor
from portal.guards import add_login, check_permissions, guard, keep_client_in_address, keep_signed_in
from portal.headers import Cookies, add_headers
from portal.navigation import PLACES
from portal.sandbox import Lab, RunPrefix
from portal.views import PAGES
from portal.views.entrance import entrance

LARGEST_FORM = 500_000  # bytes of fields that are not files


def build_app(bureau: Bureau, settings: Settings, lab: Lab | None = None) -> Flask:
    """The portal of a bureau. Raises Unguarded when a view does not say who may see it."""
    for page in PAGES:
        import_module(f"portal.views.{page}")
    app = Flask("portal", static_folder=None, root_path=str(STATIC.parent))
    app.extensions |= {"bureau": bureau, "lab": lab, "assets": Assets(STATIC), "second_factor": build_factor(settings)}
    _configure(app, settings)
    CSRFProtect(app)
    add_login(app)
    errors.register(app)
    rendering.register(app)
    app.before_request(guard)
    app.after_request(add_headers)
    app.after_request(keep_signed_in)
    looking.register(app)
    app.url_defaults(keep_client_in_address)
    app.add_url_rule("/static/<path:filename>", "static", static_file)
    for blueprint in (entrance, *DOORS):
        app.register_blueprint(blueprint)
    check_permissions(app)
    _check_places(app)
    app.wsgi_app = RunPrefix(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.session_interface = Cookies()
    app.config.update(
        SECRET_KEY=settings.session_key(),
        SESSION_COOKIE_NAME="bureau",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # a form lives as long as the sign-in it belongs to
    )


def _check_places(app: Flask) -> None:
    """A navigation entry without a page would be found by a person; here it is found at start."""
    for places in PLACES.values():
        for place in places:
            if place.endpoint not in app.view_functions:
                raise LookupError(f"the navigation names {place.endpoint}, which is no page")
