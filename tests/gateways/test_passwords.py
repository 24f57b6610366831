"""Passwords are hashed as RFC 9106 asks, unless somebody asks for less."""

from __future__ import annotations

from wxbackend.gateways.passwords import ArgonHasher


def test_a_password_costs_64_mib_and_three_passes():
    kept = ArgonHasher().hash("a password")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert ArgonHasher().matches(kept, "a password")
    assert not ArgonHasher().matches(kept, "another password")


def test_a_hash_of_other_work_is_still_checked():
    assert ArgonHasher().matches(ArgonHasher(memory_kib=64, passes=1).hash("one"), "one")
