"""The short lists of a district that an admin keeps."""

from __future__ import annotations

from enum import StrEnum


class PlaceKind(StrEnum):
    CHECKPOINT = "checkpoint"
    TOWN = "town"
    DENIAL_REASON = "denial_reason"


# As long as their columns.
LONGEST_NAMES = {PlaceKind.CHECKPOINT: 40, PlaceKind.TOWN: 40, PlaceKind.DENIAL_REASON: 50}
