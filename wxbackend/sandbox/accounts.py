"""The fixed accounts that the platforms know, and the document that tells an app about them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class TemplateField:
    """One variable of a template message; its kind is the key without the number."""

    key: str
    label: str

    @property
    def kind(self) -> str:
        return self.key.rstrip("0123456789")


@dataclass(frozen=True)
class MessageTemplate:
    id: str
    title: str
    fields: tuple[TemplateField, ...]


@dataclass(frozen=True)
class SmsTemplate:
    """A registered text; {1}, {2}… stand for the parameters in order, {name} for one by name."""

    id: str
    text: str

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.text)

    @property
    def parameters(self) -> int:
        return self.text.count("{")

    def fill(self, values: list[str]) -> str:
        text = self.text
        for number, value in enumerate(values, start=1):
            text = text.replace(f"{{{number}}}", value)
        return text


@dataclass(frozen=True)
class WeChatCredentials:
    app_id: str = "wx5b0c7d1e2f3a4961"
    app_secret: str = "c1f0a6d28b7e4953a8d41e07f96b25c3"
    original_id: str = "gh_4c1d8e2b7a90"
    push_token: str = "sandboxPushToken2022"
    push_aes_key: str = "vJ6nTt0KD1sWc5qYbGm2RzXo8LhAfUe4PiQx7Ma3Sk0"


@dataclass(frozen=True)
class MiniProgramCredentials:
    app_id: str = "wx7e4d21c80b95fa36"
    app_secret: str = "5ad90c37e1b84f2696d07b2e48f1a3c5"


@dataclass(frozen=True)
class WeijingCredentials:
    client_id: str = "sandbox-weijing"
    client_secret: str = "weijing-7d0f5b9a3c8e4216"


@dataclass(frozen=True)
class YuezhengyiCredentials:
    corp_id: str = "wwsandbox4401152022"
    corp_secret: str = "yzy-Qm3V8sT1cX6bN0kJ5hL9pR2wZ7dF4gA"
    agent_id: int = 1000044
    paas_id: str = "nsfkzhpt"
    paas_token: str = "paas-5f21c0e97b8d4a36"


@dataclass(frozen=True)
class MasCredentials:
    ec_name: str
    ap_id: str
    secret_key: str
    sign: str
    add_serial: str


@dataclass(frozen=True)
class TencentCredentials:
    secret_id: str = "AKIDsandbox0000000000000000000000000"
    secret_key: str = "tencentSandboxKey0000000000000000"
    sdk_app_id: str = "1400044011"
    sign_name: str = "货车通行"


@dataclass(frozen=True)
class AliyunCredentials:
    access_key_id: str = "LTAIsandbox00000000000000"
    access_key_secret: str = "aliyunSandboxKey00000000000000"
    sign_name: str = "货车通行"


@dataclass(frozen=True)
class HealthCredentials:
    paas_id: str = "nsjkcx"
    paas_token: str = "health-0b6e1d84f3c75a29"


WECHAT = WeChatCredentials()
MINI_PROGRAM = MiniProgramCredentials()
WEIJING = WeijingCredentials()
YUEZHENGYI = YuezhengyiCredentials()
MAS = MasCredentials("南沙货车通行", "nshctx", "mas-4e7a1c93d05b", "Xs8QnTz0H", "0115")
MAS_SECOND = MasCredentials("南沙货车通行备用", "nshctx2", "mas-b82d60f5a917", "Xs8QnTz1B", "")
TENCENT = TencentCredentials()
ALIYUN = AliyunCredentials()
# The app's path for receipts holds it.
RECEIPTS_SECRET = "sandbox-6f1d0c93b7a24e58"
HEALTH = HealthCredentials()

RESERVATION_MADE = MessageTemplate(
    "mT7dR2vKq0aLx9Wc4bYp1nZs6Ue8Ho3Gi5Jf-XkQwNA",
    "预约成功通知",
    (
        TemplateField("car_number1", "车牌号码"),
        TemplateField("thing2", "到达卡口"),
        TemplateField("time3", "预计到达时间"),
        TemplateField("phrase4", "预约状态"),
    ),
)
PASSAGE_DECIDED = MessageTemplate(
    "hB4sM8yEo2zTf6Rk0Vd3xQc7Lp9Wn1Au5Gj_IiXtZrY",
    "通行结果通知",
    (
        TemplateField("car_number1", "车牌号码"),
        TemplateField("thing2", "卡口"),
        TemplateField("time3", "查验时间"),
        TemplateField("phrase4", "查验结果"),
        TemplateField("thing5", "备注"),
    ),
)
TEMPLATES = {t.id: t for t in (RESERVATION_MADE, PASSAGE_DECIDED)}

# The mini-program's own, of the same fields.
PROGRAM_RESERVATION_MADE = replace(
    RESERVATION_MADE, id="Qe8wTz1NcL4vRk7Ys0Xp3Bd6Gm9Hj2Fu5Ai-LoKiPyW"
)
PROGRAM_PASSAGE_DECIDED = replace(PASSAGE_DECIDED, id="Zs5rVb8MnQ2wEt6Yu0Io3Pa7Df1Gh4Jk9Lx-CvBnMqT")
PROGRAM_TEMPLATES = {t.id: t for t in (PROGRAM_RESERVATION_MADE, PROGRAM_PASSAGE_DECIDED)}

MAS_TEMPLATES = {
    "alert": SmsTemplate("8f0d2c5be1a94d7396c40e5a7b13f201", "{1}"),
    "passage_allowed": SmsTemplate(
        "3b9e61d07f2848c5a10c9d84e6f57a32", "{1}员工{2}于{3}进入{4},请督促做好防疫工作。"
    ),
    "passage_denied": SmsTemplate(
        "c47a05f93d1b4e8692e8b1607d2ac543",
        "{1}员工{2}于{3}进入{4}卡口时,因{5}原因不予通行,请知悉。",
    ),
    "code": SmsTemplate(
        "5a1e83c6490f4b27b7d2f06c9e841d54", "验证码{1},{2}分钟内有效,请勿告诉他人。"
    ),
}
TENCENT_TEMPLATES = {"code": SmsTemplate("1380044", "验证码{1},{2}分钟内有效,请勿告诉他人。")}

ALIYUN_TEMPLATES = {
    "code": SmsTemplate("SMS_228840044", "验证码{code},{minutes}分钟内有效,请勿告诉他人。"),
    "passage_allowed": SmsTemplate(
        "SMS_228840101", "{enterprise}员工{name}于{time}进入{district},请督促做好防疫工作。"
    ),
    "passage_denied": SmsTemplate(
        "SMS_228840102",
        "{enterprise}员工{name}于{time}进入{district}卡口时,因{reason}原因不予通行,请知悉。",
    ),
}

JSSDK_PATH = "/open/js/jweixin-1.6.0.js"


def credentials_document(public_url: str) -> dict[str, Any]:
    """Everything an app needs to know to use the sandbox in place of the platforms."""
    base = public_url.rstrip("/")
    return {
        "wechat": {
            **asdict(WECHAT),
            "api_base": base,
            "open_base": base,
            "jssdk_path": JSSDK_PATH,
            "jssdk_url": base + JSSDK_PATH,
            "templates": {
                "reservation_made": asdict(RESERVATION_MADE),
                "passage_decided": asdict(PASSAGE_DECIDED),
            },
        },
        "mini_program": {
            **asdict(MINI_PROGRAM),
            "templates": {
                "reservation_made": asdict(PROGRAM_RESERVATION_MADE),
                "passage_decided": asdict(PROGRAM_PASSAGE_DECIDED),
            },
        },
        "weijing": {**asdict(WEIJING), "api_base": f"{base}/v2/api", "web_base": base},
        "yuezhengyi": {
            **asdict(YUEZHENGYI),
            "base": f"{base}/ebus/yzyapi/cgi-bin",
            "plain_base": f"{base}/qyapi/cgi-bin",
        },
        "sms": {
            "mas": _mas_document(MAS, f"{base}/sms"),
            "mas2": _mas_document(MAS_SECOND, f"{base}/sms-2"),
            "tencent": {
                **asdict(TENCENT),
                "base": f"{base}/tencent-sms/",
                "templates": {name: asdict(t) for name, t in TENCENT_TEMPLATES.items()},
            },
            "aliyun": {
                **asdict(ALIYUN),
                "base": f"{base}/aliyun-sms",
                "templates": {name: asdict(t) for name, t in ALIYUN_TEMPLATES.items()},
            },
            "receipts_secret": RECEIPTS_SECRET,
        },
        "health": {**asdict(HEALTH), "base": f"{base}/health-registry"},
    }


def _mas_document(account: MasCredentials, base: str) -> dict[str, Any]:
    templates = {name: asdict(template) for name, template in MAS_TEMPLATES.items()}
    return {**asdict(account), "base": base, "templates": templates}
