"""Whatever fails outside, no log line of web server or worker tells a person or a secret."""

from __future__ import annotations

import dataclasses
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from sqlalchemy import text

from models.database import reading
from tests.live import LiveApp, LiveWorker
from tests.people import form_of, make_guard_account, make_office_account, resident_id
from tests.phones import Phone
from tests.servers import Sandbox
from tests.stories import Story
from wxbackend.config.loading import Secret
from wxbackend.domain.roles import Role

PERSON = {"name": "欧阳鸑鷟", "phone": "13987651234", "plate": "粤B7Q9X3"}
LEADS = tuple(f"1397654321{number}" for number in range(8))
RECIPIENT = "yzyzhang7788"
ODD_NUMBER = resident_id(777)
KINDS = ("refuse", "timeout", "timeout_after_effect", "http_500", "garbage", "slow", "errcode")
TARGETS = ("wechat", "weijing", "yuezhengyi", "sms.mas", "sms.mas2", "sms.tencent", "health")
SHORT = """
wechat.timeout = "250ms"
weijing.timeout = "250ms"
yuezhengyi.timeout = "250ms"
sms.mas.timeout = "250ms"
sms.mas2.timeout = "250ms"
sms.tencent.timeout = "250ms"
health_registry.kind = "http"
gate.registry_timeout = "250ms"
notifications.retry_pauses = ["1s", "1s"]
logging.level = "DEBUG"
"""


@dataclasses.dataclass
class Day:
    """What happens on a day at the gate, over HTTP, and all that must not be told of it."""

    story: Story
    sandbox: Sandbox
    passwords: dict[str, str]
    secrets: set[str] = dataclasses.field(default_factory=set)
    staff: Phone | None = None

    def phone(self, openid: str = "") -> Phone:
        return Phone(self.sandbox, openid)

    def note(self, *phones: Phone) -> None:
        for phone in phones:
            self.secrets |= {cookie.value for cookie in phone.http.cookies if cookie.value}
            for callback in phone.callbacks:
                query = parse_qs(urlsplit(callback).query)
                self.secrets |= {*query.get("code", []), *query.get("state", [])}

    def play_once(self) -> None:
        """What calls nobody outside."""
        self.office()
        self.program()
        self.outsiders()

    def ready_driver(self) -> Phone:
        """Signed in, with the empty form before them."""
        phone = self.phone(self.sandbox.personas()[0]["openid"])
        phone.follow("/d/new")
        return phone

    def play(self, driver: Phone, token: str, lead_phone: str) -> None:
        form = form_of(self.story.district, self.story.dependencies.clock(), **self.form)
        driver.post("/d/new", {**form, "submission_key": driver.hidden("submission_key")})
        driver.follow("/d")
        driver.post("/wechat/js-sdk", {"url": f"{driver.app_url}/d?who={PERSON['phone']}"})
        newcomer = self.phone(self.sandbox.personas()[2]["openid"])
        newcomer.follow("/d")
        self.lead(lead_phone)
        self.guard(token)
        self.note(driver, newcomer)

    @property
    def form(self) -> dict[str, str]:
        return {
            "name": PERSON["name"],
            "id_number": ODD_NUMBER,
            "phone": PERSON["phone"],
            "plate_number": PERSON["plate"],
        }

    def lead(self, number: str) -> None:
        phone = self.phone()
        phone.follow("/sign-in/phone")
        phone.post("/sign-in/phone/code", {"phone": number})
        phone.post("/sign-in/phone", {"phone": number, "code": "000000"})
        self.note(phone)

    def codes(self) -> set[str]:
        """What arrived at the leads' phones."""
        texts = [message for number in LEADS for message in self.sandbox.messages(to=number)]
        return set(re.findall(r"(?<!\d)\d{6}(?!\d)", " ".join(str(text) for text in texts)))

    def office(self) -> None:
        phone = self.phone()
        phone.follow("/office/sign-in")
        name = self.passwords["bureau_name"]
        phone.post("/office/sign-in", {"account": name, "password": "Wrong-Password-77"})
        phone.post("/office/sign-in", {"account": name, "password": self.passwords["bureau"]})
        phone.follow(f"/office/drivers?q={PERSON['name']}")
        phone.post("/office/drivers", {"q": ODD_NUMBER, "name": PERSON["name"]})
        self.note(phone)

    def guard(self, token: str) -> None:
        phone = self.staff
        if phone is None:
            phone = self.staff = self.phone()
            phone.follow("/sign-in")
            phone.post("/sign-in", {"account": "gate1", "password": self.passwords["gate1"]})
            phone.post("/gate/shift")
        phone.follow(f"/P/{token}?from=singlemessage")
        decision = {"verdict": "allowed", "request_id": phone.hidden("request_id")}
        scan = re.search(r'action="(/gate/scans/[^"]+)/decision"', phone.page)
        if scan:
            phone.post(f"{scan[1]}/decision", decision)
        self.note(phone)

    def program(self) -> None:
        """The mini-program's way in, and the provider's."""
        phone = self.phone()
        base = f"{phone.app_url}/api/v1/sign-in"
        for path, body in (
            ("wechat", {"js_code": "0a1JsCodeOfSomebody"}),
            ("password", {"account": "gate1", "password": self.passwords["gate1"]}),
            ("sms-codes", {"phone": LEADS[-1]}),
        ):
            answer = phone.http.post(f"{base}/{path}", json=body, timeout=20)
            if answer.ok:
                found = answer.json()
                self.secrets |= {found[key] for key in ("token", "ticket") if key in found}
                bearer = {"Authorization": f"Bearer {found.get('token')}"}
                phone.http.get(f"{phone.app_url}/api/v1/me", headers=bearer, timeout=20)
        receipts = f"/receipts/{self.passwords['receipts']}/mas"
        phone.http.post(phone.app_url + receipts, json=[{"mobile": PERSON["phone"]}], timeout=20)

    def outsiders(self) -> None:
        """Addresses that nobody should send, pushes, and a line that is no HTTP."""
        phone = self.phone()
        for path in (f"/nowhere/{ODD_NUMBER}", f"/digest/{'d' * 40}", f"/?name={PERSON['name']}"):
            phone.http.get(
                phone.app_url + path,
                headers={"Referer": f"{phone.app_url}/P/{'R' * 26}", "Cookie": "x=cookieMarker"},
                timeout=20,
            )
        person = self.sandbox.personas()[1]["openid"]
        content = f"我的身份证 {ODD_NUMBER}，{PERSON['name']}"
        self.sandbox.post("/sandbox/push", {"openid": person, "type": "text", "content": content})
        with socket.create_connection(("127.0.0.1", self.sandbox.app_port)) as line:
            line.sendall(f"GET /P/{'B' * 26} HTP/9\r\n\r\n".encode())
            line.recv(1000)


@pytest.fixture
def day(story, sandbox, config, settings, live_worker) -> Iterator[tuple[Day, LiveApp, LiveWorker]]:
    providers = config.read_text().replace('["mas"]', '["tencent", "mas", "mas2"]')
    config.write_text(providers + SHORT)
    story.enterprise("广州顺达物流有限公司", "黄阁镇", *LEADS)
    story.recipient(RECIPIENT)
    name, password = make_office_account(story.dependencies, Role.BUREAU)
    passwords = {
        "gate1": make_guard_account(story.dependencies),
        "bureau_name": name,
        "bureau": password,
        "receipts": settings.sms.receipts_secret,
    }
    app = LiveApp(config, port=sandbox.app_port, workers=2, options=["--access-logfile", "-"])
    live = live_worker()
    yield Day(story, sandbox, passwords), app, live
    app.stop()


def configured_secrets(settings: Any) -> set[str]:
    found = set()
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            found |= configured_secrets(value)
        elif isinstance(value, Secret) and len(value) >= 8 and "://" not in value:
            found.add(str(value))
    return found


def kept_tokens(url: str) -> set[str]:
    """What the processes share in Redis: access tokens, tickets."""
    if not url:
        return set()
    with redis.Redis.from_url(url, decode_responses=True) as store:
        keys = [key for key in store.scan_iter("wxbackend:token:*") if store.type(key) == "string"]
        return {value for value in map(store.get, keys) if value and len(value) >= 8}


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_line_tells_a_person_or_a_secret(day, settings, shared_store_url):
    play, app, worker = day
    tokens = set()
    play.play_once()
    for kind, lead_phone in zip(KINDS, LEADS, strict=False):
        reserved = play.story.reserve(plate_number=PERSON["plate"])
        tokens |= {reserved.token, reserved.short_code}
        driver = play.ready_driver()
        for target in TARGETS:
            value = {"errcode": 45009, "slow": 0.1, "timeout": 1, "timeout_after_effect": 1}
            play.sandbox.fault(target, kind, value=value.get(kind), count=3)
        play.play(driver, reserved.token, lead_phone)
        tokens |= kept_tokens(shared_store_url)
        play.sandbox.delete("/sandbox/faults")
    time.sleep(1)  # the worker's last tries
    with reading() as session:
        openids = set(session.execute(text("SELECT openid FROM wechat_user")).scalars())
    logs = {"web": app.log(), "worker": worker.log()}
    assert '"GET /P/<token> HTTP/1.1" 302' in logs["web"]
    assert '"POST /wechat/js-sdk HTTP/1.1" 503' in logs["web"]
    assert "POST /receipts/<secret>/<provider>" in logs["web"]
    assert logs["web"].count("wxbackend.access") > 60
    assert "notification tried" in logs["worker"]
    persons = {*PERSON.values(), ODD_NUMBER, *LEADS, RECIPIENT, resident_id(1), *openids}
    persons |= {"李某某", "13800005678", "cookieMarker", "0a1JsCodeOfSomebody", "singlemessage"}
    made_up = {"R" * 26, "B" * 26, "d" * 40, "Wrong-Password-77", "欧阳".encode().hex()}
    hidden = persons | made_up | tokens | play.codes() | play.secrets | configured_secrets(settings)
    hidden |= set(play.passwords.values()) - {play.passwords["bureau_name"]}
    assert len(hidden) > 100
    for where, lines in logs.items():
        told = [secret for secret in hidden if tells(lines, secret)]
        assert told == [], (where, [line for line in lines.splitlines() if told[0] in line][:3])


def tells(lines: str, secret: str) -> bool:
    """Short ones stand between other characters: six digits may be part of any number."""
    if len(secret) > 8:
        return secret in lines
    return re.search(rf"(?<![0-9A-Za-z.]){re.escape(secret)}(?![0-9A-Za-z])", lines) is not None
