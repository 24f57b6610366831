"""Enterprises and their leads: what a change does at once, and what it leaves alone."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.accounts import Binding, get_or_create_wechat_user
from models.audit import AuditPersonalPart
from models.database import db, reading, transaction
from models.sessions import BrowserSession
from tests.people import ACTOR, credit_code, make_office_account, resident_id
from wxbackend.domain.errors import Forbidden, InvalidForm, NotFound
from wxbackend.domain.listing import PageRequest
from wxbackend.domain.masking import mask_phone
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import DistrictScope, EnterpriseScope, TownScope
from wxbackend.services import enterprise_leads, enterprises
from wxbackend.services.enterprise_views import show_enterprise, show_leads, show_ledger

EVERYWHERE = DistrictScope()
NOTHING = dict.fromkeys(("name", "town", "state", "business", "passages", "lead", "phone"), "")
REASON = {"reason": "已注销"}


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def public_id(row_id: int, table: str = "enterprise") -> str:
    return str(rows(f"SELECT public_id FROM {table} WHERE id = {row_id}")[0][0])


def sign_in(story, lead_id: int) -> None:
    """A session on the PC, one by account, and a phone that is bound."""
    now = story.dependencies.clock()
    phone = _phone(lead_id)
    name, _ = make_office_account(story.dependencies, Role.ENTERPRISE, phone)
    with transaction() as session:
        account = session.execute(text(f"SELECT id FROM account WHERE name = '{name}'")).scalar()
        user = get_or_create_wechat_user(session, "wx", f"o{lead_id}", now=now)
        kept = {"created_at": now, "seen_at": now, "expires_at": now + timedelta(days=1)}
        session.add(BrowserSession(secret_hash=bytes([lead_id]) * 32, lead_id=lead_id, **kept))
        session.add(
            BrowserSession(secret_hash=bytes([100 + lead_id]) * 32, account_id=account, **kept)
        )
        session.add(Binding(wechat_user_id=user.id, lead_id=lead_id, created_at=now))


def _phone(lead_id: int) -> str:
    with reading() as session:
        from models.enterprises import Lead

        lead = session.get(Lead, lead_id)
        assert lead is not None
        return lead.phone


def open_doors() -> int:
    """Sessions and live bindings of leads and their accounts."""
    (sessions,) = rows("SELECT count(*) FROM browser_session")[0]
    (bindings,) = rows("SELECT count(*) FROM binding WHERE ended_at IS NULL")[0]
    return int(str(sessions)) + int(str(bindings))


def form(story, number: int, **changes: str) -> dict[str, str]:
    return {
        "name": f"广州新程{number}运输有限公司",
        "credit_code": credit_code(number),
        "town": str(story.district.town_ids["黄阁镇"]),
        "lead_name": "林海燕",
        "lead_phone": "13900000077",
        "address": "",
        "kind": "",
        "remark": "",
        **changes,
    }


def seen(story, row_id: int) -> dict[str, str]:
    from wxbackend.services.enterprise_views import show_values

    return dict(show_values(story.dependencies, EVERYWHERE, public_id(row_id)).values)


@pytest.fixture
def one(story) -> int:
    return int(story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001"))


# ---- the ledger --------------------------------------------------------------------------------


def test_a_new_enterprise_comes_with_its_main_lead(story):
    made = enterprises.create_enterprise(
        story.dependencies, EVERYWHERE, form(story, 5), actor=ACTOR
    )
    row, leads = show_leads(story.dependencies, EVERYWHERE, made)
    assert (row.name, row.town, row.is_active) == ("广州新程5运输有限公司", "黄阁镇", True)
    assert [(lead.name, lead.is_main) for lead in leads] == [("林海燕", True)]
    assert rows("SELECT action FROM audit_entry WHERE object_kind = 'enterprise'") == [
        ("create_enterprise",)
    ]


def test_a_known_number_brings_its_person(story, one):
    del one
    new = form(story, 5, lead_name="负责人", lead_phone="13900000001")
    enterprises.create_enterprise(story.dependencies, EVERYWHERE, new, actor=ACTOR)
    assert rows("SELECT count(*) FROM lead") == [(1,)]


def test_a_taken_credit_code_names_who_has_it(story, one):
    del one
    new = form(story, 1)
    with pytest.raises(InvalidForm) as refused:
        enterprises.create_enterprise(story.dependencies, EVERYWHERE, new, actor=ACTOR)
    error = refused.value.errors["credit_code"]
    assert (error.code, error.facts["name"]) == (
        "enterprise.credit_code_taken",
        "广州顺达物流有限公司",
    )


def test_two_people_add_the_same_enterprise_at_once(story, app):
    """One of them is told whose the code is by now."""
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def add(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                new = form(story, 9, name=f"广州同时{number}运输有限公司")
                enterprises.create_enterprise(story.dependencies, EVERYWHERE, new, actor=ACTOR)
                outcomes.append("added")
            except InvalidForm as wrong:
                outcomes.append(wrong.errors["credit_code"].code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=add, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added", "enterprise.credit_code_taken"]
    assert rows("SELECT count(*) FROM enterprise") == [(1,)]


def test_an_edit_without_a_change_writes_nothing(story, one):
    before = seen(story, one)
    changed = enterprises.edit_enterprise(
        story.dependencies, EVERYWHERE, public_id(one), before, before=before, actor=ACTOR
    )
    assert not changed
    assert rows("SELECT count(*) FROM audit_entry WHERE object_kind = 'enterprise'") == [(0,)]


def test_an_edit_tells_who_changed_what_meanwhile(story, one):
    before = seen(story, one)
    other = {**before, "name": "广州大达物流有限公司"}
    enterprises.edit_enterprise(
        story.dependencies, EVERYWHERE, public_id(one), other, before=before, actor=ACTOR
    )
    mine = {**before, "kind": "冷链运输"}
    with pytest.raises(enterprises.ChangedMeanwhile) as refused:
        enterprises.edit_enterprise(
            story.dependencies, EVERYWHERE, public_id(one), mine, before=before, actor=ACTOR
        )
    assert refused.value.changes == (("name", "广州顺达物流有限公司", "广州大达物流有限公司"),)
    assert (refused.value.who, refused.value.at) == ("test", story.dependencies.clock())
    assert rows("SELECT name, kind FROM enterprise") == [("广州大达物流有限公司", "")]


def test_a_remark_stands_only_in_the_erasable_part(story, one):
    before = seen(story, one)
    mine = {**before, "remark": "联系人林海燕"}
    enterprises.edit_enterprise(
        story.dependencies, EVERYWHERE, public_id(one), mine, before=before, actor=ACTOR
    )
    assert "林海燕" not in str(rows("SELECT details FROM audit_entry"))
    with reading() as session:
        (part,) = session.query(AuditPersonalPart).all()
        assert part.content == {"remark": ["", "联系人林海燕"]}


def test_only_the_whole_district_may_write(story, one):
    for scope in (TownScope(story.district.town_ids["黄阁镇"]), EnterpriseScope(frozenset({one}))):
        with pytest.raises(Forbidden):
            enterprises.create_enterprise(story.dependencies, scope, form(story, 5), actor=ACTOR)
        with pytest.raises(Forbidden):
            enterprises.disable_enterprises(
                story.dependencies, scope, [public_id(one)], REASON, actor=ACTOR
            )
        with pytest.raises(Forbidden):
            enterprise_leads.add_lead(
                story.dependencies, scope, public_id(one), form(story, 5), actor=ACTOR
            )


# ---- disabling ---------------------------------------------------------------------------------


def disable(story, *ids: int) -> enterprises.Batch:
    return enterprises.disable_enterprises(
        story.dependencies, EVERYWHERE, [public_id(one) for one in ids], REASON, actor=ACTOR
    )


def test_a_disabled_enterprise_signs_its_leads_out(story, one):
    sign_in(story, 1)
    assert open_doors() == 3
    assert disable(story, one) == enterprises.Batch(1, 0)
    assert open_doors() == 0
    assert disable(story, one) == enterprises.Batch(0, 1)


def test_a_lead_with_another_active_enterprise_stays_signed_in(story, one):
    other = story.enterprise("广州骏通货运有限公司", "东涌镇", "13900000001")
    sign_in(story, 1)
    disable(story, one)
    assert open_doors() == 3
    disable(story, other)
    assert open_doors() == 0


def test_both_of_a_leads_enterprises_disabled_at_once(story, one):
    other = story.enterprise("广州骏通货运有限公司", "东涌镇", "13900000001")
    sign_in(story, 1)
    assert disable(story, one, other).changed == 2
    assert open_doors() == 0


def test_a_disabled_enterprise_matches_nobody_at_the_gate_until_enabled(story, one):
    story.employ(one, resident_id(1))
    guard = story.guard()
    disable(story, one)

    def match_of(reserved) -> list[object]:
        story.decide(guard, story.scan(guard, reserved.token))
        return [name for (name,) in rows("SELECT enterprise_name FROM passage_enterprise")]

    assert match_of(story.reserve()) == []
    enterprises.enable_enterprise(
        story.dependencies, EVERYWHERE, public_id(one), {"reason": "恢复经营"}, actor=ACTOR
    )
    assert match_of(story.reserve()) == ["广州顺达物流有限公司"]


def test_disabling_needs_a_reason(story, one):
    with pytest.raises(InvalidForm):
        enterprises.disable_enterprises(
            story.dependencies, EVERYWHERE, [public_id(one)], {"reason": " "}, actor=ACTOR
        )
    assert rows("SELECT count(*) FROM enterprise WHERE disabled_at IS NULL") == [(1,)]


# ---- moving ------------------------------------------------------------------------------------


def test_a_moved_enterprise_leaves_its_past_with_the_old_town(story, one):
    """SEC-C08: counts too."""
    towns = story.district.town_ids
    old, new = TownScope(towns["黄阁镇"]), TownScope(towns["东涌镇"])
    story.employ(one, resident_id(1))
    guard = story.guard()
    story.decide(guard, story.scan(guard, story.reserve().token))
    request = PageRequest()
    (row,) = show_ledger(story.dependencies, old, NOTHING, request).page.rows
    assert row.passage_count == 1

    done = enterprises.move_enterprises(
        story.dependencies,
        EVERYWHERE,
        [public_id(one)],
        {"town": str(towns["东涌镇"])},
        actor=ACTOR,
    )
    assert done == enterprises.Batch(1, 0)
    assert show_ledger(story.dependencies, old, NOTHING, request).page.rows == []
    (row,) = show_ledger(story.dependencies, new, NOTHING, request).page.rows
    assert row.passage_count == 0
    (row,) = show_ledger(story.dependencies, EVERYWHERE, NOTHING, request).page.rows
    assert row.passage_count == 1
    with pytest.raises(NotFound):
        show_enterprise(story.dependencies, old, public_id(one), actor=ACTOR)


# ---- leads -------------------------------------------------------------------------------------


def change(story, one: int, *, phone: str = "", name: str = "负责人", lead_id: int = 1) -> bool:
    before = {"name": "负责人", "phone": mask_phone(_phone(lead_id))}
    return enterprise_leads.change_lead(
        story.dependencies,
        EVERYWHERE,
        public_id(one),
        public_id(lead_id, "lead"),
        {"lead_name": name, "lead_phone": phone},
        before=before,
        actor=ACTOR,
    )


def test_a_replaced_number_ends_the_sessions_and_is_told(story, one, sandbox):
    story.enterprise("广州骏通货运有限公司", "东涌镇", "13900000001")
    sign_in(story, 1)
    assert change(story, one, phone="13900000088")
    assert open_doors() == 0
    story.send_all()
    ((to, said),) = [(one["to"], one["text"]) for one in sandbox.messages(channel="sms")]
    office = story.dependencies.policy.district.office
    assert to == "13900000001"
    assert said == (
        "广州顺达物流有限公司、广州骏通货运有限公司登记的负责人手机号已变更，"
        f"本号码不再管理该企业。如有疑问，请联系{office}。"
    )
    actions = rows("SELECT action, object_id FROM audit_entry WHERE object_kind = 'enterprise'")
    assert actions == [("change_lead_phone", "1"), ("change_lead_phone", "2")]
    assert "139000000" not in str(rows("SELECT details FROM audit_entry"))


def test_a_number_that_comes_back_is_told_again(story, one):
    for phone in ("13900000088", "13900000001", "13900000088"):
        assert change(story, one, phone=phone)
    assert rows("SELECT count(*) FROM notification") == [(3,)]


def test_renaming_keeps_the_sessions_and_tells_nobody(story, one):
    sign_in(story, 1)
    assert change(story, one, name="林海燕")
    assert open_doors() == 3
    assert rows("SELECT count(*) FROM notification") == [(0,)]


def test_a_number_of_another_lead_is_refused_by_name(story, one):
    story.enterprise("广州骏通货运有限公司", "东涌镇", "13900000002")
    with pytest.raises(InvalidForm) as refused:
        change(story, one, phone="13900000002")
    assert refused.value.errors["lead_phone"].code == "lead.phone_taken"
    assert _phone(1) == "13900000001"


def test_the_main_lead_changes_and_the_former_can_go(story, one):
    raw = {"lead_name": "林海燕", "lead_phone": "13900000002"}
    place = (story.dependencies, EVERYWHERE, public_id(one))
    enterprise_leads.add_lead(*place, raw, actor=ACTOR)
    first, second = public_id(1, "lead"), public_id(2, "lead")
    with pytest.raises(enterprise_leads.MainLeadStays):
        enterprise_leads.remove_lead(*place, first, actor=ACTOR)
    sign_in(story, 1)
    enterprise_leads.set_main_lead(*place, second, actor=ACTOR)
    assert open_doors() == 3
    enterprise_leads.remove_lead(*place, first, actor=ACTOR)
    assert open_doors() == 0
    _, leads = show_leads(*place)
    assert [(lead.name, lead.is_main) for lead in leads] == [("林海燕", True)]
    with pytest.raises(NotFound):
        enterprise_leads.remove_lead(*place, first, actor=ACTOR)


def test_nobody_is_a_lead_twice(story, one):
    raw = {"lead_name": "负责人", "lead_phone": "139 0000 0001"}
    with pytest.raises(InvalidForm) as refused:
        enterprise_leads.add_lead(story.dependencies, EVERYWHERE, public_id(one), raw, actor=ACTOR)
    assert refused.value.errors["lead_phone"].code == "lead.twice"


def test_a_lead_of_another_enterprise_is_not_there(story, one):
    story.enterprise("广州骏通货运有限公司", "东涌镇", "13900000002")
    place = (story.dependencies, EVERYWHERE, public_id(one))
    for act in (enterprise_leads.set_main_lead, enterprise_leads.remove_lead):
        with pytest.raises(NotFound):
            act(*place, public_id(2, "lead"), actor=ACTOR)
    with pytest.raises(NotFound):
        enterprise_leads.reveal_lead_phone(*place, public_id(2, "lead"), actor=ACTOR)
