"""Tags of followers. Of several tags on one person, the one applied last counts."""

from __future__ import annotations

from threading import Lock

from wxbackend.sandbox.wechat.errors import WeChatError

FIRST_TAG_ID = 100
SYSTEM_TAGS = {2: "星标组"}
RESERVED_IDS = frozenset({0, 1, 2})
MOST_TAGS = 100
MOST_NAME_BYTES = 30
MOST_TAGS_PER_PERSON = 20


class TagCabinet:
    def __init__(self) -> None:
        self._lock = Lock()
        self._names = dict(SYSTEM_TAGS)
        self._last_id = FIRST_TAG_ID - 1
        self._worn: dict[str, list[int]] = {}  # openid -> tag ids, the last applied at the end

    def create(self, name: str) -> int:
        """Make a tag.

        Raises:
            WeChatError: 45056 too many; 45157, 45158 the name.
        """
        with self._lock:
            self._check_name(name)
            if len(self._names) - len(SYSTEM_TAGS) >= MOST_TAGS:
                raise WeChatError(45056)
            self._last_id += 1
            self._names[self._last_id] = name
            return self._last_id

    def rename(self, tag_id: int, name: str) -> None:
        with self._lock:
            self._check_own(tag_id)
            self._check_name(name, except_id=tag_id)
            self._names[tag_id] = name

    def delete(self, tag_id: int) -> None:
        with self._lock:
            self._check_own(tag_id)
            del self._names[tag_id]
            for tags in self._worn.values():
                if tag_id in tags:
                    tags.remove(tag_id)

    def apply(self, tag_id: int, openids: list[str]) -> None:
        """Put the tag on all of them, as the newest they wear.

        Raises:
            WeChatError: 45159 no such tag, 45059 one of them wears too many.
        """
        with self._lock:
            self._check_known(tag_id)
            for openid in openids:
                others = [tag for tag in self._worn.get(openid, []) if tag != tag_id]
                if len(others) >= MOST_TAGS_PER_PERSON:
                    raise WeChatError(45059)
                self._worn[openid] = [*others, tag_id]

    def take_off(self, tag_id: int, openids: list[str]) -> None:
        with self._lock:
            self._check_known(tag_id)
            for openid in openids:
                self._worn[openid] = [t for t in self._worn.get(openid, []) if t != tag_id]

    def strip(self, openid: str) -> None:
        """Take everything off somebody who no longer follows."""
        with self._lock:
            self._worn.pop(openid, None)

    def worn_by(self, openid: str) -> list[int]:
        """Newest first."""
        return list(reversed(self._worn.get(openid, [])))

    def wearers(self, tag_id: int) -> list[str]:
        with self._lock:
            self._check_known(tag_id)
            return [openid for openid, tags in self._worn.items() if tag_id in tags]

    def listing(self) -> list[dict[str, int | str]]:
        with self._lock:
            counts = [tag for tags in self._worn.values() for tag in tags]
            return [
                {"id": tag_id, "name": name, "count": counts.count(tag_id)}
                for tag_id, name in self._names.items()
            ]

    def exists(self, tag_id: str) -> bool:
        return tag_id.isdecimal() and int(tag_id) in self._names

    def _check_known(self, tag_id: int) -> None:
        if tag_id not in self._names:
            raise WeChatError(45159)

    def _check_own(self, tag_id: int) -> None:
        if tag_id in RESERVED_IDS:
            raise WeChatError(45058)
        self._check_known(tag_id)

    def _check_name(self, name: str, *, except_id: int | None = None) -> None:
        if not name:
            raise WeChatError(45157)
        if len(name.encode()) > MOST_NAME_BYTES:
            raise WeChatError(45158)
        if any(other == name for tag_id, other in self._names.items() if tag_id != except_id):
            raise WeChatError(45157)
