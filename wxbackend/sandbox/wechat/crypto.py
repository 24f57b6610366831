"""Signatures and the safe mode's envelope, as WeChat makes and reads them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK_BITS = 32 * 8
SALT_BYTES = 16


class EnvelopeError(ValueError):
    """The envelope cannot be opened: signature, padding or recipient."""


def signature(*parts: str) -> str:
    """SHA-1 of the sorted parts, joined with nothing."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def jssdk_signature(ticket: str, *, nonce: str, timestamp: str, url: str) -> str:
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Envelope:
    """AES-256-CBC over 16 random bytes, the length, the text and the app id."""

    def __init__(self, *, token: str, aes_key: str, app_id: str) -> None:
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=")
        self._app_id = app_id.encode()

    def sign(self, encrypted: str, *, timestamp: str, nonce: str) -> str:
        return signature(self._token, timestamp, nonce, encrypted)

    def seal(self, text: str) -> str:
        body = text.encode()
        plain = os.urandom(SALT_BYTES) + struct.pack(">I", len(body)) + body + self._app_id
        padder = PKCS7(BLOCK_BITS).padder()
        encryptor = self._cipher().encryptor()
        padded = padder.update(plain) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def open(self, encrypted: str, *, timestamp: str, nonce: str, given: str) -> str:
        """The text inside.

        Raises:
            EnvelopeError: the signature is wrong, it was sealed with another key or for another
                app, or it is no envelope at all.
        """
        if not hmac.compare_digest(self.sign(encrypted, timestamp=timestamp, nonce=nonce), given):
            raise EnvelopeError("msg_signature is wrong")
        try:
            plain = self._decrypt(base64.b64decode(encrypted, validate=True))
            length = struct.unpack(">I", plain[SALT_BYTES : SALT_BYTES + 4])[0]
            body = plain[SALT_BYTES + 4 :]
            text, app_id = body[:length].decode(), body[length:]
        except (ValueError, struct.error) as error:
            raise EnvelopeError("cannot be decrypted") from error
        if app_id != self._app_id:
            raise EnvelopeError("sealed for another app id")
        return text

    def _decrypt(self, sealed: bytes) -> bytes:
        decryptor = self._cipher().decryptor()
        unpadder = PKCS7(BLOCK_BITS).unpadder()
        padded = decryptor.update(sealed) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
