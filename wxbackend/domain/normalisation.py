"""What people and spreadsheets type, brought into the one form that is stored and compared."""

from __future__ import annotations

import re
import unicodedata

# Full-width ASCII (！ to ～) and the ideographic space, as Chinese keyboards write them.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# The dot inside a name (买买提·吐尔逊) has several look-alikes on keyboards and in files.
_NAME_DOTS = str.maketrans(dict.fromkeys("•‧・･∙⋅．.", "·"))
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_WHITESPACE = re.compile(r"\s+")
# WeChat, Excel and people quote a number to keep it text.
_QUOTES = "'’‘`\"“”"


def without_invisibles(text: str) -> str:
    """Drop control, format, surrogate and unassigned characters; line breaks become spaces."""
    spaced = _WHITESPACE.sub(" ", text)
    return "".join(
        char for char in spaced if unicodedata.category(char) not in _INVISIBLE_CATEGORIES
    )


def clean_text(text: str) -> str:
    """One line of free text: visible characters, single spaces, no edges."""
    return _WHITESPACE.sub(" ", without_invisibles(text)).strip()


def clean_name(text: str) -> str:
    """A person's name: spaces go between Chinese characters, dots take their one form."""
    name = clean_text(text.translate(_HALF_WIDTH))
    if name.isascii():
        return name
    return name.translate(_NAME_DOTS).replace(" ", "")


def clean_code(text: str) -> str:
    """A number, plate or code: half width, upper case, no spaces, dots, dashes or quotes around."""
    compact = _WHITESPACE.sub("", without_invisibles(text.translate(_HALF_WIDTH)))
    return compact.strip(_QUOTES).upper()
