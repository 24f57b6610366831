"""Every setting there is, typed; the values and their meaning stand in config.example.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from wxbackend.config.loading import ConfigurationError, Secret, Url, build, read_files
from wxbackend.config.sms_settings import SmsSettings, sms_problems, sms_production_problems
from wxbackend.domain.policy import (
    ApiPolicy,
    DigestPolicy,
    District,
    GatePolicy,
    ImagePolicy,
    ImportPolicy,
    NotificationPolicy,
    Policy,
    ReservationPolicy,
    SignInPolicy,
)
from wxbackend.domain.template_fields import kind_of


@dataclass(frozen=True, slots=True)
class ServerSettings:
    public_base_url: Url
    trusted_proxies: int


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    url: Secret
    pool_size: int


@dataclass(frozen=True, slots=True)
class StorageSettings:
    shared_store_url: Secret
    files_folder: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class JobSettings:
    embedded: bool
    sending_threads: int
    code_threads: int
    watch_every: timedelta


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    format: Literal["json", "text"]


@dataclass(frozen=True, slots=True)
class TifSettings:
    """The headers of the provincial gateway; an empty `paas_id` leaves them out."""

    paas_id: str
    paas_token: Secret
    signature_case: Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """A WeChat template: its id, and which of our facts each of its fields shows."""

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WechatTemplateSettings:
    reservation_made: TemplateSettings
    passage_decided: TemplateSettings


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What WeChat's pushes are signed and sealed with; only the safe mode is taken."""

    enabled: bool
    original_id: str
    token: Secret
    aes_key: Secret


@dataclass(frozen=True, slots=True)
class WechatSettings:
    app_id: str
    app_secret: Secret
    api_base_url: Url
    open_base_url: Url
    js_sdk_url: Url
    client_cookie: str
    timeout: timedelta
    verification_files: Mapping[str, str]
    push: PushSettings
    messages: Literal["template", "subscription"]
    templates: WechatTemplateSettings


@dataclass(frozen=True, slots=True)
class MiniProgramSettings:
    """An empty `app_id`: there is no mini-program. WeChat's addresses are the account's."""

    app_id: str
    app_secret: Secret
    version: Literal["release", "trial", "develop"]
    scan_page: str
    reservation_page: str
    templates: WechatTemplateSettings


@dataclass(frozen=True, slots=True)
class WeijingSettings:
    base_url: Url
    web_url: Url
    client_id: str
    client_secret: Secret
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class YuezhengyiSettings:
    base_url: Url
    corp_id: str
    corp_secret: Secret
    agent_id: int
    timeout: timedelta
    tif: TifSettings


@dataclass(frozen=True, slots=True)
class HealthRegistrySettings:
    kind: Literal["tables", "http"]
    base_url: Url
    tif: TifSettings


@dataclass(frozen=True, slots=True)
class Settings:
    environment: Literal["production", "development"]
    server: ServerSettings
    database: DatabaseSettings
    storage: StorageSettings
    jobs: JobSettings
    logging: LoggingSettings
    district: District
    reservation: ReservationPolicy
    images: ImagePolicy
    gate: GatePolicy
    sign_in: SignInPolicy
    api: ApiPolicy
    notifications: NotificationPolicy
    digests: DigestPolicy
    imports: ImportPolicy
    wechat: WechatSettings
    mini_program: MiniProgramSettings
    weijing: WeijingSettings
    yuezhengyi: YuezhengyiSettings
    sms: SmsSettings
    health_registry: HealthRegistrySettings

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def policy(self) -> Policy:
        return Policy(
            district=self.district,
            reservation=self.reservation,
            images=self.images,
            gate=self.gate,
            sign_in=self.sign_in,
            api=self.api,
            notifications=self.notifications,
            digests=self.digests,
            imports=self.imports,
        )

    @property
    def outside_addresses(self) -> Mapping[str, Url]:
        """The addresses that the application calls or sends browsers to, by key."""
        return {
            "wechat.api_base_url": self.wechat.api_base_url,
            "wechat.open_base_url": self.wechat.open_base_url,
            "wechat.js_sdk_url": self.wechat.js_sdk_url,
            "weijing.base_url": self.weijing.base_url,
            "weijing.web_url": self.weijing.web_url,
            "yuezhengyi.base_url": self.yuezhengyi.base_url,
            **{
                f"sms.{name.value}.base_url": getattr(self.sms, name.value).base_url
                for name in self.sms.providers
            },
            "health_registry.base_url": self.health_registry.base_url,
        }


def load_settings(paths: list[Path]) -> Settings:
    """Settings from TOML files, later ones over earlier ones.

    Raises: ConfigurationError with every problem found.
    """
    settings = build(Settings, read_files(paths))
    problems = _push_problems(settings.wechat.push) + sms_problems(settings.sms)
    problems += _verification_problems(settings.wechat.verification_files)
    problems += _production_problems(settings) if settings.is_production else []
    if problems:
        raise ConfigurationError(problems)
    return settings


def _template_problems(settings: Settings) -> list[str]:
    """A field of no known kind would be refused with every message."""
    return [
        f"{owner}.templates.{name}.fields.{field}: no kind of field; like thing1, car_number2"
        for owner, templates in (
            ("wechat", settings.wechat.templates),
            ("mini_program", settings.mini_program.templates),
        )
        for name in ("reservation_made", "passage_decided")
        for field in getattr(templates, name).fields
        if kind_of(field) is None
    ]


# What WeChat's own form takes for them.
_PUSH_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_PUSH_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def _push_problems(push: PushSettings) -> list[str]:
    """With an empty token or key anybody could sign: then nothing starts at all."""
    if not push.enabled:
        return []
    problems = []
    if not _PUSH_TOKEN.fullmatch(push.token):
        problems.append("wechat.push.token: pushes need one of 3 to 32 letters and digits")
    if not _PUSH_AES_KEY.fullmatch(push.aes_key):
        problems.append("wechat.push.aes_key: pushes need one of 43 letters and digits")
    if not push.original_id:
        problems.append("wechat.push.original_id: pushes need the account's own id (gh_…)")
    return problems


_VERIFICATION_FILE = re.compile(r"MP_verify_([A-Za-z0-9]{1,64})\.txt")


def _verification_problems(files: Mapping[str, str]) -> list[str]:
    return [
        f"wechat.verification_files.{name}: needs a name like MP_verify_….txt and one plain word"
        for name, content in files.items()
        if not (_VERIFICATION_FILE.fullmatch(name) and content.isascii() and content.isalnum())
    ]


# 移动云MAS and registries inside the government network are offered without TLS.
_MAY_LACK_TLS = frozenset({"sms.mas.base_url", "sms.mas2.base_url", "health_registry.base_url"})


def _production_problems(settings: Settings) -> list[str]:
    problems = []
    public = urlsplit(settings.server.public_base_url)
    if public.scheme != "https" or public.port is not None or public.path:
        problems.append("server.public_base_url: production needs https://HOST without a port")
    for key, address in settings.outside_addresses.items():
        parts = urlsplit(address)
        if _is_loopback(parts.hostname or ""):
            problems.append(f"{key}: {address} is a sandbox address; production refuses it")
        elif parts.scheme != "https" and key not in _MAY_LACK_TLS:
            problems.append(f"{key}: production needs https")
    if settings.wechat.client_cookie:
        problems.append("wechat.client_cookie: belongs to the sandbox; production needs it empty")
    return problems + sms_production_problems(settings.sms)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
