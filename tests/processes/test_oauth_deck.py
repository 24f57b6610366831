"""WeChat's OAuth as it comes on real phones, over real HTTP: twice, late, shared, without cookies.

On PostgreSQL and Redis four worker processes answer; on SQLite one process with its threads.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text
from werkzeug.serving import make_server

from models.database import reading
from tests.configuration import make_settings
from tests.phones import Phone
from tests.servers import Sandbox
from wxbackend.config.settings import Settings
from wxbackend.services.visitors import load_visitor

PAGE = "/d?before=99"
ODD = ["", "x", "0" * 41, "f" * 41, "é" * 20, "%00", "../../x", "a" * 1500, "[]", "'\"<>"]


class Deck:
    """The people of the sandbox, a phone for each, and what the app takes a phone for."""

    def __init__(self, app: Flask, sandbox: Sandbox) -> None:
        self.app, self.sandbox = app, sandbox
        self.openids = [person["openid"] for person in sandbox.personas()]

    def phone(self, number: int = 0) -> Phone:
        return Phone(self.sandbox, self.openids[number])

    def mode(self, mode: str, count: int = 1) -> None:
        self.sandbox.put("/sandbox/oauth-mode", {"mode": mode, "count": count})

    def fault(self, kind: str, *, value: object = None, count: int = 1) -> None:
        fault = {"kind": kind, "value": value, "count": count, "path": "/sns/oauth2/access_token"}
        self.sandbox.put("/sandbox/faults/wechat", fault)

    def person_of(self, phone: Phone) -> str | None:
        """Whom the app takes this phone for."""
        cookie = phone.http.cookies.get("wxbackend")
        if cookie is None:
            return None
        opened = SecureCookieSessionInterface().get_signing_serializer(self.app).loads(cookie)
        dependencies = self.app.extensions["wxbackend"]
        policy = dependencies.policy.sign_in
        return load_visitor(opened.get("sid"), now=dependencies.clock(), policy=policy).openid

    def assert_at_home(self, phone: Phone, answer, path: str = PAGE) -> None:
        assert answer.status_code == 200, answer.text
        assert answer.url == phone.app_url + path
        assert self.person_of(phone) == phone.openid

    def assert_ended(self, phone: Phone, answer, *, status: int, words: str) -> None:
        assert answer.status_code == status
        assert words in answer.text
        assert "code=" not in answer.url
        assert self.person_of(phone) is None


def together(*calls: Callable[[], object]) -> list[object]:
    """All at the same moment, each in a thread."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def with_state(callback: str, change: Callable[[str], str]) -> str:
    state = parse_qs(urlsplit(callback).query)["state"][0]
    return callback.replace(f"state={state}", f"state={change(state)}")


# ---- the deck ----------------------------------------------------------------------------------


def the_same_callback_twice(deck: Deck) -> None:
    phone = deck.phone()
    callback = phone.callback(phone.begin(PAGE))
    for _ in range(2):
        deck.assert_at_home(phone, phone.follow(callback))
    assert phone.asked_wechat == 1


def the_first_answer_is_dropped(deck: Deck) -> None:
    """Android: the first answer, with its cookie, never arrives; the same address comes again."""
    phone = deck.phone(1)
    callback = phone.callback(phone.begin(PAGE))
    phone.twin().ask(callback)
    deck.assert_at_home(phone, phone.follow(callback))
    assert phone.asked_wechat == 1


def eight_times_at_once(deck: Deck) -> None:
    phone = deck.phone(2)
    callback = phone.callback(phone.begin(PAGE))
    twins = [phone.twin() for _ in range(8)]
    answers = together(*(lambda twin=twin: twin.follow(callback) for twin in twins))
    for twin, answer in zip(twins, answers, strict=True):
        deck.assert_at_home(twin, answer)
    assert {twin.asked_wechat for twin in twins} == {1}


def two_codes_under_one_state(deck: Deck) -> None:
    phone = deck.phone(3)
    authorize = phone.begin(PAGE)
    for callback in [phone.callback(authorize) for _ in range(2)]:
        deck.assert_at_home(phone, phone.follow(callback))


def two_codes_at_once_of_somebody_new(deck: Deck) -> None:
    phone = deck.phone(4)
    authorize = phone.begin(PAGE)
    callbacks = [phone.callback(authorize) for _ in range(6)]
    twins = [phone.twin() for _ in callbacks]
    pairs = zip(twins, callbacks, strict=True)
    answers = together(*(lambda t=twin, c=callback: t.follow(c) for twin, callback in pairs))
    for twin, answer in zip(twins, answers, strict=True):
        deck.assert_at_home(twin, answer)


def everybody_at_once(deck: Deck) -> None:
    """Many people in the same moment, each several times: nobody becomes somebody else."""
    phones = [deck.phone(number % len(deck.openids)) for number in range(24)]
    answers = together(*(lambda phone=phone: phone.follow(PAGE) for phone in phones))
    for phone, answer in zip(phones, answers, strict=True):
        deck.assert_at_home(phone, answer)


def back_and_refresh(deck: Deck) -> None:
    phone = deck.phone()
    callback = phone.callback(phone.begin(PAGE))
    phone.follow(callback)
    deck.sandbox.delete("/sandbox/calls")
    for _ in range(3):
        deck.assert_at_home(phone, phone.follow(callback))
    assert deck.sandbox.get("/sandbox/calls", target="wechat") == []  # nobody asked WeChat again


def a_shared_link(deck: Deck) -> None:
    phone, friend = deck.phone(), deck.phone(1)
    callback = phone.callback(phone.begin(PAGE))
    phone.follow(callback)
    deck.assert_at_home(friend, friend.follow(callback))
    deck.assert_at_home(friend, friend.follow(callback))


def a_link_shared_before_its_use(deck: Deck) -> None:
    """An attacker's own unspent code does not make the visitor the attacker."""
    attacker, victim = deck.phone(5), deck.phone(6)
    callback = attacker.callback(attacker.begin(PAGE))
    deck.assert_at_home(victim, victim.follow(callback))
    own = victim.callback(deck.phone(6).begin(PAGE))
    deck.assert_at_home(victim, victim.follow(own))
    # Nor when the victim is on the way to WeChat at that moment.
    other = deck.phone(7)
    other.begin(PAGE)
    deck.assert_at_home(other, other.follow(callback))


def a_code_of_another_under_my_state(deck: Deck) -> None:
    """Who can set the code alone must know the state, which only this browser was given."""
    phone = deck.phone(6)
    mine = phone.callback(phone.begin(PAGE))
    foreign = deck.phone(5)
    theirs = foreign.callback(foreign.begin(PAGE))
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    forged = f"/wechat/oauth?code={code}&state={'0' * 41}"
    deck.assert_at_home(phone, phone.follow(forged), "/d")
    assert mine != theirs


def a_lost_cookie(deck: Deck) -> None:
    phone = deck.phone(2)
    callback = phone.callback(phone.begin(PAGE))
    phone.http.cookies.clear()
    deck.assert_at_home(phone, phone.follow(callback))
    assert phone.asked_wechat == 2


def no_cookies_at_all(deck: Deck) -> None:
    phone = deck.phone(2)
    phone.keeps_cookies = False
    answer = phone.follow(PAGE)
    assert answer.status_code == 400
    assert "微信登录没有成功" in answer.text
    assert phone.asked_wechat == 3  # the first way and two more


def a_snapshot_page(deck: Deck) -> None:
    deck.mode("snapshot")
    phone = deck.phone(3)
    answer = phone.follow(PAGE)
    deck.assert_ended(phone, answer, status=403, words="使用完整服务")
    again = re.search(r'href="([^"]+)">重新登录', answer.text)
    deck.assert_at_home(phone, phone.follow(again[1]))


def a_denial(deck: Deck) -> None:
    deck.mode("deny")
    phone = deck.phone(3)
    deck.assert_ended(phone, phone.follow(PAGE), status=403, words="没有取得微信授权")


def a_code_that_wechat_refuses(deck: Deck) -> None:
    for errcode in (40029, 40163, 42003):
        deck.fault("errcode", value=errcode)
        phone = deck.phone(4)
        deck.assert_at_home(phone, phone.follow(PAGE))
        assert phone.asked_wechat == 2
    deck.fault("errcode", value=40029, count=9)
    phone = deck.phone(4)
    deck.assert_ended(phone, phone.follow(PAGE), status=400, words="微信登录没有成功")
    assert phone.asked_wechat == 3


def wechat_away(deck: Deck) -> None:
    faults = [("timeout", 5), ("timeout_after_effect", 5), ("http_500", None), ("garbage", None)]
    for kind, value in [*faults, ("refuse", None), ("errcode", -1), ("errcode", 40125)]:
        deck.fault(kind, value=value)
        phone = deck.phone(5)
        answer = phone.follow(PAGE)
        deck.assert_ended(phone, answer, status=503, words="微信登录暂不可用")
        assert phone.asked_wechat == 1, "a code is never exchanged twice"
        again = re.search(r'href="([^"]+)">重新登录', answer.text)
        deck.assert_at_home(phone, phone.follow(again[1]))


def a_state_with_something_appended(deck: Deck) -> None:
    for more in ("%23wechat_redirect", "%26from%3Dsinglemessage", "&from=groupmessage", "xyz"):
        phone = deck.phone(6)
        callback = phone.callback(phone.begin(PAGE))
        state = parse_qs(urlsplit(callback).query)["state"][0]
        deck.assert_at_home(phone, phone.follow(callback.replace(state, state + more)))
        assert phone.asked_wechat == 1


def a_foreign_or_damaged_state(deck: Deck) -> None:
    changes: list[Callable[[str], str]] = [str.upper, lambda state: state[:-1], lambda _: ""]
    for change in changes:
        phone = deck.phone(7)
        callback = phone.callback(phone.begin(PAGE))
        answer = phone.follow(with_state(callback, change))
        deck.assert_at_home(phone, answer, "/d")


def odd_values(deck: Deck) -> None:
    phone = deck.phone(7)
    for state in ODD:
        for code in ODD:
            phone.ask(f"/wechat/oauth?code={code}&state={state}")
    for query in (
        "",
        "?code=a",
        "?state=a&state=b",
        "?code=%ff&state=%ff",
        "/nowhere",
        "/signed_in",
    ):
        assert phone.ask(f"/wechat/oauth{query}").status_code in {302, 404}
    deck.assert_at_home(phone, phone.follow(PAGE))


DECK = [
    the_same_callback_twice,
    the_first_answer_is_dropped,
    eight_times_at_once,
    two_codes_under_one_state,
    two_codes_at_once_of_somebody_new,
    everybody_at_once,
    back_and_refresh,
    a_shared_link,
    a_link_shared_before_its_use,
    a_code_of_another_under_my_state,
    a_lost_cookie,
    no_cookies_at_all,
    a_snapshot_page,
    a_denial,
    a_code_that_wechat_refuses,
    wechat_away,
    a_state_with_something_appended,
    a_foreign_or_damaged_state,
    odd_values,
]


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox) -> Settings:
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        more='wechat.timeout = "500ms"\n',
    )


@pytest.fixture
def deck(app, sandbox, shared_store_url, live_app) -> Iterator[Deck]:
    if shared_store_url:
        live_app(4)
        yield Deck(app, sandbox)
        return
    server = make_server("127.0.0.1", sandbox.app_port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Deck(app, sandbox)
    server.shutdown()
    thread.join()


@pytest.mark.slow
def test_the_whole_deck(deck):
    for case in DECK:
        try:
            case(deck)
        except Exception as error:
            raise AssertionError(f"{case.__name__}: {error}") from error
    with reading() as session:
        known = session.execute(text("SELECT openid FROM wechat_user")).scalars().all()
    assert len(known) == len(set(known))
    assert set(known) <= set(deck.openids)
