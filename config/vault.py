"""Secrets at rest: sealed with the installation's own key, each bound to the row that it belongs to."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12  # bytes, as AES-GCM wants them


class SealBroken(Exception):
    """A sealed text was changed, moved to another row, or sealed with another key."""


class Vault:
    """AES-256-GCM under a key made from the operator's; what a text is about is sealed in with it."""

    def __init__(self, key: str) -> None:
        """`key`: any text of enough entropy. Raises ValueError for one that is too short to be a key."""
        if len(key) < 16:
            raise ValueError("a key has at least 16 characters")
        derived = HKDF(SHA256(), length=32, salt=None, info=b"secrets at rest").derive(key.encode())
        self._cipher = AESGCM(derived)

    def seal(self, text: str, about: str) -> str:
        nonce = secrets.token_bytes(NONCE)
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())).decode()

    def unseal(self, sealed: str, about: str) -> str:
        """The text again. Raises SealBroken where `about` or the key is not the one it was sealed with."""
        raw = urlsafe_b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:NONCE], raw[NONCE:], about.encode()).decode()
        except InvalidTag:
            raise SealBroken(f"the secret of {about} does not open with this key") from None
