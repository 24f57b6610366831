"""The office's commands: what they print, what they refuse, and what then works."""

from __future__ import annotations

import pytest

from models.accounts import Account
from models.database import reading
from models.enterprises import AlertRecipient
from models.places import Checkpoint, DenialReason, Town
from tests.command import Command


@pytest.fixture
def command(dependencies, database_url, key_file, tmp_path):
    def make(name: str) -> Command:
        return Command(name, tmp_path, database_url=database_url, key_file=key_file)

    return make


def counts(*tables: type) -> list[int]:
    with reading() as session:
        return [session.query(table).count() for table in tables]


def test_the_defaults_are_the_manuals_and_come_once(command):
    district = command("district")
    assert district.run("defaults").stdout == "15 added\n"
    assert district.run("defaults").stdout == "0 added\n"
    assert counts(Town, DenialReason) == [9, 6]
    assert district.run("checkpoint", "南沙大桥", "虎门大桥").stdout == "2 added\n"
    assert counts(Checkpoint) == [2]


def test_a_recipient_needs_a_town_that_exists(command):
    district = command("district")
    district.run("defaults")
    refused = district.run("recipient", "town", "苏敏", "town-1", "--town", "没有镇")
    assert refused.returncode == 1
    assert counts(AlertRecipient) == [0]
    assert district.run("recipient", "bureau", "周启明", "bureau-1").stdout == "1 added\n"
    assert counts(AlertRecipient) == [1]


def test_an_account_is_made_reset_and_disabled(command, dependencies):
    command("district").run("defaults")
    accounts = command("accounts")
    made = accounts.run(
        "create", "huangge", "--role", "town", "--display-name", "苏敏", "--place", "黄阁镇"
    )
    assert made.returncode == 0, made.stderr
    first = made.stdout.strip()
    assert len(first) >= 12
    again = accounts.run("create", "huangge", "--role", "bureau", "--display-name", "另一人")
    assert again.returncode == 1
    assert "name:" in again.stderr
    second = accounts.run("reset", "huangge").stdout.strip()
    assert second
    assert second != first
    assert accounts.run("disable", "huangge").returncode == 0
    with reading() as session:
        account = session.query(Account).one()
        assert account.disabled_at is not None
        assert second not in account.password_hash


@pytest.mark.parametrize("verb", ["reset", "disable"])
def test_an_unknown_account_is_said(command, verb):
    answer = command("accounts").run(verb, "nobody")
    assert (answer.returncode, answer.stderr) == (1, "there is no account nobody\n")


def test_keys_are_never_written_over_a_file(command, tmp_path):
    path = tmp_path / "new-keys.toml"
    assert command("keys").run("create", path).returncode == 0
    before = path.read_bytes()
    refused = command("keys").run("create", path)
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["accounts", "district", "worker", "import_data", "db"])
def test_a_wrong_setting_stops_every_command_with_its_name(command, tmp_path, name):
    one = command(name)
    (tmp_path / "command.toml").write_text('nonsense = "1"\n')
    arguments = {
        "accounts": ["disable", "x"],
        "district": ["defaults"],
        "import_data": ["enterprises", "x.csv"],
        "db": ["upgrade"],
    }
    answer = one.run(*arguments.get(name, []))
    assert answer.returncode != 0
    assert "nonsense" in answer.stderr
    assert "Traceback" not in answer.stderr
