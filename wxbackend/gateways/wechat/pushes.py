"""Pushes in the safe mode: signatures in constant time, AES, and XML that cannot bite.

Source: wechat.md sections 3.2 and 3.6. wechatpy parses before it checks and compares with `!=`,
so only its cipher is used, after our own checks.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections import Counter
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from wxbackend.domain.pushes import Push
from wxbackend.gateways.interfaces.pushes import PushQuery, PushRefused, PushUnreadable

_FRESH_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KIND = re.compile(r"[A-Za-z0-9_]{1,60}")
_ENCRYPTED = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")
# What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADDRESSED = ("ToUserName", "FromUserName", "CreateTime", "MsgType")
_LONGEST_PART = 2_000
_DEPTH = 3
_BROKEN_CIPHER = (ValueError, IndexError, TypeError, struct.error, binascii.Error)


class _Cipher(PrpCrypto):  # type: ignore[misc]
    def get_random_string(self) -> str:
        return secrets.token_hex(8)  # wechatpy's comes from a generator that is no secret


class SafeModePushes:
    """Opens what WeChat sends to one account; what is not sealed is refused."""

    def __init__(self, *, token: str, aes_key: str, app_id: str, original_id: str) -> None:
        if not token or not aes_key:
            raise ValueError("an empty token or key would let anybody sign")
        self._token = token
        self._app_id = app_id
        self._original_id = original_id
        self._cipher = _Cipher(binascii.a2b_base64(f"{aes_key}="))

    def check(self, query: PushQuery, *, now: datetime) -> None:
        """The signature, which covers timestamp and nonce alone, and the timestamp's age."""
        self._must_match(query.signature, query.timestamp, query.nonce)
        if not _TIMESTAMP.fullmatch(query.timestamp):
            raise PushRefused("timestamp")
        if abs(now.timestamp() - int(query.timestamp)) > _FRESH_SECONDS:
            raise PushRefused("stale")

    def open(self, query: PushQuery, body: bytes) -> Push:
        sealed = _parts_of(body, refusal=PushRefused).get("Encrypt", "")
        # In the compatible mode the plain fields stand beside it: anybody could have put them.
        if not _ENCRYPTED.fullmatch(sealed):
            raise PushRefused("not_sealed")
        self._must_match(query.message_signature, query.timestamp, query.nonce, sealed)
        parts = _parts_of(self._decrypt(sealed).encode(), refusal=PushUnreadable)
        if parts.get("ToUserName") != self._original_id:
            raise PushRefused("foreign_account")
        return _push_of(parts)

    def seal_text(self, push: Push, text: str, *, now: datetime) -> str:
        inner = (
            f"<xml><ToUserName>{_cdata(push.openid)}</ToUserName>"
            f"<FromUserName>{_cdata(self._original_id)}</FromUserName>"
            f"<CreateTime>{int(now.timestamp())}</CreateTime>"
            f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(text)}</Content></xml>"
        )
        sealed = self._cipher.encrypt(inner, self._app_id).decode()
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
        signature = self._sign(timestamp, nonce, sealed)
        return (
            f"<xml><Encrypt>{_cdata(sealed)}</Encrypt>"
            f"<MsgSignature>{_cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
        )

    def _decrypt(self, sealed: str) -> str:
        try:
            return str(self._cipher.decrypt(sealed, self._app_id))
        except InvalidAppIdException:
            raise PushRefused("foreign_app") from None
        except _BROKEN_CIPHER:
            raise PushRefused("not_ours_to_open") from None

    def _must_match(self, given: str, *signed: str) -> None:
        if not hmac.compare_digest(_bytes(self._sign(*signed)), _bytes(given)):
            raise PushRefused("signature")

    def _sign(self, *signed: str) -> str:
        """WeChat's signature: SHA-1 of the sorted parts joined with nothing."""
        text = "".join(sorted([self._token, *signed]))
        return hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()


def _push_of(parts: dict[str, str]) -> Push:
    openid, created_at, kind = (parts.get(name, "") for name in _ADDRESSED[1:])
    if not (
        _OPENID.fullmatch(openid) and _TIMESTAMP.fullmatch(created_at) and _KIND.fullmatch(kind)
    ):
        raise PushUnreadable("head")
    rest = {name: value for name, value in parts.items() if name not in _ADDRESSED}
    return Push(openid, created_at, kind, rest)


def _parts_of(
    document: bytes, *, refusal: type[PushRefused] | type[PushUnreadable]
) -> dict[str, str]:
    """The elements three levels deep, by dotted names. Raises: what `refusal` names."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise refusal("not_xml") from None
    parts: dict[str, str] = {}
    _collect(parts, root, "", depth=_DEPTH)
    if root.tag != "xml" or _repeats_its_head(root):
        raise refusal("shape")
    return parts


def _collect(parts: dict[str, str], parent: Element, path: str, *, depth: int) -> None:
    for element in parent:
        name = path + element.tag
        longest = None if name == "Encrypt" else _LONGEST_PART
        parts.setdefault(name, (element.text or "")[:longest])
        if depth > 1:
            _collect(parts, element, f"{name}.", depth=depth - 1)


def _repeats_its_head(root: Element) -> bool:
    counts = Counter(element.tag for element in root)
    return any(counts[name] > 1 for name in (*_ADDRESSED, "Encrypt", "Event", "EventKey", "MsgId"))


def _cdata(text: str) -> str:
    """The text as character data that nothing in it can end."""
    return f"<![CDATA[{_FORBIDDEN.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
