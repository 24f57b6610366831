"""The registers' daily drops: complete files are taken once, and moved with what was wrong."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from models.audit import AuditEntry
from models.health_registers import NucleicAcidTestRow, VaccinationRow
from models.imports import ImportOrigin, ImportRun
from tests.configuration import make_settings
from tests.people import resident_id
from tests.uploads.office import file_of, results_file, rows_of
from wxbackend.domain.import_columns import ImportKind
from wxbackend.gateways.drop_folder import DropFolder
from wxbackend.services.watched_folder import import_dropped_files


@pytest.fixture
def drops(tmp_path):
    """The folder, with its two subfolders."""
    folder = tmp_path / "drops"
    for kind in (ImportKind.NUCLEIC_ACID_TESTS, ImportKind.VACCINATIONS):
        (folder / kind.value).mkdir(parents=True)
    return folder


@pytest.fixture
def settings(database_url, shared_store_url, key_file, tmp_path, sandbox, drops):
    return make_settings(
        tmp_path,
        sandbox=sandbox,
        database_url=database_url,
        shared_store_url=shared_store_url,
        key_file=key_file,
        more=f'imports.watched_folder = "{drops}"\nimports.settled_after = "50ms"\n',
    )


def look(office) -> int:
    """Two looks, with the time between them that a file needs to settle."""
    taken = import_dropped_files(office.dependencies)
    time.sleep(0.06)
    return taken + import_dropped_files(office.dependencies)


def names(folder) -> list[str]:
    return sorted(path.name.split("-", 2)[-1] for path in folder.iterdir())


def test_a_complete_file_is_imported_and_moved(office, drops):
    (drops / "nucleic-acid-tests" / "今日.xlsx").write_bytes(results_file("阴性", "阳性"))
    rows = [[resident_id(1), 1, "2022-04-20"]]
    content = file_of(ImportKind.VACCINATIONS, rows, width=3)
    (drops / "vaccinations" / "v.xlsx").write_bytes(content)
    assert look(office) == 2
    assert office.count(NucleicAcidTestRow) == 2
    assert office.count(VaccinationRow) == 1
    assert names(drops / "done") == ["v.xlsx", "今日.xlsx"]
    assert list((drops / "nucleic-acid-tests").iterdir()) == []
    run = office.all(ImportRun)[0]
    assert (run.origin, run.file_name) == (ImportOrigin.WATCHED_FOLDER, "今日.xlsx")
    entry = office.all(AuditEntry)[-1]
    assert (entry.action, entry.actor_label, entry.succeeded) == ("import", "watched_folder", True)
    assert look(office) == 0


def test_right_rows_are_taken_and_wrong_ones_put_beside(office, drops):
    path = drops / "nucleic-acid-tests" / "a.xlsx"
    path.write_bytes(results_file("阴性", "合格"))
    look(office)
    assert office.count(NucleicAcidTestRow) == 1
    assert names(drops / "done") == ["a.xlsx", "a.xlsx.wrong.xlsx"]
    (wrong,) = (drops / "done").glob("*.wrong.xlsx")
    assert wrong.stat().st_mode & 0o077 == 0
    assert rows_of(wrong.read_bytes())[1][0] == resident_id(2)


@pytest.mark.parametrize(
    ("name", "content", "beside"),
    [
        ("a.xlsx", b"PK\x03\x04 nothing", ["a.xlsx", "a.xlsx.reason.txt"]),
        ("b.csv", b"x\n1\n", ["b.csv", "b.csv.reason.txt"]),
        ("c.xlsx", None, ["c.xlsx", "c.xlsx.reason.txt", "c.xlsx.wrong.xlsx"]),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(
    office, drops, name, content, beside
):
    (drops / "nucleic-acid-tests" / name).write_bytes(content or results_file("合格"))
    assert look(office) == 1
    assert names(drops / "refused") == beside
    assert office.count(NucleicAcidTestRow) == 0
    (run,) = office.all(ImportRun)
    assert run.refusal["code"].startswith("import.")
    assert office.all(AuditEntry)[-1].succeeded is False


def test_a_file_that_still_grows_is_left_alone(office, drops):
    path = drops / "nucleic-acid-tests" / "a.csv"
    for number in range(3):
        path.write_bytes(b"x" * (number + 1))
        assert import_dropped_files(office.dependencies) == 0
        time.sleep(0.06)


@pytest.mark.parametrize("name", ["a.xlsx.part", ".a.xlsx", "~$a.xlsx", "a.xlsx.TMP"])
def test_unfinished_and_hidden_files_are_left_alone(office, drops, name):
    (drops / "nucleic-acid-tests" / name).write_bytes(results_file("阴性"))
    assert look(office) == 0


def test_a_link_out_of_the_folder_is_not_followed(office, drops, tmp_path):
    outside = tmp_path / "outside.xlsx"
    outside.write_bytes(results_file("阴性"))
    (drops / "nucleic-acid-tests" / "a.xlsx").symlink_to(outside)
    assert look(office) == 0


def test_a_file_that_another_worker_has_is_left_to_it(office, drops):
    path = drops / "nucleic-acid-tests" / "a.xlsx"
    path.write_bytes(results_file("阴性"))
    folder = office.dependencies.gateways.drops
    kind = ImportKind.NUCLEIC_ACID_TESTS.value
    with folder.claim(kind, "a.xlsx", most=1_000_000) as ours:
        assert ours is not None
        assert look(office) == 0
    assert look(office) == 1


def test_without_a_folder_nothing_is_watched(dependencies):
    assert DropFolder("", settled_after=timedelta(0)).complete(["vaccinations"]) == []
