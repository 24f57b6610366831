import resource, time, subprocess, sys
from datetime import datetime, timedelta
import pytest
from tests.imports.command import Command
from tests.imports.files import *
from tests.imports.desk import HEADERS
from wxbackend.domain.import_columns import ImportKind
from wxbackend.domain.gb_checks import resident_check_character
from wxbackend.domain.moments import to_local

K = ImportKind.NUCLEIC_ACID_TESTS


def rows(now, n):
    now = to_local(now).replace(tzinfo=None, microsecond=0)
    yield HEADERS[K]
    for i in range(n):
        d = "440115%d%02d%02d%03d" % (
            1950 + i // 12 // 28 // 1000,
            1 + i // 28000 % 12,
            1 + i // 1000 % 28,
            i % 1000,
        )
        t = now - timedelta(minutes=1 + i % 5000)
        yield [
            d + resident_check_character(d),
            f"{t:%Y-%m-%d %H:%M}",
            "阴性",
            "李建国%d" % (i % 997),
            t - timedelta(hours=5),
            "南沙第一检验所",
        ]


@pytest.mark.parametrize("form", ["excel", "xlsx", "csv"])
@pytest.mark.timeout(300)
def test_perf(desk, database_url, key_file, tmp_path, form):
    f = tmp_path / ("big.csv" if form == "csv" else "big.xlsx")
    {"excel": write_excel, "xlsx": write_xlsx, "csv": write_csv}[form](f, rows(desk.now, 100_000))
    c = Command(tmp_path, database_url=database_url, key_file=key_file)
    for k in range(2):
        t = time.time()
        p = subprocess.Popen(
            c._line((K, f)),
            cwd="/work/main",
            env=c._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        peak = 0
        while p.poll() is None:
            try:
                peak = max(
                    peak,
                    int(Path(f"/proc/{p.pid}/status").read_text().split("VmRSS:")[1].split()[0])
                    // 1024,
                )
            except Exception:
                pass
            time.sleep(0.1)
        out, err = p.communicate()
        import os

        print(form, k, p.returncode, out, time.time() - t, peak, err[-3000:])
