"""SEC-C02: every route, for every role and method, against one table of who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.insiders import Insider, insider
from wxbackend.domain.policy import ApiPolicy
from wxbackend.domain.roles import Role

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NOBODY = "nobody"
_R = Role
EVERYBODY = frozenset({NOBODY, *Role})
MEMBERS = frozenset(Role) - {_R.DRIVER}
OFFICE = frozenset({_R.ENTERPRISE, _R.TOWN, _R.BUREAU})

# Every route stands here, by endpoint: a new one fails the test until somebody says who may.
WHO_MAY: tuple[tuple[frozenset[str], str], ...] = (
    (
        EVERYBODY,
        """
        static health.alive health.ready ports.home manual_addresses.fragment
        sign_in.password_form sign_in.password sign_in.phone_form sign_in.phone sign_in.phone_code
        office_sign_in.password_form office_sign_in.password office_sign_in.phone_form
        office_sign_in.phone office_sign_in.phone_code
        pass_link.open_link pass_link.sign_in identity.returned wechat.callback wechat.ended
        js_sdk.sign digest_link.show digest_link.file wechat_push.verify wechat_push.receive
        sms_receipts.take domain_verification.show
        api_docs.document api_docs.page
        api_sign_in.wechat api_sign_in.phone api_sign_in.password api_sign_in.sms_code
        api_sign_in.sms
        """,
    ),
    (frozenset(Role), "api_me.show api_me.sign_out api_me.password api_places.options"),
    (MEMBERS, "account.password_form account.password account.leave"),
    (
        frozenset({_R.DRIVER}),
        """
        driver.home driver.show driver.detail driver.state driver.qr_code driver.image driver.again
        driver.confirm_cancel driver.cancel driver.change_form driver.change driver.check_identity
        driver_forms.poster driver_forms.save driver_forms.add_image driver_forms.remove_image
        driver_forms.new driver_forms.submit driver_forms.edit driver_forms.resubmit
        driver_prepared.show driver_prepared.submit
        api_driver_drafts.show api_driver_drafts.save api_driver_drafts.poster
        api_driver_drafts.add_image api_driver_drafts.remove_image api_driver_drafts.image
        api_driver_prepared.show api_driver_prepared.submit
        api_driver_reservations.index api_driver_reservations.submit api_driver_reservations.show
        api_driver_drafts.message_templates api_driver_reservations.correct
        api_driver_reservations.change
        api_driver_reservations.cancel api_driver_reservations.repeat
        api_driver_reservations.begin_check api_driver_reservations.check_result
        api_driver_reservations.qr_code api_driver_reservations.program_code
        """,
    ),
    (
        frozenset({_R.CHECKPOINT}),
        """
        gate.home gate.passages gate.start_shift gate.end_shift gate_scans.scan gate_scans.show
        gate_scans.decide gate_scans.decision gate_scans.deny_form gate_scans.driver_detail
        gate_scans.image gate_scans.refresh gate_scans.short_code_form gate_scans.short_code
        api_gate.shift api_gate.start_shift api_gate.end_shift api_gate.reasons api_gate.passages
        api_gate_scans.scan api_gate_scans.show api_gate_scans.refresh api_gate_scans.driver
        api_gate_scans.image api_gate_scans.decide api_gate_scans.decision
        """,
    ),
    (
        frozenset({_R.ENTERPRISE}),
        """
        lead.home
        lead_employees.index lead_employees.show lead_employees.reveal lead_employees.bring_back
        lead_employees.edit_form lead_employees.edit lead_employees.confirm_remove
        lead_employees.remove lead_employees.trips lead_employees.new lead_employees.add
        lead_employees.search
        lead_prepared.index lead_prepared.show lead_prepared.renew lead_prepared.qr_code
        lead_prepared.send lead_prepared.withdraw lead_prepared.new lead_prepared.prepare
        lead_prepared.pick lead_prepared.search
        lead_imports.index lead_imports.leave lead_imports.show lead_imports.take
        lead_imports.template lead_imports.upload lead_imports.wrong_rows
        lead_reservations.index lead_reservations.show lead_reservations.reveal
        lead_reservations.image lead_reservations.search
        api_lead.enterprises api_lead.day
        api_lead_employees.index api_lead_employees.search api_lead_employees.add
        api_lead_employees.show api_lead_employees.edit api_lead_employees.remove
        api_lead_employees.bring_back api_lead_employees.reveal api_lead_employees.reservations
        api_lead_imports.upload api_lead_imports.template api_lead_imports.show
        api_lead_imports.wrong_rows api_lead_imports.take api_lead_imports.leave
        api_lead_prepared.index api_lead_prepared.prepare api_lead_prepared.show
        api_lead_prepared.qr_code api_lead_prepared.send api_lead_prepared.renew
        api_lead_prepared.withdraw
        api_lead_reservations.index api_lead_reservations.search api_lead_reservations.counts
        api_lead_reservations.show api_lead_reservations.reveal api_lead_reservations.image
        """,
    ),
    (
        frozenset({_R.TOWN}),
        """
        town.home town.drivers town.search town.driver town.reveal town.enterprise
        town.search_enterprise
        town_reservations.index town_reservations.show town_reservations.reveal
        town_reservations.image town_reservations.search
        """,
    ),
    (
        OFFICE,
        """
        office_home.home
        office_drivers.index office_drivers.passages office_drivers.reveal office_drivers.tests
        office_drivers.vaccinations office_drivers.search
        office_reservations.index office_reservations.detail office_reservations.passengers
        office_reservations.reveal office_reservations.image office_reservations.search
        office_exports.index office_exports.download office_exports.new office_exports.make
        """,
    ),
    (
        frozenset({_R.TOWN, _R.BUREAU}),
        """
        office_enterprises.index office_enterprises.show office_enterprises.reveal
        office_enterprises.search
        """,
    ),
    (
        frozenset({_R.ENTERPRISE, _R.BUREAU}),
        """
        office_imports.index office_imports.again office_imports.decide office_imports.history
        office_imports.search office_imports.show office_imports.start office_imports.template
        office_imports.upload office_imports.wrong_rows
        office_driver_changes.add office_driver_changes.bring_back office_driver_changes.edit
        office_driver_changes.edit_form office_driver_changes.new_form
        office_driver_changes.remove office_driver_changes.remove_form
        """,
    ),
    (
        frozenset({_R.BUREAU}),
        """
        office_enterprises_changes.edit_form office_enterprises_changes.edit
        office_enterprises_changes.enable_form office_enterprises_changes.enable
        office_enterprises_changes.disable_form office_enterprises_changes.disable
        office_enterprises_changes.new_form office_enterprises_changes.create
        office_enterprises_changes.move_form office_enterprises_changes.move
        office_enterprises_leads.index office_enterprises_leads.add
        office_enterprises_leads.edit_form office_enterprises_leads.edit
        office_enterprises_leads.make_main office_enterprises_leads.remove_form
        office_enterprises_leads.remove
        office_corrections.form office_corrections.save
        office_alerts.index office_alerts.add_form office_alerts.add office_alerts.test_list
        office_alerts.tests office_alerts.edit_form office_alerts.edit office_alerts.remove_form
        office_alerts.remove office_alerts.reveal office_alerts.test_recipient
        office_notifications.index office_notifications.detail office_notifications.decide_form
        office_notifications.reveal office_notifications.search
        office_notification_decisions.confirm office_notification_decisions.dismiss
        office_notification_decisions.resend office_notification_decisions.dismiss_picked
        office_notification_decisions.resend_picked office_notification_decisions.try_channel_again
        office_digests.index office_digests.file
        """,
    ),
    (
        frozenset({_R.ADMIN}),
        """
        office_accounts.index office_accounts.show office_accounts.ask office_accounts.take
        office_accounts.edit office_accounts.change office_accounts.ask_reset office_accounts.reset
        office_accounts.new office_accounts.create office_accounts.search
        office_places.index office_places.edit office_places.rename office_places.delete
        office_places.disable office_places.enable office_places.move_up office_places.move_down
        office_places.new office_places.add office_places.poster office_places.poster_code
        office_places.ask_renew office_places.renew
        office_settings.index office_settings.change office_settings.restore
        office_wechat_connections.index
        office_jobs_requests.run
        office_sms_provider_decisions.stop office_sms_provider_decisions.restore
        """,
    ),
    (
        frozenset({_R.AUDITOR}),
        """
        office_audit.index office_audit.exports office_audit.search office_audit.search_exports
        office_audit.show
        """,
    ),
    (frozenset({_R.ADMIN, _R.AUDITOR}), "office_sign_ins.index office_sign_ins.search"),
    (frozenset({_R.ADMIN, _R.BUREAU}), "office_jobs.index office_jobs.show"),
    (frozenset({_R.BUREAU, _R.ADMIN}), "office_sms_providers.index"),
)
ALLOWED = {endpoint: who for who, endpoints in WHO_MAY for endpoint in endpoints.split()}
# Machines that sign what they send instead of carrying a form's token.
SIGNED = frozenset({"wechat_push.receive", "sms_receipts.take"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Where somebody is sent who must show first who they are.
_DOORS = ("/sign-in", "/sign-in/phone", "/office/sign-in", "/connect/oauth2/authorize")
_ARGUMENTS: dict[str, object] = {
    "filename": "css/office.css",
    "kind": "checkpoint",
    "subject": "new",
    "step": "disable",
    "key": "bureau",
    "end": "denied",
}


@pytest.fixture
def everybody(app: Flask, story) -> dict[str, Insider]:
    """One of every role, the guard on shift."""
    app.config["WTF_CSRF_ENABLED"] = False  # what a forged request meets is another test's
    never_too_often(app)
    story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    places = {_R.TOWN: "黄阁镇", _R.CHECKPOINT: "万顷沙卡口", _R.ENTERPRISE: "13900000001"}
    people = {
        role.value: insider(app, f"{role.value}1", role, places.get(role, ""))
        for role in Role
        if role is not Role.DRIVER
    }
    people[_R.CHECKPOINT.value].ask("POST", "/gate/shift")
    people[_R.DRIVER.value] = Insider(app, wechat_user_id=story.driver().wechat_user_id)
    people[NOBODY] = Insider(app)
    return people


def never_too_often(app: Flask) -> None:
    """Every route for everybody is more than one address may call in a minute."""
    found = app.extensions["wxbackend"]
    configured = replace(found.configured, api=ApiPolicy(10**6, 10**6))
    app.extensions["wxbackend"] = replace(found, configured=configured)


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def address(app: Flask, rule: Rule) -> str:
    def value(name: str) -> object:
        is_number = type(rule._converters[name]).__name__ == "IntegerConverter"
        return 999_999 if is_number else _ARGUMENTS.get(name, "a" * 26)

    adapter = app.url_map.bind("127.0.0.1")
    method = next(iter(rule.methods - {"HEAD", "OPTIONS"}))
    return adapter.build(
        rule.endpoint, {name: value(name) for name in rule.arguments}, method=method
    )


def test_every_route_has_its_line_in_the_table(app):
    endpoints = {rule.endpoint for rule in rules(app)}
    assert endpoints - set(ALLOWED) == set(), "say who may"
    assert set(ALLOWED) - endpoints == set(), "no such route any more"


def test_every_route_of_the_api_wants_a_token_but_those_to_get_one(app, everybody):
    for rule in rules(app):
        if rule.rule.startswith("/api/") and ALLOWED[rule.endpoint] != EVERYBODY:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                answer = everybody[NOBODY].ask(method, address(app, rule))
                assert answer.status_code == 401, rule.rule


def is_refused(answer: TestResponse) -> bool:
    if 300 <= answer.status_code < 400:
        return urlsplit(answer.headers["Location"]).path in _DOORS
    return answer.status_code in {401, 403, 405}


def visits(app: Flask) -> Iterator[tuple[Rule, str, frozenset[str]]]:
    """(rule, method, who asks): its own methods for everybody, the others for one who may most."""
    adapter = app.url_map.bind("127.0.0.1")
    for rule in rules(app):
        for method in METHODS:
            if method in rule.methods:
                yield rule, method, EVERYBODY
            elif not adapter.test(address(app, rule), method=method):
                yield rule, method, frozenset({_R.BUREAU.value})


def test_everybody_gets_in_where_they_may_and_nowhere_else(app, everybody):
    wrong = []
    for rule, method, askers in visits(app):
        path = address(app, rule)
        for who in sorted(askers):
            answer = everybody[who].ask(method, path)
            is_open = who in ALLOWED.get(rule.endpoint, ()) and method in rule.methods
            # A public page may send somebody to a door itself.
            is_public = ALLOWED.get(rule.endpoint) == EVERYBODY and method in rule.methods
            is_right = answer.status_code < 500 and (is_public or is_refused(answer) is not is_open)
            if not is_right:
                wrong.append(f"{who} {method} {path}: {answer.status_code}")
            if "Set-Cookie" in answer.headers or rule.endpoint == "api_me.sign_out":
                everybody[who].fresh()  # it was signed in or out
            answer.close()
    assert wrong == []


def test_a_right_that_is_missing_is_said_and_not_hidden_as_absence(app, everybody):
    """The wrong role is 403; what is outside the scope is 404 (see test_scope_markers)."""
    for role, path in (
        (_R.TOWN, "/office/notifications"),
        (_R.ENTERPRISE, "/office/enterprises"),
        (_R.ADMIN, "/office/reservations"),
        (_R.AUDITOR, "/office/accounts"),
        (_R.BUREAU, "/office/audit"),
    ):
        assert everybody[role.value].ask("GET", path).status_code == 403, path


def test_no_post_is_taken_without_its_token(app, everybody):
    """SEC-B05: whoever is signed in, a form from elsewhere changes nothing."""
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in rules(app):
        is_of_pages = rule.endpoint not in SIGNED and not rule.rule.startswith("/api/")
        if "POST" not in rule.methods or not is_of_pages:
            continue
        path = address(app, rule)
        for who in ALLOWED[rule.endpoint]:
            answer = everybody[who].ask("POST", path, data={"name": "x"})
            assert answer.status_code == 400, f"{who} {path}"
