"""Signatures against the published examples, where the sandbox computes them itself."""

from __future__ import annotations

from wxbackend.sandbox.sms.mas import mas_mac
from wxbackend.sandbox.tif import tif_signature
from wxbackend.sandbox.wechat.crypto import jssdk_signature


def test_tif_signature() -> None:
    assert (
        tif_signature("test-token", timestamp="1600000000", nonce="abc-123")
        == "52690e5e74d1f0140a615d9467d56cc6f5712ebaabe1100b15cb2968294a9617"
    )


def test_mas_mac() -> None:
    body = {
        "ecName": "测试集团",
        "apId": "demo",
        "secretKey": "demo-secret",
        "mobiles": "13800138000",
        "content": "测试短信",
        "sign": "DEMOSIGN",
        "addSerial": "",
    }
    assert mas_mac("norsubmit", body) == "1a6be505f717dd3e63316bd348001da3"


def test_jssdk_signature_of_the_official_document() -> None:
    signature = jssdk_signature(
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp="1414587457",
        url="http://mp.weixin.qq.com?params=value",
    )
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
