"""The outside world in one hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wxbackend.domain.keys import KeyRing
from wxbackend.gateways.interfaces.health import HealthRegistry
from wxbackend.gateways.interfaces.identity import IdentityProvider
from wxbackend.gateways.interfaces.menus import MenuDesk
from wxbackend.gateways.interfaces.messages import MemberMessenger, SmsSender
from wxbackend.gateways.interfaces.mini_program import MiniProgram
from wxbackend.gateways.interfaces.pushes import PushEnvelopes
from wxbackend.gateways.interfaces.sheets import (
    ConfinedWorks,
    DropFolders,
    TableMaker,
    TemplateWriter,
)
from wxbackend.gateways.interfaces.stores import FileStore, SharedStore
from wxbackend.gateways.interfaces.wechat import WechatAccount
from wxbackend.gateways.interfaces.works import ImageCleaner, PasswordHasher, QrPainter, Wording


@dataclass(frozen=True, slots=True)
class Gateways:
    """The outside world in one hand, as the composition root gives it to handlers and jobs."""

    keys: KeyRing
    wechat: WechatAccount
    pushes: PushEnvelopes | None  # None: switched off
    mini_program: MiniProgram
    menus: MenuDesk
    identity: IdentityProvider
    sms: Sequence[SmsSender]  # in the order of preference; each says what it carries
    members: MemberMessenger
    registry: HealthRegistry
    shared: SharedStore
    files: FileStore
    images: ImageCleaner
    qr: QrPainter
    passwords: PasswordHasher
    wording: Wording
    tables: TableMaker
    file_checks: ConfinedWorks
    drops: DropFolders
    templates: TemplateWriter
