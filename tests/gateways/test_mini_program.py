"""The mini-program's calls against the sandbox, with tokens of its own."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    GatewayError,
    PermanentGatewayError,
    TemporaryGatewayError,
)
from wxbackend.gateways.interfaces.mini_program import ProgramCodeSpent
from wxbackend.services.registry_tables import TablesRegistry
from wxbackend.wiring import wire


@pytest.fixture
def program(dependencies):
    return dependencies.gateways.mini_program


@pytest.fixture
def person(sandbox):
    return sandbox.personas()[0]


def code_of(sandbox, person, kind: str) -> str:
    asked = {"openid": person["openid"], "kind": kind}
    return sandbox.post("/sandbox/mini-program/codes", asked)["code"]


def test_a_persons_openid_differs_from_the_accounts(program, sandbox, person):
    openid = program.exchange_code(code_of(sandbox, person, "js"))
    assert openid == program.exchange_code(code_of(sandbox, person, "js"))
    assert openid != person["openid"]


@pytest.mark.parametrize("kind", ["js", "phone"])
def test_codes_work_once_and_five_minutes(program, sandbox, person, kind):
    redeem = program.exchange_code if kind == "js" else program.fetch_phone_number
    code = code_of(sandbox, person, kind)
    redeem(code)
    with pytest.raises(ProgramCodeSpent):
        redeem(code)
    late = code_of(sandbox, person, kind)
    sandbox.put("/sandbox/clock", {"offset_seconds": 301})
    with pytest.raises(ProgramCodeSpent):
        redeem(late)


def test_a_code_of_one_kind_is_none_of_the_other(program, sandbox, person):
    with pytest.raises(ProgramCodeSpent):
        program.fetch_phone_number(code_of(sandbox, person, "js"))


def test_the_phone_number_is_wechats(program, sandbox, person):
    assert program.fetch_phone_number(code_of(sandbox, person, "phone")) == person["phone"]


def test_a_killed_token_is_fetched_anew(program, sandbox, person):
    program.draw_code("A" * 26)
    sandbox.fault("wechat", "errcode", value=40001)
    assert Image.open(io.BytesIO(program.draw_code("A" * 26))).format == "JPEG"


@pytest.mark.parametrize("scene", ["", "x" * 33, "with space", "中文"])
def test_a_bad_scene_is_refused_by_wechat(program, scene):
    with pytest.raises(PermanentGatewayError, match="40169"):
        program.draw_code(scene)


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("http_500", None, TemporaryGatewayError),
        ("errcode", 45011, TemporaryGatewayError),
        ("errcode", 40125, ConfigurationGatewayError),
        ("garbage", None, GatewayError),
        ("timeout_after_effect", 0.1, GatewayError),
    ],
)
def test_what_wechat_answers_is_told_apart(program, sandbox, person, kind, value, error):
    code = code_of(sandbox, person, "js")
    sandbox.fault("wechat", kind, value=value, count=4)
    with pytest.raises(error):
        program.exchange_code(code)


def test_without_an_app_id_there_is_no_mini_program(settings, dependencies):
    none = replace(settings, mini_program=replace(settings.mini_program, app_id=""))
    given = {"passwords": dependencies.gateways.passwords, "clock": dependencies.clock}
    program = wire(none, registry_in_tables=TablesRegistry(), **given).gateways.mini_program
    for call in (program.exchange_code, program.fetch_phone_number, program.draw_code):
        with pytest.raises(ConfigurationGatewayError, match="no_mini_program"):
            call("x")
