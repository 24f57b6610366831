"""The port to key material: what the database types and the pass codes ask of it."""

from __future__ import annotations

from typing import Protocol


class KeyRing(Protocol):
    """Encrypts, hashes and derives with keys that never stand in the database.

    Implementations: `wxbackend.gateways.key_ring.AesGcmKeyRing`; a hardware module may take its
    place. Every method is pure computation or raises `UnknownKey`.
    """

    @property
    def current_key_id(self) -> str: ...

    def encrypt(self, plain: bytes, *, purpose: str) -> bytes:
        """Authenticated ciphertext that names its key; `purpose` must be given again to read it."""
        ...

    def decrypt(self, ciphertext: bytes, *, purpose: str) -> bytes:
        """Raises: UnknownKey, TamperedCiphertext."""
        ...

    def keyed_hash(self, text: str, *, purpose: str) -> bytes:
        """Sixteen bytes, the same for the same text and purpose: an index that tells nothing."""
        ...

    def derive(self, seed: bytes, *, purpose: str, key_id: str) -> bytes:
        """32 secret bytes that can be derived again from the seed. Raises: UnknownKey."""
        ...


class UnknownKey(LookupError):
    """A ciphertext or pass code names a key that the key file does not hold."""


class TamperedCiphertext(ValueError):
    """The bytes were changed, or read for another purpose than they were written for."""
