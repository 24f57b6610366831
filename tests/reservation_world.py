"""Two towns, two enterprises and drivers of each kind, for tests of who sees which reservation."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.stories import Reserved, Story
from wxbackend.domain.reservation import Verdict
from wxbackend.services.scans import Guard

HERE, THERE = "黄阁镇", "东涌镇"
LEAD_HERE, LEAD_THERE = "13900000001", "13900000002"
# What each has to be found by, on every page that must not show it.
PLATES = {
    "ours": "粤A11111",
    "theirs": "粤B22222",
    "bound_here": "粤C33333",
    "bound_there": "粤D44444",
}
NAMES = {"ours": "甘一", "theirs": "乙二", "bound_here": "丙三", "bound_there": "丁四"}
NUMBERS = {
    "ours": "E10001111",
    "theirs": "E10002222",
    "bound_here": "E10003333",
    "bound_there": "E10004444",
}
PASSENGER = {
    "passengers-0-name": "戊五",
    "passengers-0-id_type": "passport",
    "passengers-0-id_number": "E10005555",
    "passengers-0-phone": "13700005555",
}


@dataclass
class World:
    """`ours` drives for an enterprise of HERE, `theirs` of THERE; two are on no roster."""

    story: Story
    enterprise_here: int = field(init=False)
    enterprise_there: int = field(init=False)
    reserved: dict[str, Reserved] = field(default_factory=dict)
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.enterprise_here = self.story.enterprise("黄阁物流有限公司", HERE, LEAD_HERE)
        self.enterprise_there = self.story.enterprise("东涌货运有限公司", THERE, LEAD_THERE)
        self.story.employ(self.enterprise_here, NUMBERS["ours"], NAMES["ours"])
        self.story.employ(self.enterprise_there, NUMBERS["theirs"], NAMES["theirs"])
        self.story.recipient("member-here", HERE)
        self.story.recipient("member-there", THERE)
        self.story.recipient("member-bureau")
        self.guard = self.story.guard()
        for key, town in (
            ("ours", "横沥镇"),
            ("theirs", "横沥镇"),
            ("bound_here", HERE),
            ("bound_there", THERE),
        ):
            self.reserved[key] = self.reserve(key, town)

    def reserve(self, key: str, town: str = "横沥镇", **changes: str) -> Reserved:
        """A driver whose document is no matter for 微警; `ours` and `theirs` bring a passenger."""
        form = {
            "name": NAMES[key],
            "id_type": "passport",
            "id_number": NUMBERS[key],
            "phone": f"1380000{NUMBERS[key][-4:]}",
            "plate_number": PLATES[key],
            "destination_town": str(self.story.district.town_ids[town]),
            **(PASSENGER if key in {"ours", "theirs"} else {}),
            **changes,
        }
        return self.story.reserve(None, **form)

    def decide(self, key: str, verdict: Verdict = Verdict.ALLOWED, reason: str = "") -> None:
        scan = self.story.scan(self.guard, self.reserved[key].token)
        self.story.decide(self.guard, scan, verdict, reason)

    def id_of(self, key: str) -> str:
        return self.reserved[key].public_id
