"""The mistakes that real files have, a row of each, among rows that are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from wxbackend.domain.import_cells import Cell
from wxbackend.domain.import_columns import ImportKind, columns_of

# An unknown column: the import ignores it, and says so.
MISTAKE_HEADER = "说明"
Change = Callable[[Cell], Cell]
Mistake = tuple[str, Mapping[str, Change]]


def _to(value: Cell) -> Change:
    return lambda _: value


def _without_last(cell: Cell) -> Cell:
    return str(cell)[:-1]


def _other_check(cell: Cell) -> Cell:
    text = str(cell)
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def _as_number(_: Cell) -> Cell:
    """What Excel makes of an identity number that was typed as a number: the end is gone."""
    return 440115198503120000


_ID_MISTAKES: tuple[Mistake, ...] = (
    ("证件号码被存为数字，末几位已丢失", {"id_number": _as_number}),
    ("证件号码少一位", {"id_number": _without_last}),
    ("证件号码校验位不对", {"id_number": _other_check}),
    ("证件号码未填写", {"id_number": _to(None)}),
)
_MISTAKES: Mapping[ImportKind, tuple[Mistake, ...]] = {
    ImportKind.ENTERPRISES: (
        ("统一社会信用代码校验位不对", {"credit_code": _other_check}),
        ("统一社会信用代码少一位", {"credit_code": _without_last}),
        ("没有这个镇街", {"town": _to("大石街道")}),
        ("负责人手机号少一位", {"lead_phone": _without_last}),
        ("企业名称未填写", {"name": _to(None)}),
    ),
    ImportKind.EMPLOYEES: (
        *_ID_MISTAKES,
        ("手机号不对", {"phone": _to("12345678901")}),
        ("没有这家企业", {"credit_code": _to("91350100M000100Y43")}),
        ("车牌含字母 I", {"plate_number": _to("粤AI2345")}),
        ("证件类型不对", {"id_type": _to("驾驶证")}),
    ),
    ImportKind.NUCLEIC_ACID_TESTS: (
        *_ID_MISTAKES,
        ("检测时间无法识别", {"tested_at": _to("4月20日上午")}),
        ("检测时间在将来", {"tested_at": _to("2099-01-01 08:00")}),
        ("检测结果不是三者之一", {"result": _to("合格")}),
        ("检测结果是 Excel 错误值", {"result": _to("#N/A")}),
    ),
    ImportKind.VACCINATIONS: (
        *_ID_MISTAKES,
        ("接种针次不明", {"dose_number": _to("加强针")}),
        ("接种日期不存在", {"vaccinated_on": _to("2022-02-30")}),
    ),
}
_RIGHT_ROWS = 5
_RIGHT = "正确"


def mistakes(kind: ImportKind, rows: Sequence[Sequence[Cell]]) -> Iterator[list[Cell]]:
    """A few right rows, then one for every mistake; the last column says which."""
    names = [column.name for column in columns_of(kind)]
    resident = [row for row in rows if _is_plain(names, row)]
    yield from ([*row, _RIGHT] for row in resident[:_RIGHT_ROWS])
    for (note, changes), row in zip(_MISTAKES[kind], resident[_RIGHT_ROWS:], strict=False):
        cells = [
            changes[name](cell) if name in changes else cell
            for name, cell in zip(names, row, strict=True)
        ]
        yield [*cells, note]
    if kind is ImportKind.NUCLEIC_ACID_TESTS:
        yield from _contradiction(resident)


def _contradiction(rows: Sequence[Sequence[Cell]]) -> Iterator[list[Cell]]:
    number, moment, _, *rest = rows[0]
    yield [number, moment, "阳性", *rest, "与第 2 行重复，但结果不同"]


def _is_plain(names: Sequence[str], row: Sequence[Cell]) -> bool:
    """Its identity number is a resident ID; companies have none."""
    if "id_number" not in names:
        return True
    return len(str(row[names.index("id_number")])) == 18
