"""QR codes as PNG, by the `qrcode` package."""

from __future__ import annotations

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M

_PIXELS_PER_MODULE = 12
_QUIET_ZONE_MODULES = 4


class PngPainter:
    def png(self, text: str) -> bytes:
        code = qrcode.QRCode(
            error_correction=ERROR_CORRECT_M,
            box_size=_PIXELS_PER_MODULE,
            border=_QUIET_ZONE_MODULES,
        )
        code.add_data(text)
        code.make(fit=True)
        out = io.BytesIO()
        code.make_image(fill_color="black", back_color="white").save(out, "PNG")
        return out.getvalue()
