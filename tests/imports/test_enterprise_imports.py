"""Enterprises and their main leads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.accounts import Binding, WechatUser
from models.audit import AuditEntry, AuditPersonalPart
from models.enterprises import Enterprise, EnterpriseLead, Lead
from models.imports import ImportRun
from models.notifications import Notification
from models.places import Town
from models.sessions import BrowserSession
from tests.imports.desk import Desk
from tests.people import credit_code
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.notifications import Channel, NotificationKind
from wxbackend.services.import_reports import preview_lines

KIND = ImportKind.ENTERPRISES
OLD, NEW = "13800000001", "13900000002"


def row(number: int, *, phone: str = OLD, lead: str = "林海燕", **more: str) -> list[str | None]:
    return [
        more.get("name", f"广州顺达{number}物流有限公司"),
        credit_code(number),
        more.get("town", "黄阁镇"),
        lead,
        phone,
        more.get("address", "黄阁大道1号"),
        more.get("kind"),
        more.get("remark"),
    ]


def main_leads(desk: Desk) -> dict[int, str]:
    phones = {lead.id: lead.phone for lead in desk.all(Lead)}
    links = desk.all(EnterpriseLead)
    return {link.enterprise_id: phones[link.lead_id] for link in links if link.is_main}


def test_a_new_enterprise_comes_with_its_main_lead(desk):
    done = desk.take(KIND, [row(1), row(2, phone=NEW, lead="陈志强")])
    assert (done.new, done.changed, done.unchanged, done.wrong) == (2, 0, 0, 0)
    first, second = desk.all(Enterprise)
    towns = {town.id: town.name for town in desk.all(Town)}
    assert (first.name, first.credit_code) == ("广州顺达1物流有限公司", credit_code(1))
    assert (towns[first.town_id], first.address, first.kind) == ("黄阁镇", "黄阁大道1号", "")
    assert first.created_at == first.updated_at == desk.now
    assert main_leads(desk) == {first.id: OLD, second.id: NEW}


def test_the_same_file_twice_changes_nothing(desk):
    desk.take(KIND, [row(1), row(2)])
    before = [(e.id, e.updated_at) for e in desk.all(Enterprise)]
    desk.clock.advance(hours=1)
    again = desk.take(KIND, [row(1), row(2)])
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert [(e.id, e.updated_at) for e in desk.all(Enterprise)] == before
    assert desk.count(Lead) == 1


def test_several_enterprises_share_a_lead(desk):
    desk.take(KIND, [row(1), row(2), row(3)])
    assert desk.count(Lead) == 1
    assert desk.count(EnterpriseLead) == 3


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"name": "广州骏通货运有限公司"}, "name", "广州骏通货运有限公司"),
        ({"address": "新路 2 号"}, "address", "新路 2 号"),
        ({"kind": "仓储"}, "kind", "仓储"),
        ({"remark": "重点企业"}, "remark", "重点企业"),
    ],
)
def test_a_changed_cell_changes_the_enterprise(desk, change, column, value):
    desk.take(KIND, [row(1)])
    desk.clock.advance(hours=1)
    done = desk.take(KIND, [row(1, **change)])
    assert (done.changed, done.main_lead_changes) == (1, 0)
    (enterprise,) = desk.all(Enterprise)
    assert getattr(enterprise, column) == value
    assert enterprise.updated_at == desk.now


def test_an_empty_cell_leaves_what_is_stored(desk):
    desk.take(KIND, [row(1, remark="重点企业")])
    assert desk.take(KIND, [row(1, address="", remark="")]).unchanged == 1
    (enterprise,) = desk.all(Enterprise)
    assert (enterprise.address, enterprise.remark) == ("黄阁大道1号", "重点企业")


def test_a_moved_enterprise_changes_its_town(desk):
    desk.take(KIND, [row(1)])
    assert desk.take(KIND, [row(1, town="东涌")]).changed == 1
    names = {town.id: town.name for town in desk.all(Town)}
    assert names[desk.all(Enterprise)[0].town_id] == "东涌镇"


def test_a_lead_under_a_new_name_keeps_the_phone(desk):
    desk.take(KIND, [row(1)])
    done = desk.take(KIND, [row(1, lead="林海生")])
    assert (done.changed, done.main_lead_changes) == (1, 0)
    assert [(lead.name, lead.phone) for lead in desk.all(Lead)] == [("林海生", OLD)]


def test_a_changed_phone_moves_the_main_lead_and_is_flagged(desk):
    desk.take(KIND, [row(1), row(2)])
    rows = [row(2), row(1, phone=NEW)]
    checked = desk.check(KIND, rows)
    assert (checked.changed, checked.unchanged, checked.main_lead_changes) == (1, 1, 1)
    assert checked.main_lead_rows == (3,)
    assert any(
        "负责人手机号变更 1 家企业（第 3 行）" in t for t in preview_lines(desk.wording, checked)
    )
    desk.take(KIND, rows)
    first, second = desk.all(Enterprise)
    assert main_leads(desk) == {first.id: NEW, second.id: OLD}
    assert desk.count(EnterpriseLead) == 2


def test_a_changed_phone_is_audited_with_numbers_in_the_erasable_part(desk):
    desk.take(KIND, [row(1)])
    desk.take(KIND, [row(1, phone=NEW)])
    (entry,) = [e for e in desk.all(AuditEntry) if e.action == "change_main_lead"]
    (enterprise,) = desk.all(Enterprise)
    assert (entry.object_kind, entry.object_id) == ("enterprise", str(enterprise.id))
    assert OLD not in str(entry.details)
    (part,) = desk.all(AuditPersonalPart)
    assert part.entry_id == entry.id
    assert part.content == {"former_phone": OLD, "phone": NEW}


def test_the_former_number_is_told_by_sms_each_time(desk):
    desk.take(KIND, [row(1)])
    assert desk.all(Notification) == []
    for phone in (NEW, OLD, NEW):
        desk.take(KIND, [row(1, phone=phone)])
    told = desk.all(Notification)
    assert [letter.address for letter in told] == [OLD, NEW, OLD]
    assert {(letter.channel, letter.kind) for letter in told} == {
        (Channel.SMS, NotificationKind.LEAD_REPLACED)
    }
    assert told[0].content["text"] == (
        "广州顺达1物流有限公司登记的负责人手机号已变更，本号码不再管理该企业。"
        f"如有疑问，请联系{desk.policy.district.office}。"
    )
    assert (told[0].recipient_name, told[0].recipient_unit) == ("林海燕", "广州顺达1物流有限公司")


def test_the_history_says_what_an_import_made_and_changed(desk):
    desk.take(KIND, [row(1)])
    desk.take(KIND, [row(1, name="广州骏通货运有限公司", remark="联系人林海燕")])
    entries = [e for e in desk.all(AuditEntry) if e.object_kind == "enterprise"]
    assert [entry.action for entry in entries] == ["create_enterprise", "edit_enterprise"]
    assert entries[1].details["changed"] == {
        "name": ["广州顺达1物流有限公司", "广州骏通货运有限公司"],
        "remark": [],
    }
    (part,) = desk.all(AuditPersonalPart)
    assert part.content == {"remark": ["", "联系人林海燕"]}


def sign_in(desk: Desk, lead: Lead) -> None:
    user = WechatUser(app_id="wx", openid=f"o{lead.id}", created_at=desk.now)
    desk.add(user)
    (user_id,) = [u.id for u in desk.all(WechatUser) if u.openid == f"o{lead.id}"]
    times = {"created_at": desk.now, "seen_at": desk.now}
    desk.add(
        BrowserSession(
            secret_hash=b"%032d" % lead.id,
            lead_id=lead.id,
            expires_at=desk.now + timedelta(days=1),
            **times,
        ),
        Binding(wechat_user_id=user_id, lead_id=lead.id, created_at=desk.now),
    )


def test_a_lead_without_enterprises_is_signed_out_at_once(desk):
    desk.take(KIND, [row(1)])
    sign_in(desk, desk.all(Lead)[0])
    desk.take(KIND, [row(1, phone=NEW)])
    assert desk.count(BrowserSession) == 0
    assert [binding.ended_at for binding in desk.all(Binding)] == [desk.now]


def test_a_lead_with_another_enterprise_stays_signed_in(desk):
    desk.take(KIND, [row(1), row(2)])
    sign_in(desk, desk.all(Lead)[0])
    desk.take(KIND, [row(1, phone=NEW)])
    assert desk.count(BrowserSession) == 1
    assert [binding.ended_at for binding in desk.all(Binding)] == [None]


def test_a_lead_who_only_changes_places_stays_signed_in(desk):
    """In one file the lead loses one enterprise and gets another."""
    desk.take(KIND, [row(1)])
    sign_in(desk, desk.all(Lead)[0])
    desk.take(KIND, [row(1, phone=NEW), row(2, phone=OLD)])
    assert desk.count(BrowserSession) == 1


def test_a_further_lead_becomes_the_main_one_without_a_second_link(desk):
    desk.take(KIND, [row(1), row(2, phone=NEW, lead="陈志强")])
    first, _ = desk.all(Enterprise)
    (other,) = [lead for lead in desk.all(Lead) if lead.phone == NEW]
    desk.add(EnterpriseLead(enterprise_id=first.id, lead_id=other.id, is_main=False))
    desk.take(KIND, [row(1, phone=NEW, lead="陈志强")])
    assert main_leads(desk)[first.id] == NEW
    links = [link for link in desk.all(EnterpriseLead) if link.enterprise_id == first.id]
    assert len(links) == 1


def test_further_leads_stay(desk):
    desk.take(KIND, [row(1), row(2, phone=NEW, lead="陈志强")])
    first, _ = desk.all(Enterprise)
    (other,) = [lead for lead in desk.all(Lead) if lead.phone == NEW]
    desk.add(EnterpriseLead(enterprise_id=first.id, lead_id=other.id, is_main=False))
    desk.take(KIND, [row(1, phone="13700000003", lead="王某某")])
    links = [link for link in desk.all(EnterpriseLead) if link.enterprise_id == first.id]
    assert sorted(link.is_main for link in links) == [False, True]


def test_an_enterprise_without_a_main_lead_gets_one_unflagged(desk):
    town = desk.all(Town)[0]
    times = {"created_at": desk.now, "updated_at": desk.now}
    desk.add(Enterprise(name="旧名", credit_code=credit_code(1), town_id=town.id, **times))
    done = desk.take(KIND, [row(1)])
    assert (done.changed, done.main_lead_changes) == (1, 0)
    assert list(main_leads(desk).values()) == [OLD]


def test_a_disabled_enterprise_stays_disabled(desk):
    town = desk.all(Town)[0]
    times = {"created_at": desk.now, "updated_at": desk.now, "disabled_at": desk.now}
    desk.add(Enterprise(name="旧名", credit_code=credit_code(1), town_id=town.id, **times))
    desk.take(KIND, [row(1)])
    (enterprise,) = desk.all(Enterprise)
    assert (enterprise.name, enterprise.disabled_at) == ("广州顺达1物流有限公司", desk.now)


def test_contradictions_inside_a_file_are_wrong_rows(desk):
    rows = [row(1), row(1), row(1, name="别的公司"), row(2, lead="陈某某")]
    checked = desk.check(KIND, rows)
    assert (checked.new, checked.unchanged, checked.wrong) == (1, 1, 2)
    assert desk.problems() == [
        (4, "credit_code", "import.row.repeated"),
        (5, "lead_name", "import.row.other_lead_name"),
    ]
    assert desk.reasons()[0] == "与第 2 行重复，但内容不同"


def test_more_enterprises_than_a_batch_share_leads_and_change_leads(desk):
    """The batches of one import see each other's leads."""
    rows = [row(n, phone=f"1380000{n % 7:04}", lead="林海燕") for n in range(1_205)]
    assert desk.take(KIND, rows).new == 1_205
    assert desk.count(Lead) == 7
    moved = [row(n, phone=f"1390000{n % 7:04}", lead="林海燕") for n in range(1_205)]
    done = desk.take(KIND, moved)
    assert (done.changed, done.main_lead_changes, len(done.main_lead_rows)) == (1_205, 1_205, 20)
    assert desk.count(EnterpriseLead) == 1_205
    assert set(main_leads(desk).values()) == {f"1390000{n:04}" for n in range(7)}


def test_the_import_is_in_the_history_and_in_the_audit_log(desk):
    desk.take(KIND, [row(1)])
    (run,) = desk.all(ImportRun)
    assert (run.kind, run.file_name, run.new_rows) == ("enterprises", "enterprises.xlsx", 1)
    assert len(run.file_sha256) == 64
    assert run.account_id is None
    entry = desk.all(AuditEntry)[-1]
    assert (entry.action, entry.object_kind, entry.object_id) == (
        "import",
        "import_run",
        str(run.id),
    )
    assert entry.details["file_sha256"] == run.file_sha256
    assert entry.details["new_rows"] == 1
