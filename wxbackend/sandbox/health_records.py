"""The records that the fake health registry holds."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
REGISTERS = ("nucleic", "vaccine")


class HealthRecords:
    """By identity number, upper case."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, list[Record]]] = {}

    def put(self, id_number: str, records: dict[str, list[Record]]) -> None:
        self._records[id_number.upper()] = records

    def get(self, id_number: str) -> dict[str, list[Record]]:
        empty: dict[str, list[Record]] = {register: [] for register in REGISTERS}
        return {**empty, **self._records.get(id_number.upper(), {})}
