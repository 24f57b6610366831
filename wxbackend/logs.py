"""Structured logs: constant event texts, values as fields, a request id, and nothing personal."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
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


# The environ's key under which a web process leaves the rule that a request's address matched.
RULE_KEY = "wxbackend.rule"
_OURS = ("wxbackend", "handlers", "models", "scripts")
# Of these, even when somebody lowers the root's level: they write addresses and values.
_TALKATIVE = (
    *("urllib3", "werkzeug", "sqlalchemy", "alembic.runtime"),
    *("apscheduler", "openpyxl", "PIL"),
)
_MAY_STAND_IN_ACCESS_LINES = frozenset(
    {"{x-request-id}i", "{x-request-id}o", "{host}i", "{content-length}i", "{content-length}o"}
)


def configure_logs(*, level: str, form: str) -> None:
    """Send every record of this process to stderr in one form; `form` is json or text.

    Libraries speak from WARNING on, whatever the level: below it they tell addresses and values.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(as_json=form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    threading.excepthook = _log_dying_thread
    for name in ("gunicorn.access", "gunicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(kept, _ServerSilence) for kept in logger.filters):
            logger.addFilter(_ServerSilence())


class _ServerSilence(logging.Filter):
    """Gunicorn's lines, whatever their format: the rule of a request, never its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict):
            _forget_address(record.args)
            return True
        record.msg, record.args = scrub(record.getMessage()), ()
        if record.exc_info:
            record.msg = f"{record.msg} {_exception_fields(record.exc_info)}"
            record.exc_info = record.exc_text = None
        return True


def _forget_address(atoms: dict[str, Any]) -> None:
    rule = atoms.get(f"{{{RULE_KEY}}}e", "-")
    for name in [name for name in atoms if name.startswith("{")]:
        if name not in _MAY_STAND_IN_ACCESS_LINES:
            atoms[name] = "-"
    atoms |= {"r": f"{atoms.get('m')} {rule} {atoms.get('H')}", "U": rule, "q": "", "f": "-"}
    atoms |= {"u": "-", "a": scrub(str(atoms.get("a", "-")))}


def _log_dying_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        logging.getLogger(__name__).error("thread died", exc_info=args.exc_value)


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
