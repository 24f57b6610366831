"""`python -m scripts.import_data`: what it prints, writes and answers."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.accounts import Account
from models.audit import AuditEntry
from models.employees import Employee
from models.enterprises import Enterprise
from models.health_registers import NucleicAcidTestRow
from models.imports import ImportRun
from scripts.import_data import take_whole_file
from tests.command import Command
from tests.imports.desk import HEADERS
from tests.imports.files import write_csv, write_xlsx
from tests.imports.test_file_kinds import read
from tests.people import credit_code, resident_id
from wxbackend.domain.actors import system_actor
from wxbackend.domain.import_columns import ImportKind
from wxbackend.services.imports import WrongRowsLeft

TESTS, EMPLOYEES = ImportKind.NUCLEIC_ACID_TESTS, ImportKind.EMPLOYEES
GOOD = resident_id(1)
WRONG = GOOD[:-1] + ("1" if GOOD[-1] != "1" else "2")
ROWS: list[list[Any]] = [
    [GOOD, "2022-04-20 08:05", "阴性", "李建国", None, None],
    [WRONG, "2022-04-20 08:05", "阴性", "陈志强", None, "检验所"],
    [resident_id(2), "2022-04-20 08:05", "合格", "王某某13800138000", None, "#N/A"],
    [440115000000000000, "2022-04-20 08:05", "阴性", "黄某某", None, None],
]


@pytest.fixture
def command(desk, database_url, key_file) -> Command:
    return Command("import_data", desk.folder, database_url=database_url, key_file=key_file)


@pytest.fixture
def file(desk) -> Path:
    return write_xlsx(desk.folder / "核酸 4月20日.xlsx", [HEADERS[TESTS], *ROWS])


def wrong_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}.wrong{file.suffix}")


def test_wrong_rows_are_shown_and_nothing_is_taken(command, desk, file):
    done = command.run(TESTS, file)
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "核酸检测：核酸 4月20日.xlsx"
    assert lines[1] == "新增 1 行，更新 0 行，不变 0 行，错误 3 行"
    assert lines[2].startswith("第 3 行 · 证件号码 · 4401**********")
    assert lines[2].endswith("· 第 18 位校验码不对，请对照身份证逐位检查")
    assert lines[3] == "第 4 行 · 检测结果 · 合格 · 检测结果只能是阴性、阳性或可疑"
    assert lines[4] == "第 4 行 · 检测机构 · #N/A · 单元格是 Excel 的错误值，请改为填写数值或文字"
    assert lines[5].startswith("第 5 行 · 证件号码 · ")
    assert lines[-1] == "有错误行，未写入任何数据；改正后重新导入，或加 --skip-wrong 仅导入正确行"
    assert desk.count(NucleicAcidTestRow) == desk.count(ImportRun) == 0


def test_no_whole_number_of_a_person_is_printed(command, file):
    done = command.run(TESTS, file, "--skip-wrong")
    assert not re.search(r"\d{11}", done.stdout)


def test_a_number_in_a_wrong_column_is_hidden_too(command, desk):
    rows = [[GOOD, "2022-04-20", "138 0013-8000"], [GOOD, GOOD, "阴性"]]
    path = write_csv(desk.folder / "a.csv", [HEADERS[TESTS][:3], *rows])
    done = command.run(TESTS, path)
    assert "第 2 行 · 检测结果 · *" in done.stdout
    assert "第 3 行 · 检测时间 · ******************" in done.stdout


def test_the_good_rows_are_taken_on_demand(command, desk, file):
    done = command.run(TESTS, file, "--skip-wrong")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == (
        "已导入：新增 1 行，更新 0 行，不变 0 行；未导入的错误行 3 行"
    )
    assert [row.id_number for row in desk.all(NucleicAcidTestRow)] == [GOOD]
    (entry,) = desk.all(AuditEntry)
    assert entry.actor_label.startswith("import_data")


def test_wrong_rows_come_back_in_the_templates_layout(command, file):
    command.run(TESTS, file)
    header, *rows = read(wrong_file(file))
    assert header == [
        "证件号码★",
        "检测时间★",
        "检测结果★",
        "姓名",
        "采样时间",
        "检测机构",
        "错误原因",
    ]
    assert [row[:6] for row in rows] == ROWS[1:]
    assert rows[0][6] == "证件号码：第 18 位校验码不对，请对照身份证逐位检查。"
    assert rows[1][6] == (
        "检测结果：检测结果只能是阴性、阳性或可疑。"
        "检测机构：单元格是 Excel 的错误值，请改为填写数值或文字。"
    )
    assert wrong_file(file).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_corrected_rows_are_taken(command, desk, suffix):
    write = write_xlsx if suffix == ".xlsx" else write_csv
    path = write(desk.folder / f"a{suffix}", [HEADERS[TESTS], *ROWS])
    command.run(TESTS, path, "--skip-wrong")
    again = command.run(TESTS, wrong_file(path))
    assert again.returncode == 1
    assert "错误 3 行" in again.stdout
    header, *rows = read(wrong_file(path))
    rows[0][0], rows[1][2], rows[1][5], rows[2][0] = GOOD, "阳性", None, resident_id(3)
    rows[0][1] = "2022-04-19 08:05"
    done = command.run(TESTS, write(desk.folder / f"b{suffix}", [header, *rows]))
    assert done.returncode == 0, done.stdout
    assert "未识别的列" not in done.stdout
    assert desk.count(NucleicAcidTestRow) == 4


def test_a_right_file_leaves_no_wrong_rows(command, desk):
    path = write_xlsx(desk.folder / "a.xlsx", [HEADERS[TESTS], ROWS[0]])
    done = command.run(TESTS, path)
    assert done.returncode == 0
    assert not wrong_file(path).exists()
    assert [part.name for part in desk.folder.glob(".*.part")] == []


def test_a_dry_run_writes_nothing(command, desk, file):
    done = command.run(TESTS, file, "--dry-run")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "仅检查，未写入任何数据"
    assert not wrong_file(file).exists()
    assert desk.count(NucleicAcidTestRow) == desk.count(ImportRun) == desk.count(AuditEntry) == 0
    assert command.run(TESTS, file, "--dry-run", "--skip-wrong").returncode == 0
    assert desk.count(NucleicAcidTestRow) == 0


def test_wrong_rows_go_where_they_are_told_to(command, desk, file):
    path = desk.folder / "elsewhere.csv"
    command.run(TESTS, file, "--dry-run", "--wrong-rows", path)
    header, *rows = read(path)
    assert header[-1] == "错误原因"
    assert rows[2][0] == "4.40115E+17"  # refused again until somebody types it anew
    assert rows[1][5] == "#N/A"


def test_only_the_first_twenty_wrong_rows_are_shown(command, desk):
    rows = [[resident_id(n), "2022-04-20", "合格"] for n in range(30)]
    path = write_csv(desk.folder / "a.csv", [HEADERS[TESTS][:3], *rows])
    lines = command.run(TESTS, path).stdout.splitlines()
    assert sum(line.startswith("第 ") for line in lines) == 20
    assert "……另有 10 行错误" in lines
    assert len(read(wrong_file(path))) == 31


def test_employees_of_one_enterprise(command, desk):
    enterprise = ["广州顺达物流有限公司", credit_code(1), "黄阁镇", "林海燕", "13800000001"]
    kind = ImportKind.ENTERPRISES
    path = write_xlsx(desk.folder / "e.xlsx", [HEADERS[kind][:5], enterprise])
    assert command.run(kind, path).returncode == 0
    people: list[list[Any]] = [
        ["姓名", "证件号码", "手机号", "工龄"],
        ["李建国", GOOD, "13800138000", 3],
    ]
    path = write_xlsx(desk.folder / "p.xlsx", people)
    done = command.run(EMPLOYEES, path, "--enterprise", credit_code(1))
    assert done.returncode == 0, done.stdout
    assert "未识别的列，已忽略：工龄" in done.stdout
    assert (desk.count(Enterprise), desk.count(Employee)) == (1, 1)
    assert desk.count(Account) == 0


def test_data_that_we_made_ourselves_is_taken_without_a_word(desk, capsys):
    gateways = SimpleNamespace(wording=desk.wording)
    dependencies: Any = SimpleNamespace(gateways=gateways, policy=desk.policy, clock=desk.clock)
    path = write_xlsx(desk.folder / "a.xlsx", [HEADERS[TESTS], ROWS[0]])
    assert take_whole_file(dependencies, TESTS, path, actor=system_actor("demo")).new == 1
    path = write_xlsx(desk.folder / "b.xlsx", [HEADERS[TESTS], ROWS[1]])
    with pytest.raises(WrongRowsLeft):
        take_whole_file(dependencies, TESTS, path, actor=system_actor("demo"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.csv", "姓名,手机号\n".encode(), "缺少必填的列：证件号码、检测时间、检测结果"),
        ("a.csv", "证件号码,检测时间,检测结果,检测结果★\n".encode(), "“检测结果”列出现了两次"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 .xls"),
        ("a.xlsx", "姓名,手机号\n".encode(), "内容不是 Excel 工作簿"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_a_word(command, desk, name, content, says):
    path = desk.folder / name
    path.write_bytes(content)
    done = command.run(TESTS, path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("无法导入：")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_and_wrong_arguments_say_so(command, desk, file):
    assert "No such file" in command.run(TESTS, desk.folder / "no.xlsx").stderr
    assert command.run("people", file).returncode == 2
    assert command.run(TESTS, file, "--enterprise", "1").returncode == 2
    assert command.run(TESTS, file, "--wrong-rows", "a.txt").returncode == 2
    assert command.run(TESTS, file, "--wrong-rows", file).returncode == 2
    unknown = command.run(EMPLOYEES, file, "--enterprise", credit_code(9))
    assert "没有这家企业" in unknown.stderr


def test_a_file_name_that_is_no_utf8_is_taken(command, desk):
    path = desk.folder / os.fsdecode("核酸.csv".encode("gb18030"))
    write_csv(path, [HEADERS[TESTS], ROWS[0], ROWS[1]])
    done = command.run(TESTS, path, "--skip-wrong")
    assert done.returncode == 0, done.stderr
    assert desk.all(ImportRun)[0].file_name.endswith(".csv")


def test_a_control_character_never_reaches_the_terminal(command, desk):
    rows = [[GOOD, "2022-04-20", "\x1b[31m合格\x07"], [GOOD, "2022-04-21", "\u202e合格"]]
    path = write_csv(desk.folder / "a.csv", [[*HEADERS[TESTS][:3], "\x1b[2J"], *rows])
    assert "\x1b" not in command.run(TESTS, path).stdout
