"""The key ring from a key file: AES-256-GCM, HMAC-SHA256 and HKDF through `cryptography`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wxbackend.domain.keys import TamperedCiphertext, UnknownKey

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_HASH_BYTES = 16


class KeyFileError(ValueError):
    """The key file is missing, or is not what `python -m scripts.keys create` writes."""


class AesGcmKeyRing:
    """Layout of a ciphertext: format byte, length of the key id, key id, nonce, AES-GCM output."""

    def __init__(self, *, keys: Mapping[str, bytes], current: str, index: bytes) -> None:
        if current not in keys:
            raise UnknownKey(current)
        self._current = current
        self._masters = dict(keys)
        self._ciphers = {key_id: AESGCM(_expand(key, "encryption")) for key_id, key in keys.items()}
        self._index = index

    @property
    def current_key_id(self) -> str:
        return self._current

    def encrypt(self, plain: bytes, *, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        key_id = self._current.encode()
        sealed = self._ciphers[self._current].encrypt(nonce, plain, purpose.encode())
        return _FORMAT + bytes([len(key_id)]) + key_id + nonce + sealed

    def decrypt(self, ciphertext: bytes, *, purpose: str) -> bytes:
        if len(ciphertext) < 2 or ciphertext[:1] != _FORMAT:
            raise TamperedCiphertext(purpose)
        end_of_key = 2 + ciphertext[1]
        cipher = self._ciphers.get(ciphertext[2:end_of_key].decode("ascii", "replace"))
        if cipher is None:
            raise UnknownKey(purpose)
        nonce = ciphertext[end_of_key : end_of_key + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, ciphertext[end_of_key + _NONCE_BYTES :], purpose.encode())
        except (InvalidTag, ValueError):
            raise TamperedCiphertext(purpose) from None

    def keyed_hash(self, text: str, *, purpose: str) -> bytes:
        message = purpose.encode() + b"\x00" + text.encode("utf-8", "surrogatepass")
        return hmac.digest(self._index, message, hashlib.sha256)[:_HASH_BYTES]

    def derive(self, seed: bytes, *, purpose: str, key_id: str) -> bytes:
        master = self._masters.get(key_id)
        if master is None:
            raise UnknownKey(key_id)
        return hmac.digest(_expand(master, purpose), seed, hashlib.sha256)


def _expand(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master)


def read_key_file(path: Path) -> tuple[AesGcmKeyRing, str]:
    """The key ring and the secret that signs cookies.

    Raises: KeyFileError.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        keys = {key_id: _decode(value) for key_id, value in content["keys"].items()}
        ring = AesGcmKeyRing(keys=keys, current=content["current"], index=_decode(content["index"]))
        return ring, str(content["cookies"])
    except FileNotFoundError:
        raise KeyFileError(f"key file {path} does not exist") from None
    except (KeyError, ValueError, LookupError, AttributeError) as error:
        raise KeyFileError(f"key file {path} cannot be read: {error!r}") from None


def create_key_file(path: Path) -> None:
    """Write fresh random keys, readable by the owner only; an existing file is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        "# Keys of this installation. Losing them loses the encrypted data; keep a copy apart.\n"
        'current = "k1"\n'
        f'index = "{_fresh()}"\n'
        f'cookies = "{_fresh()}"\n\n[keys]\nk1 = "{_fresh()}"\n'
    )
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(text)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _decode(value: str) -> bytes:
    key = base64.b64decode(value, validate=True)
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key
