"""Write sample import files of an invented district: `python -m scripts.make_samples`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from scripts.sample_district import District, SampleEmployee, make_district
from scripts.sample_mistakes import MISTAKE_HEADER, mistakes
from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import (
    RESULT_WORDS,
    ImportKind,
    columns_of,
    template_headers,
)
from wxbackend.domain.moments import DISTRICT_TIME, to_local
from wxbackend.gateways.spreadsheet_writer import TableFile
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.wiring import WORDING_FOLDER

__all__ = ["District", "make_district", "write_files"]

Row = Sequence[Cell]
_WORDS = {result: word for word, result in RESULT_WORDS.items()}


def write_files(district: District, folder: Path) -> None:
    """The import files of the district; the same district makes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = _tables(district)
    for kind, rows in tables.items():
        _write(folder / f"{kind}.xlsx", district, template_headers(columns_of(kind)), rows)
        wrong = folder / f"{kind}-with-mistakes.xlsx"
        headers = [*template_headers(columns_of(kind)), MISTAKE_HEADER]
        _write(wrong, district, headers, mistakes(kind, rows))
    tests = ImportKind.NUCLEIC_ACID_TESTS
    rows = [[_csv_cell(cell) for cell in row] for row in tables[tests]]
    _write(folder / f"{tests}.csv", district, template_headers(columns_of(tests)), rows)


def _tables(district: District) -> dict[ImportKind, list[Row]]:
    """Every file's rows in the template's order of columns."""
    names = WordingCatalogue(WORDING_FOLDER)
    return {
        ImportKind.ENTERPRISES: [
            (
                one.name,
                one.credit_code,
                one.town,
                one.lead_name,
                one.lead_phone,
                one.address,
                one.kind,
                one.remark,
            )
            for one in district.enterprises
        ],
        ImportKind.EMPLOYEES: [
            (code, *_employee_cells(one, names))
            for one in district.employees
            for code in one.credit_codes
        ],
        ImportKind.NUCLEIC_ACID_TESTS: [
            (
                one.id_number,
                _local(one.tested_at),
                _WORDS[one.result],
                one.name,
                _local(one.sampled_at),
                one.agency,
            )
            for one in district.tests
        ],
        ImportKind.VACCINATIONS: [
            (one.id_number, one.dose_number, one.vaccinated_on, one.name, one.manufacturer)
            for one in district.vaccinations
        ],
    }


def _employee_cells(one: SampleEmployee, names: WordingCatalogue) -> Row:
    return (
        one.name,
        one.id_number,
        one.phone,
        names.text(f"id_type.{one.id_type.value}"),
        one.plate_number,
        one.position,
    )


def _local(moment: datetime) -> datetime:
    """As a cell holds it: the district's time, without a zone."""
    return to_local(moment).replace(tzinfo=None)


def _csv_cell(cell: Cell) -> Cell:
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell


def _write(path: Path, district: District, headers: Sequence[str], rows: Iterable[Row]) -> None:
    table = TableFile(
        path, headers, is_public=True, made_at=_local(district.made_at), encoding="gb18030"
    )
    with table:
        for row in rows:
            table.add(row)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.make_samples", description=__doc__)
    add = parser.add_argument
    add("--out", type=Path, default=Path("docs/samples"), help="folder (%(default)s)")
    add("--today", type=date.fromisoformat, help="the day whose noon the tests lead up to (now)")
    add("--seed", type=int, default=2022, help="another number, other people (%(default)s)")
    add("--enterprises", type=int, default=40, help="how many (%(default)s)")
    add("--employees", type=int, default=600, help="how many (%(default)s)")
    given = parser.parse_args(arguments)
    district = make_district(
        given.today or datetime.now(DISTRICT_TIME),
        enterprises=given.enterprises,
        employees=given.employees,
        seed=given.seed,
    )
    write_files(district, given.out)
    print(f"{given.out}: {len(district.enterprises)} enterprises, {len(district.employees)} people")


if __name__ == "__main__":
    main()
