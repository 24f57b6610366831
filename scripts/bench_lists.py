"""The list of reservations at 1,000,000 rows: every filter, for the bureau and for a town.

Each page is asked for through the whole application by a test client, in turns with a floor: one
bare WSGI answer with one indexed SELECT of twenty rows.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
from flask.testing import FlaskClient
from werkzeug.test import Client, EnvironBuilder

from models.statements import counting_statements
from scripts.bench_ground import Ground, Size, ground
from wxbackend.domain.moments import local_day

MOST_MILLISECONDS = 300
MOST_STATEMENTS = 6
_LIST = "/office/reservations"


@dataclass(frozen=True, slots=True)
class Question:
    """One page: `open` filters stand in its address, `private` ones are posted first."""

    name: str
    path: str = _LIST
    open: tuple[tuple[str, str], ...] = ()
    private: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    who: str
    question: str
    milliseconds: tuple[float, ...]
    statements: int

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.milliseconds, n=20)[-1]

    @property
    def is_good(self) -> bool:
        return self.median < MOST_MILLISECONDS and self.statements <= MOST_STATEMENTS


def main(arguments: Sequence[str]) -> None:
    asked = _parser().parse_args(arguments)
    with ground(Size(reservations=asked.rows, days=asked.days)) as made:
        measured = measure(made, times=asked.times)
        floor = statistics.median(_floor(made, times=10 * asked.times))
    _print(measured, floor)
    if any(not one.is_good for one in measured):
        raise SystemExit(1)


def measure(made: Ground, *, times: int) -> list[Measured]:
    measured = []
    for who in ("bureau1", "town1"):
        client = _signed_in(made, who)
        for question in questions(made):
            one = _measure(made, client, who, question, times=times)
            measured.append(one)
            mark = "" if one.is_good else "  <<<"
            print(f"  {who:<8} {question.name:<34} {one.median:7.1f} ms{mark}", flush=True)
    return measured


def questions(made: Ground) -> list[Question]:
    """Today, and all days, with each filter; the other bases, sorts, pages and the home page."""
    today = local_day(datetime.now(UTC))
    month = [("first", str(today - timedelta(days=29))), ("last", str(today))]
    spans = {
        "today": [("first", str(today)), ("last", str(today))],
        "30 days": month,
        "all days": [("basis", "arrival")],
    }
    found = [Question("home page", "/office")]
    for span, days in spans.items():
        found += [
            Question(f"{span}, {name}".removesuffix(", "), open=(*days, *filters))
            for name, filters in _open_filters()
        ]
        found += [
            Question(f"{span}, {name}", open=tuple(days), private=((name, value),))
            for name, value in _private_filters(made)
        ]
    for basis in ("created", "decided"):
        found += [
            Question(f"30 days by {basis}", open=(("basis", basis), *month)),
            Question(f"all days by {basis}", open=(("basis", basis),)),
        ]
    found += [
        Question("all days, page 500", open=(("basis", "arrival"), ("page", "500"))),
        Question("all days, 100 rows", open=(("basis", "arrival"), ("size", "100"))),
        Question("all days, sorted by plate", open=(("basis", "arrival"), ("sort", "plate"))),
        Question("all days, oldest first", open=(("basis", "arrival"), ("sort", "arrival"))),
    ]
    return found


def _open_filters() -> Iterable[tuple[str, tuple[tuple[str, str], ...]]]:
    yield "", ()
    for state in ("reserved", "passed", "denied", "cancelled", "expired", "pending_identity"):
        yield f"state {state}", (("state", state),)
    yield "town", (("town", "3"),)
    yield "checkpoint", (("checkpoint", "2"),)
    yield "matched", (("matched", "yes"),)
    yield "not matched", (("matched", "no"),)
    yield "part of company", (("company", "99号"),)
    yield "reason", (("reason", "健康码黄码"),)
    yield "other reason", (("reason", "other"),)
    yield "corrected", (("corrected", "yes"),)
    yield "not corrected", (("corrected", "no"),)


def _private_filters(made: Ground) -> Iterable[tuple[str, str]]:
    yield "plate", made.plate_number[2:6]
    yield "name", made.name[0]
    yield "name", made.name
    yield "number", made.id_number
    yield "number", made.id_number[-4:]


# ---- asking ------------------------------------------------------------------------------------


def _signed_in(made: Ground, name: str) -> FlaskClient:
    client = made.app.test_client()
    _post(made, client, "/office/sign-in", account=name, password=made.passwords[name])
    if _get(made, client, "/office").status_code != 200:
        raise RuntimeError(f"{name} could not sign in")
    return client


def _measure(
    made: Ground, client: FlaskClient, who: str, question: Question, *, times: int
) -> Measured:
    address = _address(made, client, question)
    with made.app.app_context(), counting_statements() as sent:
        answer = _get(made, client, address)
    if answer.status_code != 200:
        raise RuntimeError(f"{question.name}: {answer.status_code}")
    spent = _times(lambda: _get(made, client, address), times)
    return Measured(who, question.name, spent, len(sent))


def _address(made: Ground, client: FlaskClient, question: Question) -> str:
    if question.private:
        fields = dict((*question.open, *question.private))
        answer = _post(made, client, f"{question.path}/search", **fields)
        return str(answer.headers["Location"])
    return str(EnvironBuilder(question.path, query_string=dict(question.open)).request_uri)


def _get(made: Ground, client: FlaskClient, path: str):  # type: ignore[no-untyped-def]
    return client.get(path, base_url=_base(made))


def _post(made: Ground, client: FlaskClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    page = _get(made, client, path.removesuffix("/search")).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    token = found[1] if found else ""
    return client.post(path, data={"csrf_token": token, **fields}, base_url=_base(made))


def _base(made: Ground) -> str:
    return str(made.app.extensions["wxbackend"].public_base_url)


def _times(ask: Callable[[], object], times: int) -> tuple[float, ...]:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - began) * 1000)
    return tuple(spent)


def _floor(made: Ground, *, times: int) -> tuple[float, ...]:
    """A bare WSGI answer of twenty rows found by the primary key."""
    with psycopg.connect(made.database, autocommit=True) as connection:
        ids = count(1)

        def answer(_environ: object, start: Callable[..., object]) -> list[bytes]:
            query = "SELECT id, public_id, name, plate_number FROM reservation WHERE id > %s"
            rows = connection.execute(f"{query} ORDER BY id LIMIT 20", (next(ids) * 20,))
            start("200 OK", [("Content-Type", "text/plain")])
            return ["\n".join(map(str, rows)).encode()]

        client = Client(answer)
        return _times(lambda: client.get("/"), times)


def _print(measured: Sequence[Measured], floor: float) -> None:
    head = ("who", "page", "median ms", "p95 ms", "SQL", "x floor")
    print(f"\n| {' | '.join(head)} |\n|---|---|--:|--:|--:|--:|")
    for one in measured:
        cells = (one.who, one.question, f"{one.median:.1f}", f"{one.p95:.1f}", one.statements)
        print(f"| {' | '.join(map(str, cells))} | {one.median / floor:.0f} |")
    bad = sum(not one.is_good for one in measured)
    print(
        f"\nfloor {floor:.2f} ms; {len(measured)} pages, {bad} over {MOST_MILLISECONDS} ms", end=""
    )
    print(f" or {MOST_STATEMENTS} statements")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench lists", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="reservations (1,000,000)")
    parser.add_argument("--days", type=int, default=365, help="the days they lie in (365)")
    parser.add_argument("--times", type=int, default=15, help="how often each page is asked for")
    return parser
