"""The import files' format: their columns, and the words that stand in their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wxbackend.domain.nucleic_acid import NucleicAcidResult


class ImportKind(StrEnum):
    """What a file holds; the values are the words of the command line."""

    ENTERPRISES = "enterprises"
    EMPLOYEES = "employees"
    NUCLEIC_ACID_TESTS = "nucleic-acid-tests"
    VACCINATIONS = "vaccinations"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is ours, `header` stands in the file's first row."""

    name: str
    header: str
    is_required: bool = False


_CREDIT_CODE = Column("credit_code", "统一社会信用代码", is_required=True)
_CREDIT_CODE_OPTIONAL = Column(_CREDIT_CODE.name, _CREDIT_CODE.header)
# Source: product.md section 7, Excel files.
_COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.ENTERPRISES: (
        Column("name", "企业名称", is_required=True),
        _CREDIT_CODE,
        Column("town", "所属镇街", is_required=True),
        Column("lead_name", "企业负责人", is_required=True),
        Column("lead_phone", "负责人手机号", is_required=True),
        Column("address", "企业地址"),
        Column("kind", "企业类型"),
        Column("remark", "备注"),
    ),
    ImportKind.EMPLOYEES: (
        _CREDIT_CODE,
        Column("name", "姓名", is_required=True),
        Column("id_number", "证件号码", is_required=True),
        Column("phone", "手机号", is_required=True),
        Column("id_type", "证件类型"),
        Column("plate_number", "车牌号"),
        Column("position", "岗位"),
    ),
    ImportKind.NUCLEIC_ACID_TESTS: (
        Column("id_number", "证件号码", is_required=True),
        Column("tested_at", "检测时间", is_required=True),
        Column("result", "检测结果", is_required=True),
        Column("name", "姓名"),
        Column("sampled_at", "采样时间"),
        Column("agency", "检测机构"),
    ),
    ImportKind.VACCINATIONS: (
        Column("id_number", "证件号码", is_required=True),
        Column("dose_number", "接种针次", is_required=True),
        Column("vaccinated_on", "接种日期", is_required=True),
        Column("name", "姓名"),
        Column("manufacturer", "疫苗厂家"),
    ),
}
REQUIRED_MARK = "★"
# A row of a template's notes: every cell begins with it, and an import takes no notice of it.
NOTE_MARK = "※"
# The last column of the wrong-row file; an import takes no notice of it.
REASON_HEADER = "错误原因"

RESULT_WORDS: Mapping[str, NucleicAcidResult] = {
    "阴性": NucleicAcidResult.NEGATIVE,
    "阳性": NucleicAcidResult.POSITIVE,
    "可疑": NucleicAcidResult.SUSPECT,
}
# 第一针, 第1针, 一针, 2剂次: a number between an ordinal mark and a counter.
DOSE_NUMERALS: Mapping[str, int] = dict(
    zip("一二三四五六七八九两", [*range(1, 10), 2], strict=True)
)
DOSE_COUNTERS = ("针", "剂", "针次", "剂次", "针剂")
# A 镇街 is written with or without its kind: 南沙 for 南沙街道, 黄阁 for 黄阁镇.
TOWN_KINDS = ("街道", "镇")


def columns_of(kind: ImportKind, *, for_one_enterprise: bool = False) -> tuple[Column, ...]:
    """The template's columns in order.

    A file of employees of one given enterprise needs no 统一社会信用代码.
    """
    if not for_one_enterprise:
        return _COLUMNS[kind]
    return tuple(
        _CREDIT_CODE_OPTIONAL if column == _CREDIT_CODE else column for column in _COLUMNS[kind]
    )


def template_headers(columns: Sequence[Column]) -> list[str]:
    """The headers as a template shows them: 姓名★."""
    return [column.header + REQUIRED_MARK * column.is_required for column in columns]
