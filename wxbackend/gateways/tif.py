"""The headers that the provincial TIF gateway asks of every call."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TifSigner:
    """Signs as one registered system; without a `paas_id` there is no gateway, and no headers."""

    paas_id: str
    paas_token: str
    upper_case: bool = False

    def headers(self) -> dict[str, str]:
        if not self.paas_id:
            return {}
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        return {
            "x-tif-paasid": self.paas_id,
            "x-tif-timestamp": timestamp,
            "x-tif-nonce": nonce,
            "x-tif-signature": self.signature(timestamp, nonce),
        }

    def signature(self, timestamp: str, nonce: str) -> str:
        """Source: protocols.md section 2."""
        message = f"{timestamp}{self.paas_token}{nonce}{timestamp}"
        digest = hashlib.sha256(message.encode()).hexdigest()
        return digest.upper() if self.upper_case else digest
