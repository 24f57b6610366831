"""Pictures drawn anew by Pillow: what was hidden in the upload does not reach our disk."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from wxbackend.domain.errors import InvalidValue
from wxbackend.gateways.interfaces.works import CleanImage

_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE = 2000
_JPEG_QUALITY = 85
# Decoding 40 megapixels takes 120 MB; two at a time is what a small host can spare.
_AT_ONCE = threading.BoundedSemaphore(2)


class PillowCleaner:
    def __init__(self, *, most_pixels: int) -> None:
        self._most_pixels = most_pixels

    def clean(self, content: bytes) -> CleanImage:
        with _AT_ONCE, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            try:
                return self._redraw(content)
            except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
                if isinstance(error, InvalidValue):
                    raise
                raise InvalidValue("image.format") from None
            except Image.DecompressionBombError:
                raise InvalidValue("image.pixels") from None

    def _redraw(self, content: bytes) -> CleanImage:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > self._most_pixels:
                raise InvalidValue("image.pixels")
            picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            flat = Image.new("RGB", upright.size, "white")
            with_alpha = upright.convert("RGBA")
            flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=_JPEG_QUALITY)
        return CleanImage(out.getvalue(), flat.width, flat.height)
