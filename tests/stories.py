"""The product's story in steps at the level of the services, for tests that begin in its middle."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests
from sqlalchemy import text

from models.accounts import get_or_create_wechat_user
from models.database import reading, transaction
from models.employees import Employee
from models.enterprises import AlertRecipient, Audience, Enterprise, EnterpriseLead, Lead
from models.health_registers import NucleicAcidTestRow, VaccinationRow
from models.reservations import find_reservation
from tests.people import ACTOR, District, credit_code, form_of, make_district, resident_id
from tests.servers import Sandbox
from wxbackend.domain.gate import ScanMeans
from wxbackend.domain.identity_documents import IdType
from wxbackend.domain.nucleic_acid import NucleicAcidResult
from wxbackend.domain.pass_codes import parse_token
from wxbackend.domain.reservation import Verdict
from wxbackend.domain.roles import Role
from wxbackend.domain.scope import CheckpointScope, DistrictScope, DriverScope
from wxbackend.services import identity, identity_results, passages, reservations
from wxbackend.services.accounts import NewAccount, create_account
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.outbox import send_due
from wxbackend.services.passages import Decision
from wxbackend.services.reservation_views import show_own
from wxbackend.services.scans import Guard, open_code
from wxbackend.services.shifts import current_shift, start_shift
from wxbackend.services.visitors import Member

EVERYWHERE = DistrictScope()


@dataclass
class Story:
    """A district with its staff; each method is one step, taken as the product takes it."""

    dependencies: Dependencies
    sandbox: Sandbox
    district: District = field(init=False)
    _guards: int = 0
    _openids: int = 0
    _enterprises: int = 0

    def __post_init__(self) -> None:
        self.district = make_district(self.dependencies)

    # ---- who there is ----

    def driver(self) -> DriverScope:
        """A WeChat user whom the sandbox knows as a follower."""
        self._openids += 1
        openid = f"oTest{self._openids:023}"
        self.sandbox.put(
            f"/sandbox/personas/{openid}",
            {
                "nickname": f"司机{self._openids}",
                "name": "李某某",
                "id_number": resident_id(1),
                "phone": "13800005678",
                "subscribed": True,
            },
        )
        with transaction() as session:
            app_id = self.dependencies.gateways.wechat.app_id
            now = self.dependencies.clock()
            return DriverScope(get_or_create_wechat_user(session, app_id, openid, now=now).id)

    def guard(self, checkpoint: str = "万顷沙卡口") -> Guard:
        """A member of staff of their own, on shift."""
        self._guards += 1
        name = f"guard{self._guards}"
        new = NewAccount(name, Role.CHECKPOINT, f"陈{self._guards}号", checkpoint)
        create_account(self.dependencies, new, must_change=False, actor=ACTOR)
        with reading() as session:
            from models.accounts import find_account

            account = find_account(session, name)
            assert account is not None
            account_id = account.id
        scope = CheckpointScope(self.district.checkpoint_ids[checkpoint])
        member = Member(
            role=Role.CHECKPOINT,
            account_id=account_id,
            lead_id=None,
            account_name=name,
            display_name=new.display_name,
            place=checkpoint,
            scope=scope,
            must_change_password=False,
        )
        start_shift(self.dependencies, member, actor=ACTOR)
        return self.on_shift(member)

    def on_shift(self, member: Member) -> Guard:
        shift = current_shift(self.dependencies, member)
        assert shift is not None
        return Guard(member, shift)

    def on_shift_again(self, guard: Guard) -> Guard:
        start_shift(self.dependencies, guard.member, actor=ACTOR)
        return self.on_shift(guard.member)

    def execute(self, sql: str) -> None:
        """Change rows as another part of the product would."""
        with transaction() as session:
            session.execute(text(sql))

    def enterprise(self, name: str, town: str, *lead_phones: str) -> int:
        self._enterprises += 1
        now = self.dependencies.clock()
        with transaction() as session:
            row = Enterprise(
                name=name,
                credit_code=credit_code(self._enterprises),
                town_id=self.district.town_ids[town],
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            for number, phone in enumerate(lead_phones):
                lead = session.query(Lead).filter(Lead.phone_hash == phone).one_or_none()
                if lead is None:
                    lead = Lead(
                        name="负责人",
                        phone=phone,
                        phone_hash=phone,
                        phone_tail_hash=phone,
                        created_at=now,
                    )
                    session.add(lead)
                    session.flush()
                session.add(
                    EnterpriseLead(enterprise_id=row.id, lead_id=lead.id, is_main=number == 0)
                )
            return row.id

    def employ(self, enterprise_id: int, id_number: str, name: str = "李某某") -> None:
        now = self.dependencies.clock()
        with transaction() as session:
            session.add(
                Employee(
                    enterprise_id=enterprise_id,
                    name=name,
                    id_type=IdType.RESIDENT_ID,
                    id_number=id_number,
                    id_number_hash=id_number,
                    id_number_tail_hash=id_number,
                    phone="13800005678",
                    phone_hash="13800005678",
                    phone_tail_hash="13800005678",
                    created_at=now,
                    updated_at=now,
                )
            )

    def recipient(self, member_id: str, town: str = "") -> None:
        with transaction() as session:
            session.add(
                AlertRecipient(
                    audience=Audience.TOWN if town else Audience.BUREAU,
                    town_id=self.district.town_ids[town] if town else None,
                    name="接收人",
                    member_id=member_id,
                    member_hash=member_id.lower(),
                    created_at=self.dependencies.clock(),
                )
            )

    def test_result(
        self,
        id_number: str,
        *,
        hours_ago: float,
        result: NucleicAcidResult = NucleicAcidResult.NEGATIVE,
    ) -> None:
        from datetime import timedelta

        with transaction() as session:
            session.add(
                NucleicAcidTestRow(
                    id_number=id_number,
                    id_number_hash=id_number,
                    tested_at=self.dependencies.clock() - timedelta(hours=hours_ago),
                    result=result,
                )
            )

    def doses(self, id_number: str, count: int) -> None:
        from datetime import timedelta

        today = self.dependencies.clock().date()
        with transaction() as session:
            for number in range(1, count + 1):
                session.add(
                    VaccinationRow(
                        id_number=id_number,
                        id_number_hash=id_number,
                        dose_number=number,
                        vaccinated_on=today - timedelta(days=100 * (count + 1 - number)),
                    )
                )

    # ---- what they do ----

    def submit(self, scope: DriverScope, key: str = "", **changes: str) -> str:
        """A submitted form; the reservation's public id."""
        form = form_of(self.district, self.dependencies.clock(), **changes)
        key = key or reservations.new_submission_key()
        return reservations.submit(
            self.dependencies, scope, form, submission_key=key, actor=ACTOR
        ).public_id

    def identify(self, scope: DriverScope, public_id: str, outcome: str = "pass") -> None:
        """The identity check, ended at the sandbox's page, and the way back."""
        page = identity.begin_check(self.dependencies, scope, public_id, actor=ACTOR)
        identity_results.come_back(self.dependencies, return_key_of(answer_page(page, outcome)))

    def reserve(self, scope: DriverScope | None = None, **changes: str) -> Reserved:
        scope = scope or self.driver()
        public_id = self.submit(scope, **changes)
        if changes.get("id_type", "resident_id") == "resident_id":
            self.identify(scope, public_id)
        shown = show_own(self.dependencies, scope, public_id).shown_pass
        assert shown is not None
        return Reserved(scope, public_id, shown.link.rpartition("/")[2], shown.short_code)

    def scan(self, guard: Guard, token: str) -> str:
        code = parse_token(token)
        assert code is not None
        return open_code(self.dependencies, guard, code, means=ScanMeans.LINK, actor=ACTOR)

    def decide(
        self,
        guard: Guard,
        scan_id: str,
        verdict: Verdict = Verdict.ALLOWED,
        reason: str = "",
        request_id: str = "",
    ) -> Decision:
        return passages.decide(
            self.dependencies,
            guard,
            scan_public_id=scan_id,
            verdict=verdict,
            reason=reason,
            request_id=request_id or passages.new_request_id(),
            actor=ACTOR,
        )

    def state_of(self, public_id: str) -> str:
        with reading() as session:
            row = find_reservation(session, EVERYWHERE, public_id)
            assert row is not None
            return row.state.value

    def send_all(self) -> None:
        while send_due(self.dependencies, holder="test", limit=50):
            pass


@dataclass(frozen=True)
class Reserved:
    scope: DriverScope
    public_id: str
    token: str
    short_code: str


def answer_page(page_url: str, outcome: str) -> str:
    """Answer the identity page; where it sends the browser."""
    answer = requests.get(f"{page_url}&outcome={outcome}", allow_redirects=False, timeout=20)
    assert answer.status_code in {302, 303}, answer.text[:300]
    return answer.headers["Location"]


def return_key_of(address: str) -> str:
    return address.partition("/i/")[2].partition("?")[0]
