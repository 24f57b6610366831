"""How values look on pages: the filters and functions that templates use."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for
from markupsafe import Markup

from handlers.context import dependencies, is_wechat, visitor, web_settings
from handlers.refusals import sentence_of
from wxbackend.domain.moments import local_day, to_local
from wxbackend.domain.nucleic_acid import NucleicAcidClass, NucleicAcidFinding
from wxbackend.domain.vaccination import VaccinationFinding


def register_presentation(app: Flask) -> None:
    app.jinja_env.filters.update(
        plate=plate,
        document_groups=document_groups,
        code_groups=code_groups,
        moment=moment,
        clock=clock_text,
        day=day_text,
        day_clock=day_clock,
        full_second=full_second,
        short_minute=short_minute,
        full_day=full_day,
        age=age,
        sentence=sentence_of,
    )
    app.jinja_env.globals.update(
        word=word,
        label=label,
        asset=asset,
        nucleic_label=nucleic_label,
        vaccination_label=vaccination_label,
        remark_text=remark_text,
        numeral=numeral,
        usual_days=usual_days,
        now=lambda: dependencies().clock(),
        district=lambda: dependencies().policy.district,
        visitor=visitor,
        web=web_settings,
        is_wechat=is_wechat,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def word(key: str, **facts: object) -> str:
    return dependencies().gateways.wording.text(key, **facts)


def label(kind: str, value: StrEnum | str | None) -> str:
    """The word for a value of a vocabulary: `label("id_type", document.type)`."""
    return word(f"{kind}.{value}") if value else ""


def asset(name: str) -> str:
    """The address of a static file, with its content's hash."""
    return url_for("static", filename=name, v=_content_hash(name))


@lru_cache
def _content_hash(name: str) -> str:
    path = Path(__file__).resolve().parent.parent / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def plate(number: str) -> Markup:
    """粤A·8K652, breaking only after the dot when the line is short."""
    return Markup('<span class="plate"><span>{}·</span><span>{}</span></span>').format(
        number[:2], number[2:]
    )


def document_groups(number: str) -> str:
    """A resident ID in groups of 6, 8 and 4, to compare with the card; others as they are."""
    if len(number) == 18:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    return number


def code_groups(code: str) -> Markup:
    return Markup('<span class="nb">{}</span> <span class="nb">{}</span>').format(
        code[:4], code[4:]
    )


# ---- time --------------------------------------------------------------------------------------


def moment(value: datetime) -> str:
    """今天 14:30, or 4月22日 周五 14:30."""
    local, today = to_local(value), local_day(dependencies().clock())
    clock = local.strftime("%H:%M")
    days = (local.date() - today).days
    if days in {0, 1}:
        return word("time.today" if days == 0 else "time.tomorrow", clock=clock)
    return word("time.day_clock", clock=clock, **_date_facts(local.date()))


def clock_text(value: datetime) -> str:
    """14:30"""
    return to_local(value).strftime("%H:%M")


def day_text(value: datetime) -> str:
    return word("time.day", **_date_facts(local_day(value)))


def day_clock(value: datetime) -> str:
    """4月22日 08:05"""
    local = to_local(value)
    return word("time.month_day_clock", clock=local.strftime("%H:%M"), **_date_facts(local.date()))


def full_second(value: datetime) -> str:
    return to_local(value).strftime("%Y-%m-%d %H:%M:%S")


def short_minute(value: datetime | None) -> str:
    """04-22 14:21, as lists show it; nothing for nothing."""
    return to_local(value).strftime("%m-%d %H:%M") if value else ""


def usual_days() -> list[tuple[str, str, str]]:
    """今天, 昨天, 近7天: the words, the first and the last day, as a date field has them."""
    today = local_day(dependencies().clock())
    ago = [(today - timedelta(days=days)).isoformat() for days in range(7)]
    return [
        (word("office.days.today"), ago[0], ago[0]),
        (word("office.days.yesterday"), ago[1], ago[1]),
        (word("office.days.last_7"), ago[6], ago[0]),
    ]


def full_day(value: date) -> str:
    return word("time.full_day", **_date_facts(value))


def _date_facts(value: date) -> dict[str, object]:
    weekday = word(f"weekday.{value.weekday()}")
    return {"year": value.year, "month": value.month, "day": value.day, "weekday": weekday}


def age(value: datetime, at: datetime) -> str:
    """How long before `at`: 40 分钟前, 6 小时前, 12 天前; hours for up to a week."""
    seconds = max(0, int((at - value).total_seconds()))
    if seconds < 60:
        return word("time.now")
    if seconds < 3600:
        return word("time.minutes_ago", count=seconds // 60)
    if seconds <= 168 * 3600:
        return word("time.hours_ago", count=seconds // 3600)
    return word("time.days_ago", count=seconds // 86400)


# ---- the gate's facts --------------------------------------------------------------------------


def nucleic_label(finding: NucleicAcidFinding) -> str:
    if finding.kind in {NucleicAcidClass.OLDER, NucleicAcidClass.NOT_NEGATIVE}:
        return _result_text(finding)
    return word(f"nucleic.{finding.kind.value}")


def _result_text(finding: NucleicAcidFinding) -> str:
    if finding.test is None:
        return ""
    return finding.test.other_word or word(f"nucleic_result.{finding.test.result.value}")


def vaccination_label(finding: VaccinationFinding) -> str:
    if finding.kind.value == "vaccination_unavailable":
        return word("vaccination.unavailable")
    if not finding.doses:
        return word("vaccination.none")
    return word("vaccination.doses", number=numeral(finding.doses))


def numeral(number: int) -> str:
    return word(f"numeral.{number}") if 1 <= number <= 10 else str(number)


def remark_text(fact: str, finding: NucleicAcidFinding | None = None) -> str:
    """The words of one remark in the band; a test that is not negative names its result."""
    result = _result_text(finding) if finding else ""
    return word(f"remark.{fact}", short=dependencies().policy.district.short_name, result=result)
