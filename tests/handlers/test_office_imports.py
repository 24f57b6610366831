"""数据导入 on the PC: panels by role, upload, preview, decision, history."""

from __future__ import annotations

import io
import re

import pytest

from models.health_registers import NucleicAcidTestRow
from tests.browser import Browser
from tests.imports.desk import HEADERS
from tests.people import ACTOR, resident_id
from tests.uploads.office import (
    EMPLOYEES,
    TESTS,
    Office,
    employee_row,
    file_of,
    results_file,
    rows_of,
    workbook,
)
from wxbackend.domain.roles import Role
from wxbackend.services.accounts import NewAccount, create_account


@pytest.fixture
def office(story, tmp_path):
    return Office(story, tmp_path)


@pytest.fixture
def sign_in(app, story, sandbox):
    made = 0

    def enter(role: Role = Role.BUREAU, place: str = "") -> Browser:
        nonlocal made
        made += 1
        new = NewAccount(f"user{made}", role, "何某某", place)
        password = create_account(story.dependencies, new, must_change=False, actor=ACTOR)
        browser = Browser(app, sandbox)
        browser.get("/office/sign-in")
        browser.post("/office/sign-in", {"account": f"user{made}", "password": password})
        return browser

    return enter


def send(browser: Browser, kind: str, content: bytes, name: str = "台账.xlsx", **form: str) -> None:
    browser.get("/office/imports")
    browser.post(f"/office/imports/new/{kind}", {"file": (io.BytesIO(content), name), **form})


def test_the_page_says_what_each_register_is_and_when_it_was_updated(sign_in):
    browser = sign_in()
    browser.get("/office/imports")
    assert browser.status == 200
    for words in ("货车企业", "货车企业员工", "核酸检测", "疫苗接种", "尚无数据", "下载模板"):
        assert words in browser.text
    send(browser, TESTS, results_file("阴性"))
    browser.post(f"{browser.path}/decision", {"how": "take"})
    assert "导入完成" in browser.text
    browser.get("/office/imports")
    assert "数据更新至 2022-04-20 08:05:00" in browser.text
    assert re.search("，何某某： ?新增 1，更新 0，不变 0 行", browser.text)


def test_preview_names_wrong_rows_first_and_decides_about_the_right_ones(sign_in, office):
    browser = sign_in()
    send(browser, TESTS, results_file("阴性", "合格", "阳性"))
    assert browser.status == 200
    assert "2 核对预览" in browser.text
    assert "尚未写入" in browser.text
    assert "第 3 行" in browser.text
    assert "检测结果只能是阴性、阳性或可疑" in browser.text
    assert "确认导入 2 行" in browser.text
    assert "全部不导入" in browser.text
    assert resident_id(2) not in browser.page
    upload = browser.path
    browser.get(f"{upload}?show=new")
    assert "第 2 行" in browser.text
    assert "阳性" in browser.text
    browser.post(f"{upload}/decision", {"how": "take"})
    assert "导入完成" in browser.text
    assert office.count(NucleicAcidTestRow) == 2
    browser.post(f"{upload}/decision", {"how": "take"})
    assert browser.status == 200
    assert office.count(NucleicAcidTestRow) == 2


def test_nothing_at_all_may_be_chosen_too(sign_in, office):
    browser = sign_in()
    send(browser, TESTS, results_file("阴性", "合格"))
    upload = browser.path
    browser.post(f"{upload}/decision", {"how": "leave"})
    assert "未写入任何数据" in browser.text
    browser.post(f"{upload}/decision", {"how": "take"})
    assert browser.status == 409
    assert "这次上传已失效" in browser.text
    assert office.count(NucleicAcidTestRow) == 0


def test_the_wrong_rows_are_a_workbook_to_keep(sign_in):
    browser = sign_in()
    send(browser, TESTS, results_file("合格"))
    upload = browser.path
    browser.get(f"{upload}/wrong-rows")
    assert browser.status == 200
    assert browser.response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["enterprises", "employees", "nucleic-acid-tests", "vaccinations"])
def test_every_template_is_there(sign_in, kind, app):
    browser = sign_in()
    browser.get(f"/office/imports/new/{kind}")
    assert "填写说明" in browser.text
    answer = browser._client.get(f"/office/imports/new/{kind}/template", base_url=browser.app_url)
    assert len(rows_of(answer.data)[0]) == len(HEADERS[kind])


def test_a_missing_file_is_said_beside_the_field(sign_in):
    browser = sign_in()
    browser.get("/office/imports/new/employees")
    browser.post("/office/imports/new/employees", {})
    assert browser.status == 422
    assert "请选择要上传的文件" in browser.text


def test_a_refused_file_says_why(sign_in):
    browser = sign_in()
    send(browser, "employees", b"MZ\x00", "a.exe")
    assert "文件未通过检查" in browser.text
    assert "只能导入 .xlsx 或 .csv 文件" in browser.text


def test_hostile_names_and_cells_are_shown_as_text(sign_in):
    browser = sign_in()
    rows = [["<img src=x>", "2022-04-20", "{{7*7}}<script>"]]
    send(browser, TESTS, file_of(TESTS, rows, width=3), "<img src=x>.xlsx")
    assert "<img" not in browser.page
    assert "<script>" not in browser.page
    assert "{{7*7}}" in browser.text


def test_a_town_has_no_imports_and_a_lead_only_employees(sign_in, lead):
    town = sign_in(Role.TOWN, "黄阁镇")
    town.get("/office/imports")
    assert town.status == 403
    lead.get("/office/imports")
    assert lead.status == 200
    assert "货车企业员工" in lead.text
    assert "核酸检测" not in re.sub("核酸库.*?尚无数据", "", lead.text)
    lead.get("/office/imports/new/enterprises")
    assert lead.status == 404


def test_another_users_upload_does_not_exist(sign_in):
    browser, other = sign_in(), sign_in()
    send(browser, TESTS, results_file("合格", "阴性"))
    other.get("/office/imports")
    for path in ("", "/wrong-rows"):
        other.get(f"{browser.path}{path}")
        assert other.status == 404
    other.post(f"{browser.path}/decision", {"how": "take"})
    assert other.status == 404


def test_the_history_is_filtered_and_scoped(sign_in, lead):
    browser = sign_in()
    send(browser, TESTS, results_file("阴性"), "核酸.xlsx")
    browser.post(f"{browser.path}/decision", {"how": "take"})
    content = workbook([HEADERS[EMPLOYEES][1:], employee_row(1)[1:]])
    send(lead, EMPLOYEES, content, "名单.xlsx")
    lead.post(f"{lead.path}/decision", {"how": "take"})
    lead.get("/office/imports/history")
    assert "名单.xlsx" in lead.text
    assert "核酸.xlsx" not in lead.text
    browser.get("/office/imports/history")
    assert "名单.xlsx" in browser.text
    assert "（广州顺达物流有限公司）" in browser.text
    browser.get("/office/imports/history?kind=nucleic-acid-tests&origin=upload")
    assert "名单.xlsx" not in browser.text
    browser.post("/office/imports/history/search", {"who": "何"})
    assert "何" not in browser.path
    assert "名单.xlsx" not in browser.text
    assert "核酸.xlsx" in browser.text
    browser.get("/office/imports/history?first=2050-01-01")
    assert "没有符合条件的导入记录" in browser.text


@pytest.mark.parametrize(
    ("state", "words"), [("waiting", "等待检查"), ("checking", "正在检查"), ("taking", "正在导入")]
)
def test_a_page_refreshes_itself_while_work_is_under_way(sign_in, story, state, words):
    browser = sign_in()
    send(browser, TESTS, results_file("阴性"))
    assert "Refresh" not in browser.response.headers
    upload = browser.path
    story.execute(f"UPDATE import_upload SET state = '{state}'")
    browser.get(upload)
    assert words in browser.text
    assert browser.response.headers["Refresh"] == "2"
    browser.get("/office/imports")
    assert "未完成的上传" in browser.text
