"""Files for 粤政易: uploaded once, and remembered for as long as the platform keeps them."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from wxbackend.domain.keys import TamperedCiphertext, UnknownKey
from wxbackend.gateways.errors import PermanentGatewayError
from wxbackend.gateways.interfaces.messages import StoredFile
from wxbackend.gateways.interfaces.stores import FileStore, SharedStore
from wxbackend.gateways.yuezhengyi_api import SYSTEM, YuezhengyiApi

MOST_FILE_BYTES = 20 * 1024 * 1024
_LEAST_FILE_BYTES = 5  # the platform takes fewer for a mistake
# The platform keeps an upload for three days; the last hour is for a message on its way.
_KEPT_FOR = timedelta(days=3) - timedelta(hours=1)
_LOCK_KEPT, _LOCK_WAIT = timedelta(seconds=90), timedelta(seconds=30)


class MediaShelf:
    """The platform's names of our files.

    They stand beside the file, not in the shared store: a retry after a restart must name the same
    upload, or it would be another message to the platform.
    """

    def __init__(self, api: YuezhengyiApi, store: SharedStore, files: FileStore) -> None:
        self._api = api
        self._store = store
        self._files = files

    def media_id(self, file: StoredFile, *, instead_of: str | None = None) -> str:
        """The file's name there, uploaded where there is none but `instead_of`.

        Raises: GatewayError, LockNotFree.
        """
        known = self._known(file)
        if known is not None and known != instead_of:
            return known
        with self._store.lock(f"{SYSTEM}:media:{file.stored_as}", keep=_LOCK_KEPT, wait=_LOCK_WAIT):
            known = self._known(file)
            if known is not None and known != instead_of:
                return known
            media_id = self._api.upload(file.name, self._content(file))
            self._remember(file, media_id)
            return media_id

    def _content(self, file: StoredFile) -> bytes:
        try:
            content = self._files.read(file.stored_as)
        except FileNotFoundError:
            raise PermanentGatewayError(SYSTEM, "file_missing") from None
        except (TamperedCiphertext, UnknownKey):
            raise PermanentGatewayError(SYSTEM, "file_unreadable") from None
        if not _LEAST_FILE_BYTES <= len(content) <= MOST_FILE_BYTES:
            raise PermanentGatewayError(SYSTEM, "file_size")
        return content

    def _known(self, file: StoredFile) -> str | None:
        try:
            kept = json.loads(self._files.read(_note_of(file)))
        except (FileNotFoundError, TamperedCiphertext, UnknownKey):
            return None
        return str(kept["media_id"]) if kept["until"] > time.time() else None

    def _remember(self, file: StoredFile, media_id: str) -> None:
        until = time.time() + _KEPT_FOR.total_seconds()
        note = json.dumps({"media_id": media_id, "until": until})
        self._files.write(_note_of(file), note.encode())


def _note_of(file: StoredFile) -> str:
    return f"{file.stored_as}.media"
