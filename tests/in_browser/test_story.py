"""The one story, in a browser, on the sandbox's phone: both verdicts, known and unknown drivers."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import FrameLocator, Page, expect

from wxbackend.domain.moments import to_local

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@dataclass
class Phone:
    """The sandbox's phone, and the application's page in it."""

    page: Page
    sandbox_url: str

    @property
    def app(self) -> FrameLocator:
        return self.page.frame_locator("#page-slot iframe")

    def hand_to(self, name: str) -> None:
        self.page.goto(self.sandbox_url)
        self.page.locator(".pick-person", has_text=name).click()
        expect(self.page.locator(".people .is-on", has_text=name)).to_be_visible()
        self.page.get_by_role("button", name="返回桌面").click()

    def open(self, entry: str) -> None:
        self.page.locator('.app[data-app="wechat"]').click()
        self.page.locator(".chat-row").click()
        self.page.locator(".entry", has_text=entry).click()


@pytest.fixture
def phone(new_page, live, sandbox) -> Phone:
    return Phone(new_page(viewport={"width": 1366, "height": 960}), sandbox.url)


def reserve(phone: Phone, persona, arrival: str) -> bytes:
    """Fill in the form as a driver does; the picture of the QR code that comes of it."""
    app = phone.app
    app.get_by_role("link", name="新增预约").click()
    app.get_by_label("姓名").fill(persona["name"])
    app.get_by_label("证件号码").fill(persona["id_number"].lower())
    app.get_by_label("手机号码").fill(persona["phone"])
    app.get_by_label("车牌号码").fill("粤a·8k652")
    app.get_by_label("车辆类型").select_option(label="重型货车")
    app.get_by_label("出发地").fill("深圳市宝安区")
    app.get_by_label("目的镇街").select_option(label="万顷沙镇")
    app.get_by_label("到达卡口").select_option(label="万顷沙卡口")
    app.get_by_label("预计到达时间").fill(arrival)
    app.get_by_role("radio", name="绿码").check()
    app.get_by_role("group", name="近14天是否途经中高风险地区").get_by_label("否").check()
    app.get_by_role("group", name="是否有发热咳嗽等症状").get_by_label("否").check()
    app.get_by_role("button", name="提交预约").click()
    app.get_by_role("link", name="通过", exact=True).or_(
        app.get_by_role("button", name="通过", exact=True)
    ).first.click()
    expect(app.get_by_text("请调亮屏幕")).to_be_visible()
    return app.get_by_alt_text("通行码").screenshot()


def decode(picture: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return found.text


def scan(phone: Phone, link: str) -> None:
    """【扫一扫】 by the JS-SDK; the phone's scanner gets what the other screen shows."""
    expect(phone.app.locator("[data-gate]")).to_have_attribute("data-wechat", "ready")
    phone.app.get_by_role("button", name="扫一扫").click()
    scanner = phone.page.frame_locator('iframe[title="扫一扫"]')
    scanner.get_by_label("二维码内容").fill(link)
    scanner.get_by_role("button", name="确定").click()
    expect(phone.app.get_by_text("请核对证件")).to_be_visible()


def wait_for(sandbox, channel: str, count: int) -> list[tuple[str, str]]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = sandbox.messages(channel=channel)
        if len(found) >= count:
            break
        time.sleep(0.2)
    return sorted((message["to"], message["text"]) for message in found)


def decided_at(phone: Phone) -> str:
    text = phone.app.locator(".full__n").inner_text()
    return text.split("\n")[0].strip()


def test_the_whole_story_with_both_verdicts(phone, story, sandbox, clock, guard_password):
    known, unknown = sandbox.personas()[0], sandbox.personas()[2]
    enterprise = story.enterprise("广州顺达物流有限公司", "黄阁镇", "13900000001")
    story.employ(enterprise, known["id_number"], known["name"])
    story.test_result(known["id_number"], hours_ago=6)
    story.doses(known["id_number"], 3)
    story.recipient("huangge-a", "黄阁镇")
    story.recipient("wanqingsha-a", "万顷沙镇")
    story.recipient("bureau-a")
    arrival = to_local(clock.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")

    links = {}
    for persona in (known, unknown):
        phone.hand_to(persona["name"])
        phone.open("司机预约")
        links[persona["name"]] = decode(reserve(phone, persona, arrival))
    assert all(link == link.upper() and "/P/" in link for link in links.values())

    phone.hand_to("吴晓东")
    phone.open("卡口查验")
    phone.app.get_by_label("账号").fill("gate1")
    phone.app.get_by_label("密码").fill(guard_password)
    phone.app.get_by_role("button", name="登录").click()
    phone.app.get_by_role("button", name="开始值班").click()

    scan(phone, links[known["name"]])
    for words in (
        "未见异常",
        "南沙企业司机",
        "广州顺达物流有限公司",
        "24小时阴性",
        "已完成接种三针",
    ):
        expect(phone.app.get_by_text(words).first).to_be_visible()
    phone.app.get_by_role("button", name="允许通行").click()
    expect(phone.app.get_by_role("heading", name="已允许通行")).to_be_visible()
    allowed_at = decided_at(phone)

    phone.app.get_by_role("link", name="返回首页").click()
    scan(phone, links[unknown["name"]])
    for words in ("请仔细核对", "非南沙企业司机", "无核酸检测记录", "未接种疫苗"):
        expect(phone.app.get_by_text(words).first).to_be_visible()
    phone.app.get_by_role("link", name="不予通行").click()
    phone.app.get_by_label("无有效核酸阴性证明").check()
    phone.app.get_by_role("button", name="确认不予通行").click()
    expect(phone.app.get_by_role("heading", name="已不予通行")).to_be_visible()
    denied_at = decided_at(phone)

    # A code is good once.
    phone.app.get_by_role("link", name="返回首页").click()
    phone.app.get_by_role("button", name="扫一扫").click()
    scanner = phone.page.frame_locator('iframe[title="扫一扫"]')
    scanner.get_by_label("二维码内容").fill(links[known["name"]])
    scanner.get_by_role("button", name="确定").click()
    expect(phone.app.get_by_text("请司机重新预约").first).to_be_visible()

    allowed = (
        f"广州顺达物流有限公司员工{known['name']}于{allowed_at}进入南沙区,请督促做好防疫工作。"
    )
    denied = (
        f"非南沙企业员工{unknown['name']}于{denied_at}进入南沙区卡口时,"
        "因无有效核酸阴性证明原因不予通行,请知悉。"
    )
    assert wait_for(sandbox, "sms", 1) == [("13900000001", allowed)]
    assert wait_for(sandbox, "yuezhengyi", 4) == [
        ("bureau-a", allowed),
        ("bureau-a", denied),
        ("huangge-a", allowed),
        ("wanqingsha-a", denied),
    ]
    assert len(wait_for(sandbox, "wechat", 4)) == 4

    # The denied driver finds 再次预约 at once, and everything but the health is filled in.
    phone.hand_to(unknown["name"])
    phone.open("司机预约")
    expect(phone.app.get_by_text("原因：无有效核酸阴性证明")).to_be_visible()
    phone.app.get_by_role("button", name="再次预约").click()
    expect(phone.app.get_by_label("证件号码")).to_have_value(unknown["id_number"])
    expect(phone.app.get_by_label("出发地")).to_have_value("深圳市宝安区")
    expect(phone.app.get_by_label("预计到达时间")).to_have_value("")


def test_a_failed_identity_keeps_the_form_and_can_be_corrected(phone, story, sandbox, clock):
    persona = sandbox.personas()[0]
    arrival = to_local(clock.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    phone.hand_to(persona["name"])
    phone.open("司机预约")
    app = phone.app
    app.get_by_role("link", name="新增预约").click()
    app.get_by_label("姓名").fill(persona["name"])
    app.get_by_label("证件号码").fill("440115198803120008")
    app.get_by_label("手机号码").fill("13800005678")
    app.get_by_label("车牌号码").fill("粤A8K652")
    app.get_by_label("出发地").fill("东莞")
    app.get_by_label("目的镇街").select_option(label="黄阁镇")
    app.get_by_label("到达卡口").select_option(label="黄阁卡口")
    app.get_by_label("预计到达时间").fill(arrival)
    app.get_by_role("radio", name="黄码").check()
    app.get_by_role("group", name="近14天").get_by_label("否").check()
    app.get_by_role("group", name="症状").get_by_label("否").check()
    app.get_by_role("button", name="提交预约").click()
    expect(app.get_by_text("第 18 位校验码不对")).to_be_visible()
    expect(app.get_by_label("出发地")).to_have_value("东莞")
    app.get_by_label("证件号码").fill(persona["id_number"])
    app.get_by_role("button", name="提交预约").click()
    app.get_by_role("link", name="不通过").or_(
        app.get_by_role("button", name="不通过")
    ).first.click()
    expect(
        app.get_by_text("认证不通过,请确保是本人提交预约或身份证号码填写是否有误")
    ).to_be_visible()
    app.get_by_role("link", name="修改后重新提交").click()
    expect(app.get_by_label("出发地")).to_have_value("东莞")
    expect(app.get_by_role("radio", name="黄码")).to_be_checked()
    app.get_by_role("button", name="提交预约").click()
    app.get_by_role("link", name="通过", exact=True).or_(
        app.get_by_role("button", name="通过", exact=True)
    ).first.click()
    expect(app.get_by_text("请调亮屏幕")).to_be_visible()


def test_what_was_typed_and_chosen_survives_a_closed_page(phone, story, sandbox, tmp_path):
    picture = tmp_path / "code.png"
    Image.new("RGB", (200, 300), "green").save(picture)
    persona = sandbox.personas()[0]
    phone.hand_to(persona["name"])
    phone.open("司机预约")
    app = phone.app
    app.get_by_role("link", name="新增预约").click()
    app.get_by_label("出发地").fill("东莞市虎门镇")
    app.get_by_label("健康码截图", exact=True).set_input_files(picture)
    expect(app.get_by_alt_text("已上传的健康码截图")).to_be_visible()
    app.get_by_role("button", name="添加乘车人").click()
    app.locator("#passengers-0-name").fill("周某某")
    expect(app.get_by_text("已自动保存")).to_be_visible()
    phone.hand_to(persona["name"])
    phone.open("司机预约")
    app.get_by_role("link", name="新增预约").click()
    expect(app.get_by_label("出发地")).to_have_value("东莞市虎门镇")
    expect(app.get_by_alt_text("已上传的健康码截图")).to_be_visible()
    expect(app.locator("#passengers-0-name")).to_have_value("周某某")
