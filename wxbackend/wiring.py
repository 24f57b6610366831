"""From settings to the real gateways; with other addresses the same ones talk to the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wxbackend.config.settings import Settings, TifSettings
from wxbackend.config.sms_settings import MasSettings, SmsProvider, SmsSettings
from wxbackend.domain.notifications import NotificationKind
from wxbackend.gateways.aliyun_sms import AliyunSender
from wxbackend.gateways.confined import ChildProcesses
from wxbackend.gateways.drop_folder import DropFolder
from wxbackend.gateways.file_store import DirectoryStore
from wxbackend.gateways.health_registry import HttpHealthRegistry
from wxbackend.gateways.images import PillowCleaner
from wxbackend.gateways.interfaces.gateways import Gateways
from wxbackend.gateways.interfaces.health import HealthRegistry
from wxbackend.gateways.interfaces.messages import SmsSender
from wxbackend.gateways.interfaces.stores import SharedStore
from wxbackend.gateways.interfaces.works import PasswordHasher
from wxbackend.gateways.key_ring import read_key_file
from wxbackend.gateways.mas import MasSender
from wxbackend.gateways.qr import PngPainter
from wxbackend.gateways.shared_store import MemoryStore, RedisStore
from wxbackend.gateways.spreadsheet_writer import ExcelTables
from wxbackend.gateways.templates import XlsxTemplates
from wxbackend.gateways.tencent_sms import TencentSender
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.wechat.account import OfficialAccount, Template
from wxbackend.gateways.wechat.calls import WechatCalls
from wxbackend.gateways.wechat.menus import AccountMenus
from wxbackend.gateways.wechat.mini_program import WechatMiniProgram
from wxbackend.gateways.wechat.pushes import SafeModePushes
from wxbackend.gateways.wechat.session import WechatSession
from wxbackend.gateways.weijing import WeijingProvider
from wxbackend.gateways.wording import WordingCatalogue
from wxbackend.gateways.yuezhengyi import YuezhengyiMessenger

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
WORDING_FOLDER = _TEMPLATES / "wording"
MENU_FILE = _TEMPLATES / "menus.toml"


@dataclass(frozen=True, slots=True)
class Wired:
    """The gateways, and the secret that signs cookies (it comes from the same key file)."""

    gateways: Gateways
    cookie_secret: str


def wire(
    settings: Settings,
    *,
    registry_in_tables: HealthRegistry,
    passwords: PasswordHasher,
    clock: Callable[[], datetime],
) -> Wired:
    """Raises: KeyFileError."""
    keys, cookie_secret = read_key_file(settings.storage.key_file)
    store = _shared_store(settings)
    registry = registry_in_tables
    if settings.health_registry.kind == "http":
        registry = HttpHealthRegistry(
            base_url=settings.health_registry.base_url,
            tif=_tif(settings.health_registry.tif),
        )
    files = DirectoryStore(settings.storage.files_folder, keys)
    calls = _wechat_calls(settings, store, clock)
    gateways = Gateways(
        keys=keys,
        mini_program=_mini_program(settings, store, clock),
        wechat=_wechat(settings, store, calls),
        pushes=_pushes(settings),
        menus=AccountMenus(calls, file=MENU_FILE, base_url=settings.server.public_base_url),
        identity=_weijing(settings, store),
        sms=sms_senders(settings),
        members=_yuezhengyi(settings, store, files),
        registry=registry,
        shared=store,
        files=files,
        images=PillowCleaner(most_pixels=settings.images.most_pixels),
        qr=PngPainter(),
        passwords=passwords,
        wording=WordingCatalogue(WORDING_FOLDER),
        tables=ExcelTables(),
        file_checks=ChildProcesses(
            settings.storage.files_folder / "work", module="wxbackend.jobs.file_check"
        ),
        drops=DropFolder(
            settings.imports.watched_folder, settled_after=settings.imports.settled_after
        ),
        templates=XlsxTemplates(),
    )
    return Wired(gateways, cookie_secret)


def _shared_store(settings: Settings) -> SharedStore:
    url = settings.storage.shared_store_url
    return RedisStore(url) if url else MemoryStore()


def _wechat_calls(
    settings: Settings, store: SharedStore, clock: Callable[[], datetime]
) -> WechatCalls:
    wechat = settings.wechat
    session = WechatSession(api_base_url=wechat.api_base_url, timeout=wechat.timeout)
    return WechatCalls(
        store,
        app_id=wechat.app_id,
        app_secret=wechat.app_secret,
        session=session,
        clock=clock,
    )


def _wechat(settings: Settings, store: SharedStore, calls: WechatCalls) -> OfficialAccount:
    wechat = settings.wechat
    made, decided = wechat.templates.reservation_made, wechat.templates.passage_decided
    return OfficialAccount(
        store,
        calls,
        open_base_url=wechat.open_base_url,
        templates={
            NotificationKind.RESERVATION_MADE: Template(made.id, made.fields),
            NotificationKind.PASSAGE_DECIDED: Template(decided.id, decided.fields),
        },
        by_subscription=wechat.messages == "subscription",
    )


def _pushes(settings: Settings) -> SafeModePushes | None:
    push = settings.wechat.push
    if not push.enabled:
        return None
    return SafeModePushes(
        token=push.token,
        aes_key=push.aes_key,
        app_id=settings.wechat.app_id,
        original_id=push.original_id,
    )


def _mini_program(
    settings: Settings, store: SharedStore, clock: Callable[[], datetime]
) -> WechatMiniProgram:
    program, wechat = settings.mini_program, settings.wechat
    made, decided = program.templates.reservation_made, program.templates.passage_decided
    session = WechatSession(api_base_url=wechat.api_base_url, timeout=wechat.timeout)
    calls = WechatCalls(
        store,
        app_id=program.app_id,
        app_secret=program.app_secret,
        session=session,
        clock=clock,
    )
    return WechatMiniProgram(
        calls,
        templates={
            NotificationKind.RESERVATION_MADE: Template(made.id, made.fields),
            NotificationKind.PASSAGE_DECIDED: Template(decided.id, decided.fields),
        },
        scan_page=program.scan_page,
        reservation_page=program.reservation_page,
        version=program.version,
    )


def _weijing(settings: Settings, store: SharedStore) -> WeijingProvider:
    weijing = settings.weijing
    return WeijingProvider(
        store,
        base_url=weijing.base_url,
        web_url=weijing.web_url,
        client_id=weijing.client_id,
        client_secret=weijing.client_secret,
        timeout=weijing.timeout,
    )


def sms_senders(settings: Settings) -> Sequence[SmsSender]:
    sms = settings.sms
    makers: dict[SmsProvider, Callable[[], SmsSender]] = {
        SmsProvider.MAS: lambda: _mas(sms, SmsProvider.MAS, sms.mas),
        SmsProvider.MAS2: lambda: _mas(sms, SmsProvider.MAS2, sms.mas2),
        SmsProvider.TENCENT: lambda: _tencent(sms),
        SmsProvider.ALIYUN: lambda: _aliyun(sms),
    }
    return tuple(makers[provider]() for provider in sms.providers)


def _mas(sms: SmsSettings, provider: SmsProvider, mas: MasSettings) -> MasSender:
    return MasSender(
        provider.value,
        base_url=mas.base_url,
        ec_name=mas.ec_name,
        ap_id=mas.ap_id,
        secret_key=mas.secret_key,
        sign=mas.sign,
        add_serial=mas.add_serial,
        templates=sms.templates_of(provider),
        takes_free_texts=mas.free_texts,
        timeout=mas.timeout,
    )


def _tencent(sms: SmsSettings) -> TencentSender:
    tencent = sms.tencent
    return TencentSender(
        base_url=tencent.base_url,
        region=tencent.region,
        secret_id=tencent.secret_id,
        secret_key=tencent.secret_key,
        sdk_app_id=tencent.sdk_app_id,
        sign_name=tencent.sign_name,
        templates=sms.templates_of(SmsProvider.TENCENT),
        timeout=tencent.timeout,
    )


def _aliyun(sms: SmsSettings) -> AliyunSender:
    aliyun = sms.aliyun
    return AliyunSender(
        base_url=aliyun.base_url,
        region=aliyun.region,
        access_key_id=aliyun.access_key_id,
        access_key_secret=aliyun.access_key_secret,
        sign_name=aliyun.sign_name,
        templates=sms.templates_of(SmsProvider.ALIYUN),
        timeout=aliyun.timeout,
    )


def _yuezhengyi(
    settings: Settings, store: SharedStore, files: DirectoryStore
) -> YuezhengyiMessenger:
    yuezhengyi = settings.yuezhengyi
    return YuezhengyiMessenger(
        store,
        files,
        base_url=yuezhengyi.base_url,
        corp_id=yuezhengyi.corp_id,
        corp_secret=yuezhengyi.corp_secret,
        agent_id=yuezhengyi.agent_id,
        tif=_tif(yuezhengyi.tif),
        timeout=yuezhengyi.timeout,
    )


def _tif(tif: TifSettings) -> TifSigner:
    return TifSigner(tif.paas_id, tif.paas_token, tif.signature_case == "upper")
