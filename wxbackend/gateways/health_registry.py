"""An outside health registry, asked per person over HTTP as cities of Zhejiang do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from wxbackend.domain.nucleic_acid import NucleicAcidResult, NucleicAcidTest
from wxbackend.domain.vaccination import Vaccination
from wxbackend.gateways.errors import GatewayError, PermanentGatewayError, UnknownOutcomeError
from wxbackend.gateways.http import JsonClient
from wxbackend.gateways.interfaces.health import RegistryAnswer
from wxbackend.gateways.tif import TifSigner

_SYSTEM = "health"
_ZONE = ZoneInfo("Asia/Shanghai")
_RESULTS = {
    "阴性": NucleicAcidResult.NEGATIVE,
    "阳性": NucleicAcidResult.POSITIVE,
    "可疑": NucleicAcidResult.SUSPECT,
}
# A scan asks for up to six people in two registers; a few scans at once share these.
_QUESTIONS_AT_ONCE = 32

Record = TypeVar("Record")


class HttpHealthRegistry:
    """Source: protocols.md section 4. “No record”, “unavailable” and “quota used up” differ."""

    def __init__(self, *, base_url: str, tif: TifSigner) -> None:
        self._base_url = base_url
        self._tif = tif
        self._http = JsonClient(_SYSTEM, timeout=timedelta(seconds=2))
        self._pool = ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="registry")

    def look_up(self, id_numbers: Sequence[str], *, timeout: timedelta) -> RegistryAnswer:
        end = time.monotonic() + timeout.total_seconds()
        tests = [self._pool.submit(self._tests_of, number, timeout) for number in id_numbers]
        doses = [self._pool.submit(self._doses_of, number, timeout) for number in id_numbers]
        wait(tests, timeout=timeout.total_seconds())
        wait(doses, timeout=max(0.0, end - time.monotonic()))
        return RegistryAnswer(
            tests=_all_or_none(id_numbers, tests),
            vaccinations=_all_or_none(id_numbers, doses),
            tests_until=None,
        )

    def _tests_of(self, id_number: str, timeout: timedelta) -> list[NucleicAcidTest]:
        return self._ask("nucleic", id_number, timeout, _read_test)

    def _doses_of(self, id_number: str, timeout: timedelta) -> list[Vaccination]:
        return self._ask("vaccine", id_number, timeout, _read_dose)

    def _ask(
        self,
        path: str,
        id_number: str,
        timeout: timedelta,
        read: Callable[[Mapping[str, Any]], Record | None],
    ) -> list[Record]:
        answer = self._http.get(
            f"{self._base_url}/{path}",
            params={"idcardNo": id_number},
            headers=self._tif.headers(),
            timeout=timeout,
        )
        if answer.get("code") != "00":
            raise PermanentGatewayError(_SYSTEM, str(answer.get("code")))
        rows = answer.get("datas")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnknownOutcomeError(_SYSTEM, "no_datas")
        return [record for row in rows if (record := read(row)) is not None]


def _all_or_none(
    id_numbers: Sequence[str], answers: Sequence[Future[list[Record]]]
) -> dict[str, list[Record]] | None:
    """A register counts as answering only when it answered for everybody in the truck."""
    found: dict[str, list[Record]] = {}
    for number, answer in zip(id_numbers, answers, strict=True):
        answer.cancel()  # what has not begun by now would only burden the registry
        if not answer.done() or answer.cancelled():
            return None
        if isinstance(answer.exception(), GatewayError):
            return None
        found[number] = answer.result()
    return found


def _read_test(row: Mapping[str, Any]) -> NucleicAcidTest | None:
    """A nucleic-acid test, or None for a row of another examination (antibodies, …)."""
    aim = str(row.get("examinaim", ""))
    if "RNA" not in aim.upper() and "核酸" not in aim:
        return None
    word = str(row.get("result", "")).strip()
    result = _RESULTS.get(word, NucleicAcidResult.OTHER)
    other = word if result is NucleicAcidResult.OTHER else ""
    return NucleicAcidTest(_moment(row.get("checktime")), result, other)


def _read_dose(row: Mapping[str, Any]) -> Vaccination | None:
    try:
        number = int(str(row.get("vaccinationTime")))
    except ValueError:
        raise UnknownOutcomeError(_SYSTEM, "bad_dose_number") from None
    return Vaccination(number, _day(row.get("vaccinationDateTime")))


def _moment(value: object) -> datetime:
    try:
        local = datetime.fromisoformat(str(value).strip().replace("/", "-"))
    except ValueError:
        raise UnknownOutcomeError(_SYSTEM, "bad_time") from None
    return (local if local.tzinfo else local.replace(tzinfo=_ZONE)).astimezone(UTC)


def _day(value: object) -> date:
    return _moment(value).astimezone(_ZONE).date()
