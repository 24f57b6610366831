"""Everything the sandbox knows, in memory; a reset forgets all but the people."""

from __future__ import annotations

import secrets

import requests

from wxbackend.sandbox.clock import Clock
from wxbackend.sandbox.courier import Courier
from wxbackend.sandbox.faults import FaultBoard
from wxbackend.sandbox.health_records import HealthRecords
from wxbackend.sandbox.inbox import Inbox
from wxbackend.sandbox.journal import Journal
from wxbackend.sandbox.mini_program.account import MiniProgram
from wxbackend.sandbox.options import Options
from wxbackend.sandbox.personas import Persona, PersonaBook, PersonaError, read_personas
from wxbackend.sandbox.sms.receipts import ReceiptDesk
from wxbackend.sandbox.tif import NonceBook
from wxbackend.sandbox.wechat.account import OfficialAccount
from wxbackend.sandbox.weijing.desk import IdentityDesk
from wxbackend.sandbox.yuezhengyi.office import MessageOffice


class World:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.personas: PersonaBook = read_personas(options.personas_file)
        self.push_url = options.app_url.rstrip("/") + options.push_path if options.push_path else ""
        path = options.receipts_path
        self.receipts_url = options.app_url.rstrip("/") + path if path else ""
        self.courier = Courier()
        self.http = requests.Session()
        self.http.trust_env = False
        self.clock = Clock()
        self.faults = FaultBoard()
        self._start_afresh()

    def reset(self) -> None:
        """Forget everything but the credentials and the people; let go of the calls being held."""
        self.faults.remove()
        self.courier.forget()
        self.clock.offset_seconds = 0.0
        self._start_afresh()

    def _start_afresh(self) -> None:
        self.inbox = Inbox(self.clock)
        self.journal = Journal(self.clock)
        self.wechat = OfficialAccount(self.clock)
        self.mini_program = MiniProgram(self.clock)
        self.weijing = IdentityDesk(self.clock)
        self.yuezhengyi = MessageOffice(self.clock)
        self.receipts = ReceiptDesk()
        self.health_records = HealthRecords()
        self.nonces = NonceBook(self.clock)
        self.turn_page()

    def turn_page(self) -> None:
        """Tell the pages that follow the inbox and the journal that their numbers start anew."""
        self.page = secrets.token_hex(6)

    def change_persona(self, openid: str, fields: dict[str, object]) -> Persona:
        """Add or change a person; who stops following loses the tags.

        Raises:
            PersonaError: see `PersonaBook.put`.
        """
        persona = self.personas.put(openid, fields)
        if not persona.subscribed:
            self.wechat.tags.strip(openid)
        return persona

    def get_persona(self, openid: str | None) -> Persona:
        """The person.

        Raises:
            PersonaError: there is nobody with this openid.
        """
        persona = self.personas.find(openid)
        if persona is None:
            raise PersonaError(f"no persona with openid {openid or '(none)'}")
        return persona
