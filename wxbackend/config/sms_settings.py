"""The settings of SMS: providers, their templates, and where their receipts come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wxbackend.config.loading import Secret, Url
from wxbackend.domain.notifications import NotificationKind
from wxbackend.domain.sms_templates import SMS_FACTS, SmsTemplate, template_problems

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,100}")
_OF_THE_SANDBOX = "sandbox-"


class SmsProvider(StrEnum):
    MAS = "mas"
    MAS2 = "mas2"
    TENCENT = "tencent"
    ALIYUN = "aliyun"


@dataclass(frozen=True, slots=True)
class MasSettings:
    base_url: Url
    ec_name: str
    ap_id: str
    secret_key: Secret
    sign: str
    add_serial: str
    free_texts: bool
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class TencentSettings:
    base_url: Url
    region: str
    secret_id: str
    secret_key: Secret
    sdk_app_id: str
    sign_name: str
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class AliyunSettings:
    base_url: Url
    region: str
    access_key_id: str
    access_key_secret: Secret
    sign_name: str
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """`providers` in the order of preference; one that carries a kind of text may be tried."""

    providers: tuple[SmsProvider, ...]
    receipts_secret: Secret
    templates: Mapping[NotificationKind, Mapping[SmsProvider, SmsTemplate]]
    mas: MasSettings
    mas2: MasSettings
    tencent: TencentSettings
    aliyun: AliyunSettings

    def templates_of(self, provider: SmsProvider) -> dict[NotificationKind, SmsTemplate]:
        return {
            kind: by_provider[provider]
            for kind, by_provider in self.templates.items()
            if provider in by_provider
        }


def sms_problems(sms: SmsSettings) -> list[str]:
    problems = [f"sms.templates.{problem}" for problem in template_problems(sms.templates)]
    if sms.receipts_secret and not _SECRET.fullmatch(sms.receipts_secret):
        problems.append("sms.receipts_secret: needs 16 to 100 letters, digits, - or _")
    if len(set(sms.providers)) != len(sms.providers):
        problems.append("sms.providers: names a provider twice")
    return problems


def sms_production_problems(sms: SmsSettings) -> list[str]:
    problems = []
    if sms.receipts_secret.startswith(_OF_THE_SANDBOX):
        problems.append("sms.receipts_secret: is the sandbox's; production needs its own, or none")
    if not any(_takes_free_texts(sms, provider) for provider in sms.providers):
        problems += [
            f"sms.templates.{kind.value}: no provider carries it"
            for kind in SMS_FACTS
            if not set(sms.templates.get(kind, ())) & set(sms.providers)
        ]
    return problems


def _takes_free_texts(sms: SmsSettings, provider: SmsProvider) -> bool:
    accounts = {SmsProvider.MAS: sms.mas, SmsProvider.MAS2: sms.mas2}
    return provider in accounts and accounts[provider].free_texts
