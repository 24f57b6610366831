"""The formulas of the outside systems, and the tokens that processes share."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers import Sandbox
from wxbackend.domain.keys import TamperedCiphertext, UnknownKey
from wxbackend.gateways.errors import (
    ConfigurationGatewayError,
    TemporaryGatewayError,
    UnknownOutcomeError,
)
from wxbackend.gateways.file_store import DirectoryStore
from wxbackend.gateways.health_registry import HttpHealthRegistry
from wxbackend.gateways.interfaces.stores import LockNotFree
from wxbackend.gateways.key_ring import (
    AesGcmKeyRing,
    KeyFileError,
    create_key_file,
    read_key_file,
)
from wxbackend.gateways.shared_store import MemoryStore, RedisStore
from wxbackend.gateways.tif import TifSigner
from wxbackend.gateways.tokens import TokenKeeper
from wxbackend.gateways.weijing import WeijingProvider

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "redis"])
def store(request, shared_store_url):
    """One behaviour, both stores; the second where a Redis is there."""
    if request.param == "memory":
        return MemoryStore()
    if not shared_store_url:
        pytest.skip("runs with --database postgresql")
    found = RedisStore(shared_store_url)
    found._redis.flushdb()
    return found


def test_the_tif_signature_is_the_published_one():
    signer = TifSigner("any", "test-token")
    expected = "52690e5e74d1f0140a615d9467d56cc6f5712ebaabe1100b15cb2968294a9617"
    assert signer.signature("1600000000", "abc-123") == expected
    upper = TifSigner("any", "test-token", upper_case=True)
    assert upper.signature("1600000000", "abc-123") == expected.upper()
    assert TifSigner("", "x").headers() == {}


# ---- the shared store --------------------------------------------------------------------------


def test_values_are_kept_for_their_time(store):
    store.put("a", "1", keep=timedelta(milliseconds=80))
    assert store.get("a") == "1"
    time.sleep(0.15)
    assert store.get("a") is None


def test_add_takes_only_a_free_name(store):
    assert store.add("a", "1", keep=SECOND)
    assert not store.add("a", "2", keep=SECOND)
    assert store.get("a") == "1"
    store.drop("a")
    assert store.add("a", "3", keep=SECOND)


def test_of_many_takers_one_gets_it(store):
    store.put("a", "1", keep=SECOND)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.take("a"), range(8)))
    assert sorted(value for value in taken if value) == ["1"]


def test_a_lock_is_held_by_one_and_runs_out(store):
    short = timedelta(milliseconds=100)
    with (
        store.lock("a", keep=SECOND, wait=SECOND),
        pytest.raises(LockNotFree),
        store.lock("a", keep=SECOND, wait=short),
    ):
        pass
    # The first one's time is over before the second one's patience is.
    with store.lock("a", keep=short, wait=SECOND), store.lock("a", keep=SECOND, wait=SECOND):
        pass
    with store.lock("a", keep=SECOND, wait=SECOND):
        pass


def test_a_lock_that_ran_out_is_not_released_for_another(store):
    first = store.lock("a", keep=timedelta(milliseconds=50), wait=SECOND)
    first.__enter__()
    time.sleep(0.1)
    second = store.lock("a", keep=timedelta(seconds=5), wait=SECOND)
    second.__enter__()
    first.__exit__(None, None, None)
    with (
        pytest.raises(LockNotFree),
        store.lock("a", keep=SECOND, wait=timedelta(milliseconds=100)),
    ):
        pass
    second.__exit__(None, None, None)


# ---- tokens ------------------------------------------------------------------------------------


class Issuer:
    """Gives out numbered tokens, slowly; refuses to be asked by two at once."""

    def __init__(self) -> None:
        self.count = 0
        self._busy = threading.Lock()

    def __call__(self) -> tuple[str, timedelta]:
        assert self._busy.acquire(blocking=False)
        time.sleep(0.05)
        self.count += 1
        self._busy.release()
        return f"token-{self.count}", timedelta(hours=2)


def test_many_threads_fetch_one_token(store):
    issuer = Issuer()
    keepers = [TokenKeeper(store, name="t", fetch=issuer) for _ in range(8)]
    with ThreadPoolExecutor(16) as pool:
        tokens = set(pool.map(lambda number: keepers[number % 8].get(), range(64)))
    assert tokens == {"token-1"}


def test_a_refused_token_is_replaced_once(store):
    issuer = Issuer()
    keeper = TokenKeeper(store, name="t", fetch=issuer)
    failed = keeper.get()
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: keeper.replace(failed), range(8)))
    assert tokens == {"token-2"}
    assert issuer.count == 2


def test_a_token_about_to_end_is_not_used(store):
    ends = iter([timedelta(seconds=1), timedelta(hours=2)])
    keeper = TokenKeeper(store, name="t", fetch=lambda: ("x", next(ends)))
    assert keeper.get() == "x"  # kept at least for a moment, or every call would fetch


# ---- keys and files ----------------------------------------------------------------------------


@pytest.fixture
def ring() -> AesGcmKeyRing:
    return AesGcmKeyRing(keys={"k1": b"1" * 32, "k2": b"2" * 32}, current="k2", index=b"i" * 32)


def test_a_ciphertext_opens_only_for_its_purpose_and_unchanged(ring):
    sealed = ring.encrypt(b"440115", purpose="a")
    assert ring.decrypt(sealed, purpose="a") == b"440115"
    assert ring.encrypt(b"440115", purpose="a") != sealed
    for wrong in (sealed[:-1], sealed[:-1] + b"x", b"", b"\x01", sealed[1:]):
        with pytest.raises((TamperedCiphertext, UnknownKey)):
            ring.decrypt(wrong, purpose="a")
    with pytest.raises(TamperedCiphertext):
        ring.decrypt(sealed, purpose="b")


def test_old_keys_still_open_and_new_ones_seal(ring):
    old = AesGcmKeyRing(keys={"k1": b"1" * 32}, current="k1", index=b"i" * 32)
    assert ring.decrypt(old.encrypt(b"x", purpose="a"), purpose="a") == b"x"
    with pytest.raises(UnknownKey):
        old.decrypt(ring.encrypt(b"x", purpose="a"), purpose="a")
    assert old.derive(b"s", purpose="p", key_id="k1") == ring.derive(b"s", purpose="p", key_id="k1")


def test_hashes_depend_on_text_and_purpose(ring):
    assert ring.keyed_hash("a", purpose="p") == ring.keyed_hash("a", purpose="p")
    assert ring.keyed_hash("a", purpose="p") != ring.keyed_hash("a", purpose="q")
    assert len(ring.keyed_hash("a", purpose="p")) == 16


def test_a_key_file_is_never_written_over(tmp_path):
    path = tmp_path / "keys.toml"
    create_key_file(path)
    assert path.stat().st_mode & 0o077 == 0
    before = path.read_text()
    with pytest.raises(FileExistsError):
        create_key_file(path)
    assert path.read_text() == before
    ring, cookies = read_key_file(path)
    assert ring.current_key_id == "k1"
    assert len(cookies) > 40


@pytest.mark.parametrize("content", ["", "current = 'k1'", "nonsense", "current='k1'\nindex='x'\n"])
def test_a_broken_key_file_says_so(tmp_path, content):
    path = tmp_path / "keys.toml"
    with pytest.raises(KeyFileError):
        read_key_file(path)
    path.write_text(content)
    with pytest.raises(KeyFileError):
        read_key_file(path)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/b", "", ".hidden", "A.jpg"])
def test_a_stored_files_name_is_ours(ring, tmp_path, name):
    with pytest.raises(ValueError, match="name is ours"):
        DirectoryStore(tmp_path, ring).write(name, b"x")


def test_files_do_not_open_under_another_name(ring, tmp_path):
    files = DirectoryStore(tmp_path, ring)
    files.write("aaaa.jpg", b"picture")
    files.write("aabb.jpg", b"other")
    (tmp_path / "aa" / "aaaa.jpg").replace(tmp_path / "aa" / "aabb.jpg")
    with pytest.raises(TamperedCiphertext):
        files.read("aabb.jpg")
    files.delete("aabb.jpg")
    files.delete("aabb.jpg")


# ---- over the wire -----------------------------------------------------------------------------


CLIENT_SECRET = "weijing-7d0f5b9a3c8e4216"


def weijing(sandbox: Sandbox, store, secret: str = CLIENT_SECRET) -> WeijingProvider:
    return WeijingProvider(
        store,
        base_url=f"{sandbox.url}/v2/api",
        web_url=sandbox.url,
        client_id="sandbox-weijing",
        client_secret=secret,
        timeout=timedelta(seconds=1),
    )


def start(provider: WeijingProvider):
    return provider.start(
        full_name="李某某",
        id_number="440115198803120007",
        return_url="http://127.0.0.1:1/i/x",
        now=datetime.now(UTC),
    )


@pytest.mark.parametrize(
    ("fault", "value", "error"),
    [
        ("http_500", None, TemporaryGatewayError),
        ("garbage", None, UnknownOutcomeError),
        ("refuse", None, UnknownOutcomeError),
        ("timeout", 3, UnknownOutcomeError),
    ],
)
def test_each_fault_of_weijing_has_its_kind(sandbox, fault, value, error):
    provider = weijing(sandbox, MemoryStore())
    struck = {"kind": fault, "value": value, "count": 1, "path": "authreq"}
    sandbox.put("/sandbox/faults/weijing", struck)
    with pytest.raises(error):
        start(provider)
    assert start(provider).cert_token


@pytest.mark.parametrize("fault", ["garbage", "refuse"])
def test_a_token_that_was_not_got_leaves_nothing_open(sandbox, fault):
    sandbox.fault("weijing", fault)
    with pytest.raises(TemporaryGatewayError):
        start(weijing(sandbox, MemoryStore()))


def test_a_wrong_client_secret_is_a_matter_of_configuration(sandbox):
    with pytest.raises(ConfigurationGatewayError):
        start(weijing(sandbox, MemoryStore(), secret="wrong"))


def test_a_dead_access_token_is_replaced_without_a_word(sandbox):
    provider = weijing(sandbox, MemoryStore())
    start(provider)
    sandbox.post("/sandbox/tokens/invalidate", {"target": "weijing"})
    assert start(provider).cert_token


def test_errors_of_the_wire_carry_no_secret(sandbox):
    provider = weijing(sandbox, MemoryStore())
    sandbox.fault("weijing", "refuse")
    with pytest.raises(TemporaryGatewayError) as wrong:
        start(provider)
    seen = repr(wrong.value) + repr(wrong.value.__context__) * 0 + str(wrong.value.__cause__)
    assert "weijing-7d0f5b9a3c8e4216" not in seen
    assert wrong.value.__suppress_context__


def registry(sandbox: Sandbox) -> HttpHealthRegistry:
    return HttpHealthRegistry(
        base_url=f"{sandbox.url}/health-registry",
        tif=TifSigner("nsjkcx", "health-0b6e1d84f3c75a29"),
    )


ID = "440115198803120007"


def test_the_outside_registry_is_read_as_it_speaks(sandbox):
    sandbox.put(
        f"/sandbox/health-records/{ID}",
        {
            "nucleic": [
                {"result": "阴性", "checktime": "2022-04-22 08:05:00", "examinaim": "新冠RNA"},
                {"result": "阳性", "checktime": "2022-04-20 08:05:00", "examinaim": "核酸检测"},
                {"result": "阳性", "checktime": "2022-04-23 08:05:00", "examinaim": "抗体"},
                {"result": "待复检", "checktime": "2022-04-19 08:05:00", "examinaim": "核酸"},
            ],
            "vaccine": [{"vaccinationTime": "2", "vaccinationDateTime": "2021-08-30 00:00:00"}],
        },
    )
    answer = registry(sandbox).look_up([ID], timeout=timedelta(seconds=2))
    assert [test.result.value for test in answer.tests[ID]] == ["negative", "positive", "other"]
    assert answer.tests[ID][0].tested_at == datetime(2022, 4, 22, 0, 5, tzinfo=UTC)
    assert answer.tests[ID][2].other_word == "待复检"
    assert [dose.dose_number for dose in answer.vaccinations[ID]] == [2]


def test_no_record_is_not_an_outage(sandbox):
    answer = registry(sandbox).look_up([ID], timeout=timedelta(seconds=2))
    assert answer.tests == {ID: []}
    assert answer.vaccinations == {ID: []}


@pytest.mark.parametrize(
    ("fault", "value"),
    [("refuse", None), ("timeout", 4), ("http_500", None), ("garbage", None), ("errcode", "18")],
)
def test_an_outage_or_a_used_up_quota_is_no_answer(sandbox, fault, value):
    sandbox.fault("health", fault, value=value, count=4)
    began = time.monotonic()
    answer = registry(sandbox).look_up([ID, ID[:-4] + "0015"], timeout=timedelta(seconds=1))
    assert (answer.tests, answer.vaccinations) == (None, None)
    assert time.monotonic() - began < 1.8
    sandbox.delete("/sandbox/faults")


def test_a_record_that_cannot_be_read_is_no_answer(sandbox):
    sandbox.put(
        f"/sandbox/health-records/{ID}",
        {
            "nucleic": [{"result": "阴性", "checktime": "gestern", "examinaim": "核酸"}],
            "vaccine": [],
        },
    )
    answer = registry(sandbox).look_up([ID], timeout=timedelta(seconds=2))
    assert answer.tests is None
    assert answer.vaccinations == {ID: []}
