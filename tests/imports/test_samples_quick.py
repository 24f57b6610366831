from datetime import date
from scripts.make_samples import make_district, write_files
from wxbackend.domain.import_columns import ImportKind


def test_quick(desk, tmp_path):
    d = make_district(desk.now)
    write_files(d, tmp_path / "s")
    for k in ImportKind:
        for f in sorted((tmp_path / "s").glob(f"{k}*")):
            p = desk.check(k, f)
            print(f.name, p)
            print(desk.problems())
            print(desk.reasons())
            if not p.wrong:
                print("TAKEN", desk.take(k, f))
                print("AGAIN", desk.take(k, f))
