"""Every key is documented, and every mistake stops the start with a sentence that says which."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from datetime import timedelta
from typing import get_type_hints

import pytest

from tests.servers import ROOT
from wxbackend.config.loading import ConfigurationError, Secret
from wxbackend.config.settings import Settings, load_settings

EXAMPLE = ROOT / "config.example.toml"


def keys_of(kind, prefix: str = "") -> list[str]:
    found = []
    for name, hint in get_type_hints(kind).items():
        if dataclasses.is_dataclass(hint):
            found += keys_of(hint, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def load(tmp_path, more: str) -> Settings:
    path = tmp_path / "more.toml"
    path.write_text(more, encoding="utf-8")
    return load_settings([EXAMPLE, path])


def problems(tmp_path, more: str) -> list[str]:
    with pytest.raises(ConfigurationError) as wrong:
        load(tmp_path, more)
    return wrong.value.problems


def test_every_key_of_the_example_has_a_comment():
    """A comment stands over each key, or over the group of keys that it begins."""
    section, is_explained, bare = "", False, []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            is_explained = False
        elif line.startswith("#"):
            is_explained = True
        elif line.startswith("["):
            section = line.strip("[]")
            is_explained = section in {"gate.levels", *TIF} or is_explained
        elif not is_explained:
            bare.append(f"{section}.{line.partition(' ')[0]}")
    assert bare == []


TIF = {"yuezhengyi.tif", "health_registry.tif"}


def test_the_example_holds_every_key_and_no_other():
    load_settings([EXAMPLE])
    assert len(keys_of(Settings)) > 60


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('colour = "red"', "colour: unknown key"),
        ("gate.shfit = 1", "gate.shfit: unknown key"),
        ("gate.shift = 12", "gate.shift: 12 needs a unit"),
        ('gate.shift = "12"', "gate.shift: '12' needs a unit"),
        ('gate.shift = "12 hours"', "gate.shift: '12 hours' needs a unit"),
        ('images.most_bytes = "8"', "images.most_bytes: '8' needs a unit"),
        ('images.most_bytes = "8s"', "images.most_bytes: '8s' needs a unit"),
        ("images.most_bytes = 8000000", "needs a unit (KB, MB, GB), like '8MB'"),
        ('database.pool_size = "8"', "database.pool_size: must be a whole number"),
        ("database.pool_size = -1", "must not be negative"),
        ("jobs.embedded = 1", "jobs.embedded: must be true or false"),
        ("district.name = 5", "district.name: must be text"),
        ('environment = "test"', "'test' is none of production, development"),
        ('wechat.api_base_url = "api.weixin.qq.com"', "no address like https://"),
        ('wechat.api_base_url = "https://api.weixin.qq.com/"', "without a slash at the end"),
        ('gate.levels.negative_24h = "green"', "'green' is none of go, look, stop"),
        ('gate.levels.negative_12h = "go"', "unknown fact negative_12h"),
        ('wechat.app_secret = "env:WXBACKEND_NO_SUCH"', "no variable WXBACKEND_NO_SUCH"),
        ('wechat.app_secret = "file:/no/such/file"', "wechat.app_secret: file /no/such/file"),
        ("notifications.retry_pauses = 5", "notifications.retry_pauses: must be a list"),
        ("reservation = 5", "reservation.: must be a section"),
        ('wechat.push.token = ""', "wechat.push.token: pushes need one"),
        ('wechat.push.aes_key = ""', "wechat.push.aes_key: pushes need one"),
        ('wechat.push.aes_key = "short"', "wechat.push.aes_key: pushes need one"),
        ('wechat.push.original_id = ""', "wechat.push.original_id: pushes need"),
        ('wechat.verification_files = {"robots.txt" = "x"}', "files.robots.txt: needs a name"),
        ('wechat.verification_files = {"MP_verify_a.txt" = "<b>"}', "one plain word"),
        ('sms.receipts_secret = "short"', "sms.receipts_secret: needs 16 to 100"),
        ('sms.receipts_secret = "a/path/with/slashes"', "sms.receipts_secret: needs 16"),
        ('sms.providers = ["mas", "mas"]', "names a provider twice"),
        ("sms.templates.sign_in_codes = {}", "sms.templates.sign_in_codes: unknown key"),
        ("sms.templates.digest = { mas = ONE }", "digest: no text of this kind goes by SMS"),
        ("sms.templates.lead_replaced = 5", "sms.templates.lead_replaced: must be a section"),
        ("sms.templates.lead_replaced.sms = ONE", "lead_replaced.sms: unknown key"),
        ("sms.templates.lead_replaced.mas = ONE", "mas.facts: code is none of enterprise, office"),
        ('sms.templates.lead_replaced.mas.id = "1"', "lead_replaced.mas.facts: missing"),
    ],
)
def test_each_mistake_is_said_with_its_key(tmp_path, more, says):
    more = more.replace("ONE", '{ id = "", facts = ["code"] }')
    assert any(says in problem for problem in problems(tmp_path, more)), problems(tmp_path, more)


def test_a_missing_key_is_said(tmp_path):
    text = EXAMPLE.read_text(encoding="utf-8").replace('shift = "12h"\n', "")
    path = tmp_path / "short.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"gate\.shift: missing"):
        load_settings([path])


def test_all_mistakes_are_said_at_once(tmp_path):
    found = problems(tmp_path, 'gate.shift = 1\ncolour = "red"\njobs.embedded = "no"')
    assert len(found) == 3


@pytest.mark.parametrize("content", ["gate = ", "no such file"])
def test_a_file_that_cannot_be_read_is_said(tmp_path, content):
    path = tmp_path / "broken.toml"
    if content != "no such file":
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.toml"):
        load_settings([path])


def test_durations_and_sizes_are_read_with_their_units():
    settings = load_settings([EXAMPLE])
    assert settings.gate.shift == timedelta(hours=12)
    assert settings.images.most_bytes == 8_000_000
    assert settings.images.most_pixels == 40_000_000


def test_a_secret_comes_from_elsewhere_and_never_shows(tmp_path, monkeypatch):
    monkeypatch.setenv("WXBACKEND_TEST_SECRET", "very secret")
    settings = load(tmp_path, 'wechat.app_secret = "env:WXBACKEND_TEST_SECRET"')
    assert settings.wechat.app_secret == "very secret"
    assert "very secret" not in repr(settings)
    assert isinstance(settings.wechat.app_secret, Secret)


def test_without_pushes_nothing_of_theirs_is_needed(tmp_path):
    off = 'enabled = false\ntoken = ""\naes_key = ""\noriginal_id = ""'
    assert not load(tmp_path, f"[wechat.push]\n{off}").wechat.push.enabled


PRODUCTION = """
environment = "production"
server.public_base_url = "https://gate.example.gov.cn"
wechat.api_base_url = "https://api.weixin.qq.com"
wechat.open_base_url = "https://open.weixin.qq.com"
wechat.js_sdk_url = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
wechat.client_cookie = ""
weijing.base_url = "https://rz.weijing.gov.cn/v2/api"
weijing.web_url = "https://rz.weijing.gov.cn"
yuezhengyi.base_url = "https://tif.example.gov.cn/ebus/yzyapi"
sms.mas.base_url = "http://112.35.1.155:1992/sms"
sms.mas2.base_url = "http://112.35.1.156:1992/sms"
sms.tencent.base_url = "https://sms.tencentcloudapi.com"
sms.aliyun.base_url = "https://dysmsapi.aliyuncs.com"
sms.receipts_secret = "Vm3-k8Qw_5zT1xR7bN0c"
health_registry.base_url = "http://10.0.0.7/registry"
"""


def test_a_production_configuration_is_accepted(tmp_path):
    assert load(tmp_path, PRODUCTION).is_production


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('weijing.base_url = "http://127.0.0.1:9000/v2/api"', "is a sandbox address"),
        ('sms.mas.base_url = "http://localhost:9000/sms"', "is a sandbox address"),
        ('wechat.api_base_url = "https://127.0.0.1"', "is a sandbox address"),
        ('wechat.open_base_url = "http://open.weixin.qq.com"', "production needs https"),
        ('wechat.client_cookie = "sandbox_persona"', "belongs to the sandbox"),
        ('server.public_base_url = "https://gate.example.gov.cn:8081"', "without a port"),
        ('server.public_base_url = "http://gate.example.gov.cn"', "https://HOST"),
        ('sms.receipts_secret = "sandbox-6f1d0c93b7a24e58"', "is the sandbox's"),
        ('sms.providers = ["tencent"]', "lead_replaced: no provider carries it"),
    ],
)
def test_production_refuses_the_sandbox(tmp_path, more, says):
    key = more.partition(" ")[0]
    kept = [line for line in PRODUCTION.splitlines() if not line.startswith(f"{key} ")]
    found = problems(tmp_path, "\n".join([*kept, more]))
    assert any(says in problem for problem in found), found


@pytest.mark.parametrize("module", ["wsgi", "scripts.worker", "scripts.db"])
def test_a_start_with_mistakes_ends_with_the_sentence(tmp_path, module):
    path = tmp_path / "wrong.toml"
    path.write_text("gate.shift = 12\n", encoding="utf-8")
    command = [sys.executable, "-c", "import wsgi"]
    if module != "wsgi":
        command = [sys.executable, "-m", module, *(["check"] if module == "scripts.db" else [])]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"WXBACKEND_CONFIG": f"{EXAMPLE}:{path}"},
    )
    assert done.returncode == 1
    assert "gate.shift: 12 needs a unit" in done.stderr
    assert "Traceback" not in done.stderr
