"""Read TOML into typed, frozen dataclasses; every mistake in the file is said at once."""

from __future__ import annotations

import os
import re
import tomllib
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NewType, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from wxbackend.domain.gate import FACT_CODES, FactCode, Level
from wxbackend.domain.policy import ByteCount, PixelCount

T = TypeVar("T")
Url = NewType("Url", str)

_DURATION_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
_BYTE_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_PIXEL_UNITS = {"MP": 10**6}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


class Secret(str):
    """Text that never shows itself in a log or a traceback; `str.__str__` gives it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"


class ConfigurationError(ValueError):
    """The configuration cannot be used; `problems` says each reason with its key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(["the configuration has mistakes:", *problems]))
        self.problems = list(problems)


class _Wrong(ValueError):
    pass


def read_files(paths: Sequence[Path]) -> dict[str, Any]:
    """Merge TOML files, later ones over earlier ones.

    Raises: ConfigurationError.
    """
    merged: dict[str, Any] = {}
    for path in paths:
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigurationError([f"{path}: the file does not exist"]) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError([f"{path}: {error}"]) from None
        _merge(merged, content)
    return merged


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def build(kind: type[T], content: Mapping[str, Any]) -> T:
    """Make a `kind` of the content: no key missing, none unknown, each of its type and unit.

    Raises: ConfigurationError with every problem found.
    """
    problems: list[str] = []
    made = _build_section(kind, content, "", problems)
    if problems:
        raise ConfigurationError(problems)
    return made  # type: ignore[no-any-return]


def _build_section(kind: Any, content: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(content, dict):
        problems.append(f"{path}: must be a section [{path}]")
        return None
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    problems += [f"{path}{key}: unknown key" for key in content if key not in names]
    values: dict[str, Any] = {}
    for name in names:
        if name not in content:
            problems.append(f"{path}{name}: missing")
            continue
        values[name] = _build_value(hints[name], content[name], f"{path}{name}", problems)
    return None if problems else kind(**values)


def _build_value(kind: Any, value: Any, path: str, problems: list[str]) -> Any:
    if is_dataclass(kind):
        return _build_section(kind, value, f"{path}.", problems)
    if _is_table_by_name(kind):
        return _build_table(kind, value, f"{path}.", problems)
    try:
        return _convert(kind, value)
    except _Wrong as wrong:
        problems.append(f"{path}: {wrong}")
        return None


def _is_table_by_name(kind: Any) -> bool:
    """Whether it is a table of sections, each under one of an enum's names."""
    if get_origin(kind) is not Mapping:
        return False
    of = get_args(kind)[1]
    return is_dataclass(of) or _is_table_by_name(of)


def _build_table(kind: Any, content: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(content, dict):
        problems.append(f"{path[:-1]}: must be a section [{path[:-1]}]")
        return None
    names, of = get_args(kind)
    table = {}
    for key, value in content.items():
        if key not in [member.value for member in names]:
            problems.append(f"{path}{key}: unknown key")
            continue
        table[names(key)] = _build_value(of, value, f"{path}{key}", problems)
    return types.MappingProxyType(table)


def _convert(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise _Wrong("must be a list")
        return tuple(_convert(get_args(kind)[0], item) for item in value)
    if origin is Literal:
        return _one_of(get_args(kind), value)
    if origin is not None and get_args(kind) == (FactCode, Level):
        return _levels(value)
    if origin is not None and get_args(kind) == (str, str):
        return _text_table(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(_one_of([member.value for member in kind], value))
    return _SCALARS[kind](value)


def _one_of(choices: Sequence[str], value: Any) -> str:
    if value not in choices:
        raise _Wrong(f"{value!r} is none of {', '.join(choices)}")
    return str(value)


def _levels(value: Any) -> Mapping[FactCode, Level]:
    if not isinstance(value, dict):
        raise _Wrong("must be a section")
    wrong = [f"unknown fact {key}" for key in value if key not in FACT_CODES]
    wrong += [f"fact {key} has no level" for key in FACT_CODES if key not in value]
    if wrong:
        raise _Wrong("; ".join(wrong))
    levels = {FACT_CODES[key]: Level(_one_of(list(Level), value[key])) for key in value}
    return types.MappingProxyType(levels)


def _text_table(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise _Wrong("must be a table of texts")
    return types.MappingProxyType({key: _text(item) for key, item in value.items()})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"must be text in quotes, not {value!r}")
    return value


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong(f"must be a whole number, not {value!r}")
    if value < 0:
        raise _Wrong("must not be negative")
    return value


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"must be true or false, not {value!r}")
    return value


def _secret(value: Any) -> Secret:
    """A secret itself, or where it stands: `env:NAME`, `file:PATH`."""
    text = _text(value)
    source, _, name = text.partition(":")
    if source == "env":
        if name not in os.environ:
            raise _Wrong(f"the environment has no variable {name}")
        return Secret(os.environ[name])
    if source == "file":
        try:
            return Secret(Path(name).read_text(encoding="utf-8").strip())
        except OSError as error:
            raise _Wrong(f"file {name}: {error.strerror}") from None
    return Secret(text)


def _url(value: Any) -> Url:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or text.endswith("/"):
        raise _Wrong(f"{text!r} is no address like https://host/path without a slash at the end")
    return Url(text)


def _quantity(value: Any, units: Mapping[str, float], example: str) -> float:
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in units:
        raise _Wrong(f"{value!r} needs a unit ({', '.join(units)}), like {example!r}")
    return float(match[1]) * units[match[2]]


def _duration(value: Any) -> timedelta:
    return timedelta(seconds=_quantity(value, _DURATION_UNITS, "10min"))


def _clock(value: Any) -> time:
    try:
        return time.fromisoformat(_text(value))
    except ValueError:
        raise _Wrong(f"{value!r} is no time of day like '18:00'") from None


_SCALARS: dict[Any, Any] = {
    str: _text,
    int: _whole_number,
    bool: _yes_or_no,
    Path: lambda value: Path(_text(value)),
    Secret: _secret,
    Url: _url,
    time: _clock,
    timedelta: _duration,
    ByteCount: lambda value: ByteCount(round(_quantity(value, _BYTE_UNITS, "8MB"))),
    PixelCount: lambda value: PixelCount(round(_quantity(value, _PIXEL_UNITS, "40MP"))),
}
