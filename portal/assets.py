"""The few static files, read once, packed once, and named by their content so that browsers may keep them."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Response, abort, current_app, request

from clients.access import Permission
from portal.guards import permits
from portal.headers import ONE_YEAR

STATIC = Path(__file__).parent / "static"
LARGE = 1_000  # bytes; packing less gains nothing


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    packed: bytes
    version: str
    mimetype: str


class Assets:
    """All files of the static folder by their relative name."""

    def __init__(self, folder: Path) -> None:
        files = (path for path in folder.rglob("*") if path.is_file())
        self._assets = {path.relative_to(folder).as_posix(): _read(path) for path in files}

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """The address of a file, with its version. Raises KeyError for a file that is not there."""
        return f"/static/{name}?v={self._assets[name].version}"


@permits(Permission.PUBLIC)
def static_file(filename: str) -> Response:
    asset = find_assets().find(filename)
    if asset is None:
        abort(404)
    packs = bool(asset.packed) and bool(request.accept_encodings["gzip"])
    response = Response(asset.packed if packs else asset.content, mimetype=asset.mimetype)
    response.headers["Vary"] = "Accept-Encoding"
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    kept = request.args.get("v") == asset.version
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable" if kept else "no-cache"
    response.set_etag(asset.version)
    response.make_conditional(request)
    return response


def find_assets() -> Assets:
    assets: Assets = current_app.extensions["assets"]
    return assets


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if len(content) > LARGE else b""
    return Asset(content, packed, sha256(content).hexdigest()[:12], kind)
