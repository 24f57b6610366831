"""The outside world as the use cases see it: one Protocol a system, with its errors.

Every method that goes over the network has a timeout from the settings, and is called with no
database transaction open. `GatewayError` and its kinds stand in `wxbackend.gateways.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from wxbackend.domain.import_cells import Cell
from wxbackend.domain.keys import KeyRing
from wxbackend.domain.notifications import NotificationKind, SendOutcome
from wxbackend.domain.nucleic_acid import NucleicAcidTest
from wxbackend.domain.vaccination import Vaccination

# ---- WeChat ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WechatIdentity:
    """Who came back from OAuth. A snapshot user is a stand-in of WeChat's and no identity."""

    openid: str
    is_snapshot: bool


class CodeSpent(Exception):
    """The OAuth code was used before or is not valid any more: OAuth has to begin again."""


@dataclass(frozen=True, slots=True)
class JsSdkSignature:
    """What `wx.config` needs; the timestamp is text, since iOS refuses a number."""

    app_id: str
    timestamp: str
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class TemplateMessage:
    """A template message: `facts` by our own names, `reference` the same on a retry."""

    openid: str
    kind: NotificationKind
    facts: Mapping[str, str]
    url: str
    reference: str


class WechatAccount(Protocol):
    """The Official Account. Called by sign-in, the scan page and the notification sender."""

    @property
    def app_id(self) -> str: ...

    def authorize_url(self, *, redirect_uri: str, state: str) -> str: ...

    def exchange_code(self, code: str) -> WechatIdentity:
        """Never retried: the code may be spent. Raises: CodeSpent, GatewayError."""
        ...

    def sign_js_sdk(self, url: str, *, now: datetime) -> JsSdkSignature:
        """Raises: GatewayError."""
        ...

    def send_template(self, message: TemplateMessage) -> SendOutcome: ...


# ---- identity ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartedCheck:
    """The person continues at `page_url`; the provider forgets the token at `expires_at`."""

    cert_token: str
    page_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """`is_done` False: ask again later. The number and name may come back masked, or not at all."""

    is_done: bool
    has_passed: bool
    code: str
    name: str | None = None
    id_number: str | None = None


class IdentityProvider(Protocol):
    """微警认证, or another provider of the same service. Called by the identity use cases."""

    @property
    def name(self) -> str: ...

    def start(
        self, *, full_name: str, id_number: str, return_url: str, now: datetime
    ) -> StartedCheck:
        """Raises: GatewayError."""
        ...

    def fetch_result(self, cert_token: str) -> IdentityResult:
        """Only this proves an identity; the browser's return does not. Raises: GatewayError."""
        ...


# ---- messages ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """`text` as it will arrive; `facts` fill a provider's own template of this kind."""

    phone: str
    kind: NotificationKind
    text: str
    facts: Mapping[str, str]


class SmsSender(Protocol):
    """One SMS provider. None of them recognises a repeated request."""

    @property
    def name(self) -> str:
        """As settings, logs and pages name it: mas, mas2, tencent."""

    def carries(self, kind: NotificationKind) -> bool:
        """Whether a text of this kind is registered with the provider."""

    def send(self, message: ShortMessage) -> SendOutcome: ...


@dataclass(frozen=True, slots=True)
class Card:
    """A message with a link: title up to 128 bytes, text up to 512."""

    title: str
    text: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to send: its name in the file store, and the name that its reader sees."""

    stored_as: str
    name: str


class MemberMessenger(Protocol):
    """粤政易. The same arguments make the same bytes, and the platform delivers them once."""

    def send_text(self, *, member_id: str, text: str, reference: int) -> SendOutcome: ...

    def send_card(self, *, member_id: str, card: Card, reference: int) -> SendOutcome: ...

    def send_file(self, *, member_id: str, file: StoredFile, reference: int) -> SendOutcome: ...


# ---- health registry ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What the registers say, by identity number; None for a register that did not answer.

    An empty list means: the register answered, and has no record.
    """

    tests: Mapping[str, Sequence[NucleicAcidTest]] | None
    vaccinations: Mapping[str, Sequence[Vaccination]] | None
    tests_until: datetime | None


class HealthRegistry(Protocol):
    """核酸库 and 疫苗库. Called by the scan; an outage is an answer, never an exception."""

    def look_up(self, id_numbers: Sequence[str], *, timeout: timedelta) -> RegistryAnswer: ...


# ---- stores ------------------------------------------------------------------------------------


class LockNotFree(Exception):
    """The lock was not free within the time."""


class SharedStore(Protocol):
    """Small values that all processes share for a while: tokens, OAuth states, locks."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str, *, keep: timedelta) -> None: ...

    def add(self, key: str, value: str, *, keep: timedelta) -> bool:
        """Put it if nothing is there; False when something is."""
        ...

    def take(self, key: str) -> str | None:
        """Get it and remove it; of several takers one gets it."""
        ...

    def drop(self, key: str) -> None: ...

    def lock(self, name: str, *, keep: timedelta, wait: timedelta) -> AbstractContextManager[None]:
        """Hold the lock while the block runs, at most `keep`. Raises: LockNotFree."""
        ...

    def answers(self) -> bool: ...


class FileStore(Protocol):
    """Encrypted files by name; names are ours, never a user's."""

    def write(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes:
        """Raises: FileNotFoundError."""
        ...

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a large file piece by piece; it is there when it is whole."""
        ...

    def read_pieces(self, name: str) -> Iterator[bytes]:
        """What `write_pieces` wrote, opened at once and read as it goes.

        Raises: FileNotFoundError; TamperedCiphertext, also for a file that was cut short.
        """
        ...

    def delete(self, name: str) -> None:
        """Deleting what is not there is fine."""
        ...

    def names_before(self, prefix: str, moment: datetime) -> list[str]:
        """The files that begin with `prefix` and were written before `moment`."""
        ...

    def sweep(self) -> int:
        """Remove what killed processes left half-written; how many files."""
        ...


# ---- pure work with a library behind it --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture drawn anew as JPEG: no metadata, upright, at most 2,000 pixels a side."""

    content: bytes
    width: int
    height: int


class ImageCleaner(Protocol):
    def clean(self, content: bytes) -> CleanImage:
        """Raises: InvalidValue (image.format, image.pixels)."""
        ...


class QrPainter(Protocol):
    def png(self, text: str) -> bytes:
        """A black on white QR code with its quiet zone, at level M."""
        ...


class PasswordHasher(Protocol):
    def hash(self, password: str) -> str: ...

    def matches(self, password_hash: str, password: str) -> bool: ...

    def spend_time(self, password: str) -> None:
        """Take as long as `matches` does, so that an unknown account answers no faster."""
        ...


class Wording(Protocol):
    """All Chinese that is not on a page's template: messages to people, reasons, labels."""

    def text(self, key: str, **facts: object) -> str:
        """Raises: KeyError for a key or a placeholder that does not exist."""
        ...

    def __contains__(self, key: str) -> bool: ...

    def under(self, prefix: str) -> Sequence[str]:
        """The names that have a text directly under this prefix, in the order of their file."""
        ...


class Spreadsheet(Protocol):
    """The first sheet of an import file. Called by the imports, which read it more than once."""

    @property
    def file_name(self) -> str: ...

    @property
    def likely_rows(self) -> int:
        """How many rows to expect, for a progress bar."""
        ...

    def fingerprint(self) -> str:
        """The file's SHA-256 in hexadecimal."""
        ...

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Every row down to the last with content; its place, from 1, is its number in Excel.

        A blank row is empty. Raises: InvalidValue (import.file.…).
        """
        ...


class ConfinedWorkFailed(Exception):
    """The child process crashed, was killed, or took too long; the text is for the log."""


class ConfinedWork(Protocol):
    """What a child process left behind, as long as the block lasts."""

    def has(self, name: str) -> bool: ...

    def content(self, name: str) -> bytes: ...

    def lines(self, name: str) -> Iterator[str]: ...


class ConfinedWorks(Protocol):
    """A child process with limits on memory and time, for files that nobody trusts."""

    def run(
        self, files: Mapping[str, bytes], *, timeout: timedelta
    ) -> AbstractContextManager[ConfinedWork]:
        """Give the child these files, and wait for what it makes. Raises: ConfinedWorkFailed."""
        ...

    def sweep(self) -> int:
        """Remove what killed processes left behind; how many folders."""
        ...


class DroppedFile(Protocol):
    """A file of the watched folder, held against other workers as long as the block lasts."""

    @property
    def content(self) -> bytes: ...

    def move(self, *, is_done: bool, at: datetime, beside: Mapping[str, bytes]) -> None:
        """To done/ or refused/, its name begun with the local time `at`.

        `beside` are files to put there too, by what is added to its name.
        """
        ...


class DropFolders(Protocol):
    """The folder into which the registers' daily files are put; there may be none."""

    def complete(self, subfolders: Sequence[str]) -> list[tuple[str, str]]:
        """(subfolder, name) of files that have not changed for a while."""
        ...

    def claim(
        self, subfolder: str, name: str, *, most: int
    ) -> AbstractContextManager[DroppedFile | None]:
        """The file with at most one byte more than `most`; None when another worker has it."""
        ...


class TemplateWriter(Protocol):
    def workbook(self, headers: Sequence[str], notes: Sequence[str]) -> bytes:
        """An empty .xlsx file whose cells are text: a header row, and a row of notes below."""
        ...


@dataclass(frozen=True, slots=True)
class TableNotes:
    """A second sheet that says what the table is: pairs of a title and its words."""

    title: str
    lines: Sequence[tuple[str, str]]


class TableMaker(Protocol):
    """Tables as .xlsx files, written row by row; no text in them becomes a formula."""

    def write(
        self,
        path: Path,
        headers: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        notes: Callable[[int], TableNotes],
    ) -> int:
        """How many rows were written; `notes` is asked when that is known."""
        ...


@dataclass(frozen=True, slots=True)
class Gateways:
    """The outside world in one hand, as the composition root gives it to handlers and jobs."""

    keys: KeyRing
    wechat: WechatAccount
    identity: IdentityProvider
    sms: Sequence[SmsSender]  # in the order of preference; each says what it carries
    members: MemberMessenger
    registry: HealthRegistry
    shared: SharedStore
    files: FileStore
    images: ImageCleaner
    qr: QrPainter
    passwords: PasswordHasher
    wording: Wording
    tables: TableMaker
    file_checks: ConfinedWorks
    drops: DropFolders
    templates: TemplateWriter
