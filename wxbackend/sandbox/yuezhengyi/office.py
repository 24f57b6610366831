"""What 粤政易 keeps: tokens, uploaded files, and the memory that drops a message in silence."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass
from threading import Lock

from wxbackend.sandbox.clock import Clock

TOKEN_SECONDS = 7200
MEDIA_SECONDS = 3 * 86_400
KEPT_TOKENS = 1_000
KEPT_FILES = 200
KEPT_DIGESTS = 100_000
MINUTE_LIMIT, MINUTE_SECONDS = 30, 60
HOUR_LIMIT, HOUR_SECONDS = 1_000, 3600


class YuezhengyiError(Exception):
    """An error as WeCom numbers it."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


@dataclass(frozen=True)
class Media:
    media_id: str
    file_name: str
    content: bytes
    created_at: float


class MessageOffice:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tokens: OrderedDict[str, float] = OrderedDict()
        self._current = ""
        self._media: OrderedDict[str, Media] = OrderedDict()
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._sent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=HOUR_LIMIT))

    def fetch_token(self) -> tuple[str, int]:
        """The standing token while it lives, else a new one; and the seconds it still lives."""
        with self._lock:
            now = self._clock.now()
            if self._tokens.get(self._current, 0.0) <= now:
                self._current = secrets.token_urlsafe(100)
                self._tokens[self._current] = now + TOKEN_SECONDS
                if len(self._tokens) > KEPT_TOKENS:
                    self._tokens.popitem(last=False)
            return self._current, int(self._tokens[self._current] - now)

    def check_token(self, token: str) -> None:
        """Let a living token pass.

        Raises:
            YuezhengyiError: 41001 none, 40014 unknown, 42001 expired.
        """
        if not token:
            raise YuezhengyiError(41001)
        expires_at = self._tokens.get(token)
        if expires_at is None:
            raise YuezhengyiError(40014)
        if expires_at <= self._clock.now():
            raise YuezhengyiError(42001)

    def revoke(self) -> None:
        with self._lock:
            self._tokens.clear()
            self._current = ""

    def keep_file(self, file_name: str, content: bytes) -> Media:
        media = Media(secrets.token_urlsafe(48), file_name, content, self._clock.now())
        with self._lock:
            self._media[media.media_id] = media
            if len(self._media) > KEPT_FILES:
                self._media.popitem(last=False)
        return media

    def find_file(self, media_id: str) -> Media | None:
        media = self._media.get(media_id)
        if media is None or self._clock.now() - media.created_at > MEDIA_SECONDS:
            return None
        return media

    def is_repeat(self, body: bytes, interval_seconds: float) -> bool:
        """Whether the same bytes were sent within the interval; they count from now on."""
        digest, now = hashlib.sha256(body).digest(), self._clock.now()
        with self._lock:
            sent_at = self._seen.get(digest)
            if sent_at is not None and 0 <= now - sent_at < interval_seconds:
                return True
            self._seen[digest] = now
            if len(self._seen) > KEPT_DIGESTS:
                self._seen.popitem(last=False)
            return False

    def has_room(self, member: str) -> bool:
        """Whether this member may still be written to this minute and this hour; counted if so."""
        with self._lock:
            now, sent = self._clock.now(), self._sent[member]
            if len(sent) >= HOUR_LIMIT and now - sent[0] < HOUR_SECONDS:
                return False
            if len(sent) >= MINUTE_LIMIT and now - sent[-MINUTE_LIMIT] < MINUTE_SECONDS:
                return False
            sent.append(now)
            return True
