"""Structured logs: constant event texts, values as fields, a request id, and nothing personal."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# A last net under careful code: what looks like a number of a person, a token or a secret.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15}|1[3-9][0-9]{9})(?![0-9A-Za-z])"
    r"|(?<=/[Pp]/)[A-Za-z2-7]{26}"
    r"|(?<=/i/)[a-z2-7]{26}"
    r"|(?<=/receipts/)[A-Za-z0-9_-]{16,}"
    r"|(?<=(?:code|oken)=)[^&\s'\"]+"
    r"|(?<=(?:ecret|state)=)[^&\s'\"]+"
)


def configure_logs(*, level: str, form: str) -> None:
    """Send every record of this process to stderr in one form; `form` is json or text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(as_json=form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "werkzeug", "urllib3", "alembic.runtime", "openpyxl", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def scrub(text: str) -> str:
    return _PERSONAL.sub("***", text)


class _Formatter(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields_of(record)
        if self._as_json:
            return scrub(json.dumps(fields, ensure_ascii=False, default=str))
        head = f"{fields.pop('at')} {fields.pop('level'):7} {fields.pop('event')}"
        return scrub(head + "".join(f" {key}={value}" for key, value in fields.items()))


def _fields_of(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "event": record.getMessage(),
        "logger": record.name,
    }
    if request_id.get():
        fields["request_id"] = request_id.get()
    fields |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        fields |= _exception_fields(record.exc_info)
    return fields


def _exception_fields(exc_info: Any) -> dict[str, Any]:
    """The kind of error and where it was raised; its message may hold what somebody typed."""
    kind, _, trace = exc_info
    frames = traceback.extract_tb(trace)
    return {
        "error": f"{kind.__module__}.{kind.__qualname__}",
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
