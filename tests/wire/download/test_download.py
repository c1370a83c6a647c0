# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads: a whole dump or what was there before, whatever the storage does, and nothing beside it."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from ansible_collections.northflank.cloud.plugins.module_utils._api.download_endpoints import download_link
from ansible_collections.northflank.cloud.plugins.modules import addon_backup_download

import harness
from sandbox import Fault, Sandbox, StoreFault, VirtualClock, assume

from ..conftest import ADDON, Task

LINK = r"/download-link$"
MARKER = "signature-that-nobody-may-see"
# Large enough for several pieces of what is read at once, and packed as badly as a dump of pictures.
LARGE = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(12_500))
# Without that, no dump is known for one.
pytestmark = pytest.mark.assume(types_told=True)
MODULE = "ansible_collections.northflank.cloud.plugins.modules.addon_backup_download"


@pytest.fixture
def download(sandbox: Sandbox, clock: VirtualClock, dest: Path) -> Task:
    """Run addon_backup_download for the newest dump of the first addon; arguments as in a playbook."""
    return downloading(sandbox, clock, dest)


def downloading(sandbox: Sandbox, clock: VirtualClock, dest: Path) -> Task:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump")
    usual = {"addon_id": ADDON, "dest": str(dest)}

    def run(on_sleep: Callable[[float], None] | None = None, **arguments: Any) -> harness.Ran:
        which = {} if arguments.keys() & {"backup_id", "name", "latest"} else {"latest": True}
        return harness.run_task(addon_backup_download, sandbox, clock, on_sleep, **{**usual, **which, **arguments})

    return run


def holds(sandbox: Sandbox, content: bytes) -> bytes:
    """Let the newest dump's file hold this."""
    sandbox.set_file(ADDON, "nightly", content)
    return content


def ranges(sandbox: Sandbox) -> list[str | None]:
    return [request.range for request in sandbox.store_requests]


def refused(ran: harness.Ran, *words: str) -> None:
    assert ran.failed, ran.result
    assert not ran.changed
    for word in words:
        assert word in ran.msg


# What is asked for


@pytest.mark.assume(max_page_size_served=None)
def test_the_newest_dump_becomes_a_file(sandbox: Sandbox, download: Task, dest: Path) -> None:
    sandbox.add_backup(ADDON, name="Older", backup_type="dump", age=7200)
    sandbox.add_backup(ADDON, name="Newer, but no dump", age=60)
    sandbox.add_backup(ADDON, name="An import", backup_type="dump", source_type="fileUpload", age=60)
    sandbox.add_backup(ADDON, name="Under way", backup_type="dump", status="in-progress", age=1)
    ran = download()
    assert not ran.failed, ran.result
    content = sandbox.file(ADDON, "nightly")
    assert dest.read_bytes() == content
    assert (ran.changed, ran.backup["id"], ran.backup["addon_id"]) == (True, "nightly", ADDON)
    assert (ran.result["dest"], ran.result["size"]) == (str(dest), len(content))
    assert (ran.result["checksum"], ran.result["verified"]) == (hashlib.sha256(content).hexdigest(), "checksum")
    assert ran.result["requests"] == 2
    assert [request.method for request in sandbox.requests] == ["GET", "GET"]


@pytest.mark.parametrize("which", [{"name": "Nightly"}, {"backup_id": "nightly"}])
def test_a_dump_by_its_name_or_id(sandbox: Sandbox, download: Task, dest: Path, which: dict[str, str]) -> None:
    sandbox.add_backup(ADDON, name="Later", backup_type="dump", age=60)
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", status="failed", id="another")
    ran = download(**which)
    assert not ran.failed, ran.result
    assert dest.read_bytes() == sandbox.file(ADDON, "nightly")


def test_in_a_folder_the_file_gets_a_name_that_no_other_dump_has(
    sandbox: Sandbox, download: Task, folder: Path
) -> None:
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type="zstd", age=60)
    assert download(name="Nightly", dest=f"{folder}/").changed
    assert download(name="Packed", dest=str(folder)).changed
    assert not download(name="Packed", dest=str(folder)).changed
    assert sorted(path.name for path in folder.iterdir()) == [
        "default-project_postgres-main_20260301T110000Z_nightly.gz",
        "default-project_postgres-main_20260301T115900Z_packed.zst",
    ]


BAD_INPUT: list[tuple[dict[str, Any], list[str]]] = [
    ({"latest": False}, ["backup_id", "given: none of them"]),
    ({"latest": True, "name": "Nightly"}, ["only one of them", "given: name and latest"]),
    ({"latest": True, "name": "Nightly", "backup_id": "x"}, ["given: all of them"]),
    ({"backup_id": "../x"}, ["backup_id", "'../x'"]),
    ({"name": "x"}, ["name", "3 to 39"]),
    ({"addon_id": "a/b"}, ["addon_id", "'a/b'"]),
    ({"project_id": "a/b"}, ["project_id", "'a/b'"]),
    ({"dest": ""}, ["dest", "empty"]),
    ({"dest": None}, ["dest"]),
    ({"wait_timeout": 0}, ["wait_timeout", "at least 1"]),
    ({"wait_timeout": "31d"}, ["wait_timeout", "at most 30 days"]),
    ({"wait_timeout": "9" * 12}, ["wait_timeout", "at most 30 days"]),
    ({"wait_timeout": "9" * 20}, ["wait_timeout", "must be a number of seconds"]),
    ({"api_timeout": 99999999999}, ["api_timeout", "at most 3600 seconds"]),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_INPUT, ids=[repr(row[0])[:60] for row in BAD_INPUT])
def test_bad_input_is_refused_before_the_first_request(
    sandbox: Sandbox, download: Task, arguments: dict[str, Any], words: list[str]
) -> None:
    ran = download(**arguments)
    assert ran.failed
    for word in words:
        assert word in ran.msg
    assert sandbox.requests == []


def several(sandbox: Sandbox) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump", id="second")


def none_left(sandbox: Sandbox) -> None:
    sandbox.remove_backup(ADDON, "nightly")


def other(**known: Any) -> Callable[[Sandbox], object]:
    return lambda sandbox: sandbox.add_backup(ADDON, name="Other", **known)


NOT_TO_BE_HAD: list[tuple[dict[str, Any], Callable[[Sandbox], object], list[str]]] = [
    ({"backup_id": "other"}, other(), ["'Other'", "is a snapshot", "backup_type=dump"]),
    ({"backup_id": "other"}, other(backup_type="dump", status="in-progress"), ["'in-progress'", "not completed"]),
    ({"backup_id": "other"}, other(backup_type="dump", status="failed"), ["'failed'", "not completed"]),
    ({"backup_id": "other"}, other(backup_type="dump", source_type="fileUpload"), ["imported"]),
    ({"backup_id": "nothing"}, other(), ["no backup with the ID 'nothing'", "addon_backup_info"]),
    ({"name": "Other"}, other(), ["no completed dump named 'Other'", "a snapshot, ID other (completed"]),
    ({"name": "Other"}, other(backup_type="dump", status="aborted"), ["a dump, ID other (aborted"]),
    ({"name": "Nothing"}, other(), ["no completed dump named 'Nothing'", "Nothing was downloaded"]),
    ({"name": "Nightly"}, several, ["2 completed dumps named 'Nightly'", "ID nightly", "ID second", "backup_id"]),
    ({}, none_left, ["no completed dump, so there is nothing to download"]),
    ({"addon_id": "postgres-mian"}, other(), ["Did you mean 'postgres-main'?"]),
    ({"project_id": "defualt-project"}, other(), ["Did you mean 'default-project'?"]),
]


@pytest.mark.parametrize(
    ("which", "before", "words"), NOT_TO_BE_HAD, ids=[str(number) for number, _row in enumerate(NOT_TO_BE_HAD)]
)
def test_what_cannot_be_downloaded_is_refused_with_the_reason(
    sandbox: Sandbox,
    download: Task,
    folder: Path,
    which: dict[str, Any],
    before: Callable[[Sandbox], object],
    words: list[str],
) -> None:
    before(sandbox)
    refused(download(**which), *words)
    assert sandbox.store_requests == []
    assert list(folder.iterdir()) == []


def test_a_token_that_may_not_read_is_told_the_permission_it_lacks(
    sandbox: Sandbox, download: Task, folder: Path
) -> None:
    sandbox.fault(Fault(path=LINK, kind="403"))
    refused(download(), "HTTP 403", "Project > Addons > General > Read")
    assert list(folder.iterdir()) == []


# Where it goes


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/null", "/dev/new", "/proc/self/fd/1", "/sys/dump.gz"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_no_place_on_a_disk_is_refused_also_behind_a_link(
    sandbox: Sandbox, download: Task, folder: Path, place: str, check_mode: bool
) -> None:
    before = Path(place).lstat() if os.path.lexists(place) else None
    (folder / "link").symlink_to(place)
    (folder / "link-to-its-folder").symlink_to(Path(place).parent)
    for dest in (place, folder / "link", folder / "link-to-its-folder" / Path(place).name):
        refused(download(dest=str(dest), _check_mode=check_mode), "no file can be created")
    assert sandbox.store_requests == []
    assert (folder / "link").readlink() == Path(place)
    if before is not None:
        after = Path(place).lstat()
        assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_dest_that_is_no_path_is_refused(sandbox: Sandbox, download: Task, folder: Path, check_mode: bool) -> None:
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    for dest, words in (
        (folder / ("x" * 300), "File name too long"),
        (folder / "one", "symbolic links"),
        (folder / "one" / "dump.gz", "symbolic links"),
        (f"{folder}/a\0b", "null"),
    ):
        refused(download(dest=str(dest), _check_mode=check_mode), "dest cannot be used", words)
    assert sandbox.store_requests == []


def test_a_file_that_nobody_may_change_is_told_before_the_download(
    sandbox: Sandbox, download: Task, dest: Path
) -> None:
    dest.write_bytes(b"before")
    if (
        shutil.which("chattr") is None
        or subprocess.run(["chattr", "+i", dest], capture_output=True, check=False).returncode
    ):
        pytest.skip("only root can make a file immutable, on some file systems")
    try:
        for check_mode in (True, False):
            refused(download(force=True, _check_mode=check_mode), "cannot be replaced, because it is immutable")
    finally:
        subprocess.run(["chattr", "-i", dest], check=True)
    assert sandbox.store_requests == []
    assert dest.read_bytes() == b"before"


def test_a_file_that_is_mounted_by_itself_is_told_before_the_download(
    sandbox: Sandbox, download: Task, dest: Path, tmp_path: Path
) -> None:
    """As ``docker run -v dump.gz:/dumps/dump.gz`` does it."""
    dest.write_bytes(b"before")
    (tmp_path / "outside").write_bytes(b"before")
    if subprocess.run(["mount", "--bind", tmp_path / "outside", dest], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a file, and not in every container")
    try:
        for check_mode in (True, False):
            refused(download(force=True, _check_mode=check_mode), "cannot be replaced, because it is a mount point")
    finally:
        subprocess.run(["umount", dest], check=True)
    assert sandbox.store_requests == []
    assert (tmp_path / "outside").read_bytes() == b"before"


def test_what_a_task_that_was_killed_has_left_is_swept_and_nothing_else(download: Task, folder: Path) -> None:
    left, used = folder / ".northflank-left.part", folder / ".northflank-used.part"
    mine = [folder / name for name in ("northflank.part", ".northflank-mine", "other.part")]
    for path in (left, used, *mine):
        path.write_bytes(b"half a dump")
    (folder / ".northflank-link.part").symlink_to(mine[0])
    with used.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert download(_check_mode=True).changed
        assert left.exists()
        assert not download().failed
    assert not left.exists()
    assert all(path.read_bytes() == b"half a dump" for path in (used, *mine))
    assert (folder / ".northflank-link.part").is_symlink()


def test_a_dest_where_no_file_can_be_is_refused_before_the_download(
    sandbox: Sandbox, download: Task, folder: Path
) -> None:
    (folder / "taken").mkdir()
    (folder / "default-project_postgres-main_20260301T110000Z_nightly.gz").mkdir()
    os.mkfifo(folder / "pipe")
    refused(download(dest=f"{folder}/nowhere/dump.gz"), "a folder that exists", f"{folder}/nowhere does not")
    refused(download(dest=f"{folder}/nowhere/"), "a folder that exists")
    refused(download(dest=str(folder)), "nightly.gz is a folder")
    (folder / "link-to-a-pipe").symlink_to(folder / "pipe")
    for pipe in ("pipe", "link-to-a-pipe"):
        refused(download(dest=f"{folder}/{pipe}"), "regular file")
        refused(download(dest=f"{folder}/{pipe}", _check_mode=True), "regular file")
    assert sandbox.store_requests == []
    assert len(list(folder.iterdir())) == 4


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that takes no file, not even root's, is Linux's")
def test_a_folder_that_takes_no_file_is_refused_before_the_download(sandbox: Sandbox, download: Task) -> None:
    refused(download(dest="/proc/dump.gz"), "no file can be created")
    assert sandbox.store_requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_folder_of_somebody_else_is_refused(download: Task, folder: Path, check_mode: bool) -> None:
    folder.chmod(0o500)
    refused(download(_check_mode=check_mode), "no file can be created")


def test_a_dump_that_has_no_room_is_refused_before_the_download(sandbox: Sandbox, download: Task, folder: Path) -> None:
    sandbox.add_backup(ADDON, name="Huge", backup_type="dump", size=10**17)
    refused(download(name="Huge"), "Not enough space", "100000000.0 GB needed")
    refused(download(name="Huge", _check_mode=True), "Not enough space")
    assert sandbox.store_requests == []
    sandbox.store_fault(StoreFault(kind="endless", length=10**17))
    refused(download(name="Nightly"), "Not enough space", "100000000.0 GB needed")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_a_new_file_is_for_its_owner_only_and_others_keep_their_mode(
    sandbox: Sandbox, download: Task, dest: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        assert download().result["mode"] == "0600"
        dest.chmod(0o640)
        holds(sandbox, gzip.compress(b"another"))
        assert download().result["mode"] == "0640"
        ran = download(mode="u=rw,go=r")
        assert (ran.changed, ran.result["mode"]) == (True, "0644")
    finally:
        os.umask(before)
    assert dest.stat().st_mode & 0o777 == 0o644
    assert not download(mode="0644").changed
    assert [(request.range, request.status) for request in sandbox.store_requests] == [(None, 200)] * 5


def test_a_mode_that_is_none_is_refused_before_the_download(sandbox: Sandbox, download: Task, folder: Path) -> None:
    ran = download(mode="rather private")
    assert ran.failed
    assert "mode" in ran.msg
    assert sandbox.store_requests == []
    assert list(folder.iterdir()) == []


def test_a_symbolic_link_is_replaced_and_what_it_leads_to_is_left_alone(
    sandbox: Sandbox, download: Task, dest: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    dest.symlink_to(precious)
    assert download().changed
    assert precious.read_text(encoding="utf-8") == "precious"
    assert not dest.is_symlink()
    assert dest.read_bytes() == sandbox.file(ADDON, "nightly")


# Interruptions


@pytest.fixture(params=["etag", "weak", None])
def validator(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[True, False], ids=["parts", "no parts"])
def odd(request: pytest.FixtureRequest, clock: VirtualClock, validator: str | None) -> Iterator[Sandbox]:
    """A sandbox whose storage may lack what others have."""
    assumptions = assume(types_told=True, store_ranges=request.param, store_validator=validator)
    with Sandbox(clock=clock, assumptions=assumptions) as server:
        yield server


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_a_connection_that_breaks_is_taken_up_again(
    odd: Sandbox, clock: VirtualClock, dest: Path, kind: str, validator: str | None
) -> None:
    download = downloading(odd, clock, dest)
    content = holds(odd, gzip.compress(LARGE, mtime=0))
    odd.store_fault(StoreFault(kind=kind, at=200_000, times=2))
    ran = download()
    assert not ran.failed, ran.result
    assert dest.read_bytes() == content
    first, *later = odd.store_requests
    assert (first.range, first.if_range) == (None, None)
    assert len(later) == 2
    for request in later:
        assert re.fullmatch(r"bytes=[1-9]\d*-", request.range or "")
        assert bool(request.if_range) == (validator == "etag")
        assert request.status == (206 if odd.world.assumptions.store_ranges else 200)
    assert len([request for request in odd.requests if re.search(LINK, request.path)]) == 1


def test_what_was_replaced_meanwhile_is_not_patched_together(odd: Sandbox, clock: VirtualClock, dest: Path) -> None:
    """Two files of one length: nothing but a version's mark or the content's check sum tells them apart."""
    download = downloading(odd, clock, dest)
    one, other_one = gzip.compress(LARGE, 0, mtime=0), gzip.compress(LARGE[::-1], 0, mtime=0)
    assert len(one) == len(other_one)
    holds(odd, one)
    odd.store_fault(StoreFault(kind="cut", at=200_000))
    ran = download(on_sleep=lambda _seconds: holds(odd, other_one))
    assert not ran.failed, ran.result
    assert dest.read_bytes() == other_one


def test_what_became_shorter_or_longer_meanwhile_is_begun_anew(odd: Sandbox, clock: VirtualClock, dest: Path) -> None:
    download = downloading(odd, clock, dest)
    for content in (gzip.compress(LARGE[:90_000]), gzip.compress(LARGE + LARGE)):
        holds(odd, gzip.compress(LARGE, mtime=0))
        odd.store_fault(StoreFault(kind="cut", at=200_000))
        ran = download(force=True, on_sleep=lambda _seconds, content=content: holds(odd, content))
        assert not ran.failed, ran.result
        assert dest.read_bytes() == content
        odd.clear_faults()


@pytest.mark.assume(store_ranges=True, store_validator="etag")
def test_a_part_that_is_shorter_than_it_says_is_taken_up_again(sandbox: Sandbox, download: Task, dest: Path) -> None:
    content = holds(sandbox, gzip.compress(LARGE, mtime=0))
    sandbox.store_fault(StoreFault(kind="cut", at=200_000))
    sandbox.store_fault(StoreFault(kind="short", at=1000, turn=2))
    assert not download().failed
    assert dest.read_bytes() == content
    assert ranges(sandbox) == [None, "bytes=200000-", "bytes=201000-"]


def test_where_a_mixture_could_not_be_told_it_is_begun_anew(clock: VirtualClock, dest: Path) -> None:
    with Sandbox(clock=clock, assumptions=assume(types_told=True, store_validator=None)) as sandbox:
        download = downloading(sandbox, clock, dest)
        sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type="zstd", age=60)
        content = zstandard.ZstdCompressor(write_checksum=False).compress(LARGE)
        sandbox.set_file(ADDON, "packed", content)
        sandbox.store_fault(StoreFault(kind="cut", at=200_000))
        assert not download().failed
        assert dest.read_bytes() == content
        assert ranges(sandbox) == [None, None]


@pytest.mark.assume(store_ranges=True, store_validator="etag")
def test_as_long_as_more_comes_any_number_of_interruptions_is_borne(
    sandbox: Sandbox, download: Task, dest: Path
) -> None:
    content = holds(sandbox, gzip.compress(LARGE, mtime=0))
    sandbox.store_fault(StoreFault(kind="cut", at=70_000, times=None))
    ran = download(api_retries=1)
    assert not ran.failed, ran.result
    assert dest.read_bytes() == content
    assert len(sandbox.store_requests) == 6


@pytest.mark.parametrize("kind", ["cut", "error"])
def test_a_storage_that_fails_every_time_is_given_up(
    sandbox: Sandbox, download: Task, folder: Path, clock: VirtualClock, kind: str
) -> None:
    sandbox.store_fault(StoreFault(kind=kind, at=0, times=None))
    began = clock.monotonic()
    refused(download(api_retries=3), "'Nightly'", "was not downloaded", "api_retries", "0 bytes")
    assert len(sandbox.store_requests) == 4
    assert 2 < clock.monotonic() - began < 10
    assert list(folder.iterdir()) == []


def test_a_storage_that_is_busy_for_a_while_is_waited_for(sandbox: Sandbox, download: Task, dest: Path) -> None:
    for turn, status in enumerate((500, 503, 429, 408), 1):
        sandbox.store_fault(StoreFault(kind="error", status=status, turn=turn))
    assert not download().failed
    assert dest.read_bytes() == sandbox.file(ADDON, "nightly")


@pytest.mark.parametrize("kind", ["stall", "timeout"])
def test_a_storage_that_falls_silent_is_asked_again(sandbox: Sandbox, download: Task, dest: Path, kind: str) -> None:
    content = holds(sandbox, gzip.compress(LARGE, mtime=0))
    sandbox.store_fault(StoreFault(kind=kind, at=200_000))
    ran = download(api_timeout=1)
    assert not ran.failed, ran.result
    assert dest.read_bytes() == content


def test_a_slow_storage_is_given_up_at_the_deadline(
    sandbox: Sandbox, download: Task, folder: Path, clock: VirtualClock
) -> None:
    holds(sandbox, gzip.compress(LARGE, mtime=0))
    sandbox.store_fault(StoreFault(kind="slow", at=64 * 1024, delay=60, times=None))
    began = clock.monotonic()
    refused(download(wait_timeout=150), "the 150 s that the task was given are used up", "larger wait_timeout")
    assert clock.monotonic() - began >= 150
    assert list(folder.iterdir()) == []


def test_a_storage_that_never_ends_is_given_up_at_the_deadline(
    sandbox: Sandbox, download: Task, folder: Path, clock: VirtualClock
) -> None:
    """What comes is a good beginning of a zstd frame, for ever: empty blocks."""
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type="zstd", age=60)
    sandbox.set_file(ADDON, "packed", b"\x28\xb5\x2f\xfd\x00\x58")
    sandbox.store_fault(StoreFault(kind="endless", delay=60, length=1 << 24, times=None))
    refused(download(wait_timeout=600), "are used up")
    assert clock.monotonic() >= 600
    assert list(folder.iterdir()) == []


def test_a_length_that_is_wrong_is_noticed(sandbox: Sandbox, download: Task, folder: Path) -> None:
    sandbox.store_fault(StoreFault(kind="short", at=700))
    refused(download(), "failed verification", "gzip stream ends too early")
    assert list(folder.iterdir()) == []


def test_a_storage_that_does_not_say_how_much_there_is_is_refused(
    sandbox: Sandbox, download: Task, folder: Path
) -> None:
    sandbox.store_fault(StoreFault(kind="no-length", times=None))
    refused(download(), "does not tell how long the file is")
    assert len(sandbox.store_requests) == 1
    assert list(folder.iterdir()) == []


# Links


@pytest.fixture
def short_lived(clock: VirtualClock) -> Iterator[Sandbox]:
    assumptions = assume(types_told=True, link_lifetime=5, store_ranges=True, store_validator="etag")
    with Sandbox(clock=clock, assumptions=assumptions) as server:
        yield server


def links(sandbox: Sandbox) -> int:
    return len([request for request in sandbox.requests if re.search(LINK, request.path)])


def test_a_link_that_has_expired_is_made_anew(short_lived: Sandbox, clock: VirtualClock, dest: Path) -> None:
    download = downloading(short_lived, clock, dest)
    content = holds(short_lived, gzip.compress(LARGE, mtime=0))
    short_lived.store_fault(StoreFault(kind="cut", at=200_000))
    ran = download(on_sleep=lambda _seconds: clock.advance(10))
    assert not ran.failed, ran.result
    assert dest.read_bytes() == content
    assert [request.status for request in short_lived.store_requests] == [200, 403, 206]
    assert links(short_lived) == 2
    assert ran.result["requests"] == 4


def test_a_link_of_another_backup_is_not_used(
    short_lived: Sandbox, clock: VirtualClock, dest: Path, folder: Path
) -> None:
    """The ID may be given again."""
    download = downloading(short_lived, clock, dest)
    short_lived.store_fault(StoreFault(kind="cut"))

    def exchange(_seconds: float) -> None:
        clock.advance(10)
        short_lived.remove_backup(ADDON, "nightly")
        short_lived.add_backup(ADDON, name="Nightly", backup_type="dump", age=1)

    refused(download(on_sleep=exchange), "was deleted before it was downloaded")
    assert links(short_lived) == 1
    assert list(folder.iterdir()) == []


def test_a_backup_that_is_deleted_meanwhile(
    short_lived: Sandbox, clock: VirtualClock, dest: Path, folder: Path
) -> None:
    download = downloading(short_lived, clock, dest)
    short_lived.store_fault(StoreFault(kind="cut"))

    def delete(_seconds: float) -> None:
        clock.advance(10)
        short_lived.remove_backup(ADDON, "nightly")

    refused(download(on_sleep=delete), "was deleted before it was downloaded")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "asked", "words"), [(410, 2, "also with a second link"), (403, 2, "also"), (404, 1, "HTTP 404")]
)
def test_a_storage_that_refuses(
    sandbox: Sandbox, download: Task, folder: Path, status: int, asked: int, words: str
) -> None:
    sandbox.store_fault(StoreFault(kind="error", status=status, times=None))
    refused(download(), f"refused the request with HTTP {status}", words)
    assert links(sandbox) == len(sandbox.store_requests) == asked
    assert list(folder.iterdir()) == []


def test_a_link_that_is_no_url_is_not_followed(sandbox: Sandbox, download: Task) -> None:
    link = f"https://[{MARKER}"
    sandbox.fault(Fault(path=LINK, kind="wrong-type", body={"data": {"downloadLink": link}}))
    ran = download()
    refused(ran, "The download link was not followed: it is no URL")
    assert MARKER not in repr(ran)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (f"http://storage.example/f?X-Signature={MARKER}", "leads to http://storage.example, and only https"),
        (f"ftp://127.0.0.1/f?X-Signature={MARKER}", "leads to ftp://127.0.0.1"),
        (f"file:///etc/{MARKER}", "only https"),
        (f"https://169.254.169.254/f?X-Signature={MARKER}", "(169.254.169.254), a special address"),
        (f"https://[fe80::1]/f?X-Signature={MARKER}", "(fe80::1), a special address"),
        (f"https://0.0.0.0/f?X-Signature={MARKER}", "(0.0.0.0), a special address"),
    ],
)
@pytest.mark.parametrize("by", ["api", "redirect"])
def test_a_link_to_where_none_may_lead_is_not_followed(
    sandbox: Sandbox, download: Task, folder: Path, link: str, words: str, by: str
) -> None:
    if by == "api":
        sandbox.fault(Fault(path=LINK, kind="wrong-type", body={"data": {"downloadLink": link}}))
    else:
        sandbox.store_fault(StoreFault(kind="redirect", location=link))
    ran = download()
    refused(ran, "The download link was not followed", words)
    assert MARKER not in repr(ran)
    assert len(sandbox.store_requests) == (by == "redirect")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("data", [{}, {"downloadLink": ""}, {"downloadLink": 7}, []])
def test_an_api_that_gives_no_link(sandbox: Sandbox, download: Task, data: Any) -> None:
    sandbox.fault(Fault(path=LINK, kind="wrong-type", body={"data": data}, times=None))
    refused(download(), "there is no downloadLink")


def test_a_redirect_is_followed_and_a_circle_is_not(sandbox: Sandbox, download: Task, dest: Path) -> None:
    sandbox.store_fault(StoreFault(kind="redirect"))
    assert not download().failed
    assert dest.read_bytes() == sandbox.file(ADDON, "nightly")
    assert [request.status for request in sandbox.store_requests] == [307, 200]
    sandbox.store_fault(StoreFault(kind="redirect", times=None))
    refused(download(force=True), "more than 5 redirects")


def test_the_storage_sees_neither_token_nor_password_nor_cookie(
    sandbox: Sandbox, download: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.2 login someone password else\ndefault login a password b\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    sandbox.store_fault(StoreFault(kind="redirect"))
    assert not download().failed
    assert len(sandbox.store_requests) == 2
    assert not any(request.authorization or request.cookie for request in sandbox.store_requests)


@pytest.mark.parametrize("fault", [None, "cut", "error", "redirect"])
def test_a_link_is_in_no_result(sandbox: Sandbox, download: Task, fault: str | None) -> None:
    if fault is not None:
        sandbox.store_fault(StoreFault(kind=fault, times=None, location="http://127.0.0.2:1/x?signature=redirected"))
    ran = download(_diff=True, api_retries=0)
    assert ran.failed == (fault is not None)
    assert "signature" not in repr(ran)
    assert "expires=" not in repr(ran)


# What comes


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


GZ = gzip.compress(LARGE, mtime=0)
ZSTD = zstandard.ZstdCompressor(write_checksum=True).compress(LARGE)
BROKEN = {
    "a check sum that is wrong": (flipped(GZ, len(GZ) - 6), "gzip stream is damaged"),
    "a length that is wrong": (flipped(GZ, len(GZ) - 2), "gzip stream is damaged"),
    "content that is wrong": (flipped(GZ, 200_000), "gzip stream is damaged"),
    "an end that is missing": (GZ[:-9], "gzip stream ends too early"),
    "a check sum that is missing": (GZ[:-8], "gzip stream ends too early"),
    "half a check sum": (GZ[:-3], "gzip stream ends too early"),
    "something behind the end": (GZ + b"and more", "gzip stream is damaged"),
    "a second stream that breaks off": (GZ + GZ[:-5], "gzip stream ends too early"),
    "a page": (b"<html>Please log in</html>", "neither with gzip nor with zstd"),
    "nothing": (b"", "too short"),
    "next to nothing": (GZ[:3], "too short"),
    "another compression": (ZSTD, "compressed with zstd, and the API says gz"),
}


@pytest.mark.parametrize(("content", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_dump_is_refused_and_what_was_there_stays(
    sandbox: Sandbox, download: Task, dest: Path, folder: Path, content: bytes, words: str
) -> None:
    dest.write_bytes(b"what was there")
    holds(sandbox, content)
    refused(download(), "failed verification", words)
    assert dest.read_bytes() == b"what was there"
    assert list(folder.iterdir()) == [dest]
    assert len([request for request in sandbox.store_requests if request.range is None]) <= 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (flipped(ZSTD, len(ZSTD) - 1), "zstd frame is damaged"),
        (ZSTD[:-1], "zstd frame ends too early"),
        (ZSTD + b"more and more", "zstd frame is damaged"),
        (GZ, "compressed with gz, and the API says zstd"),
    ],
)
def test_a_broken_dump_of_the_other_kind(
    sandbox: Sandbox, download: Task, folder: Path, content: bytes, words: str
) -> None:
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type="zstd", age=60)
    sandbox.set_file(ADDON, "packed", content)
    refused(download(), "failed verification", words)
    assert list(folder.iterdir()) == []


WHOLE = {
    "gzip": ("gz", GZ, "checksum"),
    "gzip, of several streams": ("gz", GZ + GZ, "checksum"),
    "gzip, packed extremely well": ("gz", gzip.compress(bytes(50_000_000), 9), "checksum"),
    "zstd with a check sum": ("zstd", ZSTD, "checksum"),
    "zstd without": ("zstd", zstandard.ZstdCompressor(write_checksum=False).compress(LARGE), "frame"),
    "zstd, of several frames": ("zstd", ZSTD + ZSTD, "frame"),
    "zstd, with something to skip in front": ("zstd", b"\x50\x2a\x4d\x18\x04\0\0\0skip" + ZSTD, "frame"),
}


@pytest.mark.parametrize(("compression", "content", "verified"), WHOLE.values(), ids=WHOLE)
def test_a_whole_dump_is_told_what_it_was_checked_by(
    sandbox: Sandbox, download: Task, dest: Path, compression: str, content: bytes, verified: str
) -> None:
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type=compression, age=60)
    sandbox.set_file(ADDON, "packed", content)
    ran = download()
    assert not ran.failed, ran.result
    assert dest.read_bytes() == content
    assert (ran.result["verified"], ran.warnings) == (verified, [])


def as_program(sandbox: Sandbox, folder: Path, before: str = "", after: str = "''", **arguments: Any) -> harness.Ran:
    """Run the module in a process of its own, with something before and after it."""
    given = {"project_id": sandbox.project_id, "addon_id": ADDON, "latest": True, **arguments}
    file = folder.parent / "arguments.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, after=after), str(file)],
        env=harness.clean_environment(NORTHFLANK_API_URL=sandbox.url, NORTHFLANK_API_TOKEN=sandbox.token),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.stdout, ended.stderr
    return harness.Ran(json.loads(ended.stdout), ended.returncode != 0, ended.stderr)


PROGRAM = """
import atexit, pathlib, re, resource, runpy, sys
{before}
atexit.register(lambda: sys.stderr.write(str({after})))
runpy.run_module("MODULE", run_name="__main__", alter_sys=True)
""".replace("MODULE", MODULE)


def test_where_zstd_cannot_be_unpacked_only_the_length_is_known_and_that_is_said(
    sandbox: Sandbox, dest: Path, folder: Path
) -> None:
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type="zstd", age=60)
    sandbox.set_file(ADDON, "packed", ZSTD[:-1])
    ran = as_program(sandbox, folder, "sys.modules['zstandard'] = None", dest=str(dest))
    assert not ran.failed, ran.result
    assert ran.result["verified"] == "length"
    assert "Only the length was verified of dump.gz" in str(ran.warnings)
    assert "pip install zstandard" in str(ran.warnings)
    assert dest.read_bytes() == ZSTD[:-1]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the most memory since the start")
def test_a_large_dump_takes_little_memory(sandbox: Sandbox, dest: Path, folder: Path) -> None:
    """Also one that packs a thousand times as much."""
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump")
    peak = "re.search(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text())[1]"
    small = as_program(sandbox, folder, "", peak, dest=str(dest))
    for content in (gzip.compress(LARGE * 150, 0), gzip.compress(bytes(100_000_000), 9)):
        holds(sandbox, content)
        large = as_program(sandbox, folder, "", peak, dest=str(dest))
        assert not large.failed, large.result
        assert dest.read_bytes() == content
        assert int(large.said.split()[-1]) - int(small.said.split()[-1]) < 24 * 1024


def test_a_disk_that_takes_no_more_leaves_nothing_behind(sandbox: Sandbox, dest: Path, folder: Path) -> None:
    sandbox.add_backup(ADDON, name="Nightly", backup_type="dump")
    holds(sandbox, GZ)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    refused(as_program(sandbox, folder, limit, dest=str(dest)), "could not be written", "File too large")
    assert list(folder.iterdir()) == []


# What is there already


@pytest.mark.assume(store_ranges=True, store_validator="etag")
def test_a_second_run_changes_nothing_and_downloads_next_to_nothing(
    sandbox: Sandbox, download: Task, dest: Path
) -> None:
    holds(sandbox, GZ)
    assert download().changed
    before = dest.stat()
    ran = download()
    assert (ran.changed, ran.result["checksum"]) == (False, hashlib.sha256(GZ).hexdigest())
    assert (dest.stat().st_ino, dest.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert ranges(sandbox) == [None, f"bytes={len(GZ) - 65536}-"]
    assert ran.result["requests"] == 2


@pytest.mark.parametrize(
    "there",
    [
        gzip.compress(LARGE[::-1]),
        flipped(GZ, 1000),
        flipped(GZ, len(GZ) - 70_000),
        flipped(GZ, len(GZ) - 1),
        GZ[:-1],
        GZ + b"x",
        b"",
        b"x",
        bytes(len(GZ)),
        bytes(len(GZ) - 65536) + GZ[-65536:],
    ],
    ids=range(10),
)
def test_what_is_not_the_dump_is_replaced(sandbox: Sandbox, download: Task, dest: Path, there: bytes) -> None:
    holds(sandbox, GZ)
    dest.write_bytes(there)
    planned = download(_check_mode=True)
    assert (planned.changed, planned.result["checksum"]) == (True, None)
    assert dest.read_bytes() == there
    assert download().changed
    assert dest.read_bytes() == GZ


@pytest.mark.parametrize(
    ("compression", "content", "certain"),
    [
        ("gz", GZ, True),
        ("gz", GZ + GZ, False),
        ("zstd", ZSTD, True),
        ("zstd", zstandard.ZstdCompressor(write_checksum=False).compress(LARGE), False),
    ],
)
@pytest.mark.assume(store_ranges=True, store_validator="etag")
def test_what_cannot_be_known_without_all_of_it_is_downloaded_and_not_replaced(
    sandbox: Sandbox, download: Task, dest: Path, compression: str, content: bytes, certain: bool
) -> None:
    sandbox.add_backup(ADDON, name="Packed", backup_type="dump", compression_type=compression, age=60)
    sandbox.set_file(ADDON, "packed", content)
    assert download().changed
    before = dest.stat()
    assert download(_check_mode=True).changed is not certain
    assert not download().changed
    assert not download(force=True).changed
    assert (dest.stat().st_ino, dest.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert ranges(sandbox).count(None) == (2 if certain else 3)


def test_where_the_storage_knows_no_parts_all_of_it_is_compared(odd: Sandbox, clock: VirtualClock, dest: Path) -> None:
    download = downloading(odd, clock, dest)
    holds(odd, GZ)
    assert download().changed
    assert not download().changed


def test_a_newer_dump_takes_the_place_of_an_older_one(sandbox: Sandbox, download: Task, dest: Path) -> None:
    assert download().changed
    sandbox.execute(ADDON, "DELETE FROM orders")
    sandbox.add_backup(ADDON, name="Later", backup_type="dump", age=60)
    ran = download(_diff=True)
    assert ran.changed
    assert dest.read_bytes() == sandbox.file(ADDON, "later")
    before, after = ran.result["diff"]["before"], ran.result["diff"]["after"]
    assert before["checksum"] == hashlib.sha256(sandbox.file(ADDON, "nightly")).hexdigest()
    assert after == {**before, "size": len(sandbox.file(ADDON, "later")), "checksum": ran.result["checksum"]}


def test_check_mode_asks_and_leaves_everything_as_it_is(sandbox: Sandbox, download: Task, dest: Path) -> None:
    ran = download(_check_mode=True, _diff=True)
    assert (ran.changed, ran.result["dest"], ran.result["size"]) == (True, str(dest), None)
    assert ran.result["diff"]["before"]["state"] == "absent"
    assert sandbox.store_requests == []
    assert not dest.exists()
    download()
    assert not download(_check_mode=True).changed
    assert download(_check_mode=True, force=True).changed
    assert download(_check_mode=True, mode="0644").changed
    assert dest.stat().st_mode & 0o777 == 0o600
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_the_environment_s_proxy_serves_the_storage_too(
    sandbox: Sandbox, download: Task, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the address itself; the proxy is the storage, which looks at the path only."""
    link = download_link(harness.api_of(sandbox, harness.virtual(VirtualClock())), ADDON, "nightly")
    storage = re.match(r"http://[^/]+", link)
    assert storage
    elsewhere = link.replace(storage[0], "http://127.0.0.3:9")
    sandbox.fault(Fault(path=LINK, kind="wrong-type", body={"data": {"downloadLink": elsewhere}}))
    for variable in ("no_proxy", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", storage[0])
    ran = download()
    assert not ran.failed, ran.result
    assert dest.read_bytes() == sandbox.file(ADDON, "nightly")
