"""Pass tokens and short codes: their alphabets, and how a scan's text is read."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from wxbackend.domain.normalisation import clean_code

TOKEN_BYTES = 16  # 128 bits
_TOKEN = re.compile(r"[A-Z2-7]{26}")
# Without the look-alikes 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: of each group at most one stays.
SHORT_CODE_ALPHABET = "23456789ACDEFGHJKMNPQRTVWXY"
SHORT_CODE_LENGTH = 8
_LOOK_ALIKES = str.maketrans({"B": "8", "S": "5", "Z": "2", "U": "V"})
# What WeChat's scanner puts before the content of a bar code: CODE_128,xxxx.
_SYMBOLOGY = re.compile(r"^(?:CODE_128|CODE_39|CODE_93|EAN_13|EAN_8|UPC_A|UPC_E|ITF|CODABAR),")


@dataclass(frozen=True, slots=True)
class PassToken:
    """The secret in a QR code, as text in upper case; it is compared as text, never decoded."""

    text: str


@dataclass(frozen=True, slots=True)
class ShortCode:
    text: str


@dataclass(frozen=True, slots=True)
class ForeignCode:
    """A scanned text that is none of ours; it may be somebody's health code."""

    text: str


ScannedCode = PassToken | ShortCode | ForeignCode


def token_from_bytes(secret: bytes) -> PassToken:
    """26 characters of base32 for the 16 bytes: capitals keep the QR code small."""
    return PassToken(base64.b32encode(secret[:TOKEN_BYTES]).decode("ascii").rstrip("="))


def short_code_from_bytes(secret: bytes) -> ShortCode:
    """Eight characters; 27**8 is 38 bits, enough where each guess needs a signed-in guard."""
    number = int.from_bytes(secret[:16], "big")
    characters = []
    for _ in range(SHORT_CODE_LENGTH):
        number, index = divmod(number, len(SHORT_CODE_ALPHABET))
        characters.append(SHORT_CODE_ALPHABET[index])
    return ShortCode("".join(characters))


def parse_token(text: str) -> PassToken | None:
    """A token out of a pass link's path, in any case."""
    token = text.upper()
    return PassToken(token) if _TOKEN.fullmatch(token) else None


def parse_short_code(text: str) -> ShortCode | None:
    """A typed short code; look-alikes are read as the character they resemble."""
    code = clean_code(text).replace("-", "").translate(_LOOK_ALIKES)
    if len(code) == SHORT_CODE_LENGTH and all(char in SHORT_CODE_ALPHABET for char in code):
        return ShortCode(code)
    return None


def read_scanned(text: str, *, own_host: str) -> ScannedCode:
    """Tell what a scanner read: a pass link, a bare token or short code, or something else.

    `own_host` is the host (with port, if any) that our pass links carry. WeChat's scanner answers
    in three shapes: the content itself, `CODE_128,content` for bar codes, and in its developer
    tools a JSON object. Source: wechat.md section 2, row 10.
    """
    content = _unwrap(text.strip())
    link = urlsplit(content) if "://" in content else None
    if link is not None:
        if link.netloc.lower() == own_host.lower() and link.path.upper().startswith("/P/"):
            return parse_token(link.path[3:]) or ForeignCode(content)
        return ForeignCode(content)
    # A mini-program code hands its page the bare token.
    return parse_token(content) or parse_short_code(content) or ForeignCode(content)


def _unwrap(text: str) -> str:
    if text.startswith("{"):
        try:
            answer = json.loads(text)
            return str(answer["scan_code"]["scan_result"])
        except (ValueError, KeyError, TypeError):
            return text
    return _SYMBOLOGY.sub("", text, count=1)
