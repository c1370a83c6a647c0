# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep a folder in step with all completed dumps, without knowing Ansible."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from .._api.endpoints import Api
from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Backup
from .._task.concurrency import side_by_side
from .._task.messages import describe_error, duration
from .._task.not_found import explain_not_found, holds_for_all
from .._task.project import read_project
from . import messages, mirror_messages
from .fetch import Links, Source, fetch, proven
from .files import PartialFile, abandon, checksum, require_room, sweep, written
from .manifest import FILE, Manifest, sizes
from .mirror_plan import (
    DELETE,
    DOWNLOAD,
    FAIL,
    FORGET,
    KEEP,
    PRESENT,
    MirrorStep,
    Origin,
    address,
    entry_of,
    file_names,
    is_file_of,
    keep_newest,
    of_unknown_origin,
    plan_mirror,
    strangers,
    told_origin,
    too_many_to_delete,
)
from .storage import Store

# A line at most so often, for whoever looks at the screen.
_CALM = 15.0


class MirrorOptions(NamedTuple):
    """How to mirror.

    :ivar folder: where; it exists.
    :ivar addon_ids: of these addons; None for all of the project.
    :ivar api: the API's URL, which the folder belongs to.
    :ivar delete: whether files go whose backup the API no longer has.
    :ivar max_delete_share: of an addon's files, the part that may go in one run.
    :ivar concurrency: how many dumps come at once.
    :ivar look_inside: see :class:`StreamVerifier`.
    :ivar min_size_share: of the dump before it, the part that a dump has at least, if nothing is said.
    :ivar retries: see :class:`Source`; so for ``hide``.
    :ivar say: shows a line to whoever watches.
    """

    folder: Path
    addon_ids: Optional[Sequence[str]]
    api: str
    delete: bool
    max_delete_share: float
    concurrency: int
    look_inside: bool
    min_size_share: float
    retries: int
    hide: Callable[[str], None]
    say: Callable[[str], None]


def decide_mirror(api: Api, store: Store, manifest: Manifest, settings: MirrorOptions) -> list[MirrorStep]:
    """Read everything, and decide. Changes nothing.

    :raises NorthflankError: something cannot be read, or the folder is of another API; so nothing is decided.
    """
    origin = origin_of(api, settings)
    here = mirror_messages.place(origin.api, origin.team_id)
    known = manifest.entries
    others = strangers(origin, known)
    if others:
        there = mirror_messages.place(others[0].api, others[0].team_id)
        raise BackupError(mirror_messages.of_another_api(str(settings.folder), FILE, here, there))
    found = _backups(api, settings.addon_ids)
    sizes_there = sizes(settings.folder, {*known, *file_names(api.project_id, found)})
    is_whole = settings.addon_ids is None
    unknown = of_unknown_origin(origin, found, known, sizes_there, is_whole)
    if unknown:
        words = mirror_messages.of_unknown_api(str(settings.folder), FILE, here, api.project_id, len(unknown))
        raise BackupError(words)
    steps = plan_mirror(api.project_id, found, known, sizes_there, settings.delete, is_whole)
    looking = _Looking(api, store, settings)
    steps = keep_newest(_each(settings, steps, looking.needs_a_look, looking.look))
    coming = [step.backup.size or 0 for step in steps if step.action == DOWNLOAD and step.backup is not None]
    require_room(settings.folder, sum(coming))
    return steps


def held_back(steps: Sequence[MirrorStep], settings: MirrorOptions) -> Optional[str]:
    """Return why nothing may be deleted in this run; None if all may go that should."""
    too_many = too_many_to_delete(steps, settings.max_delete_share)
    return mirror_messages.too_many(too_many, settings.max_delete_share) if too_many else None


def origin_of(api: Api, settings: MirrorOptions) -> Origin:
    """Return where the dumps of a task come from."""
    return Origin(address(settings.api), api.team_id, api.project_id)


def carry_out(
    api: Api, store: Store, manifest: Manifest, steps: Sequence[MirrorStep], settings: MirrorOptions
) -> list[MirrorStep]:
    """Do what was decided. Nothing is deleted unless all that was missing has come.

    :returns: what became of each; the reason says why one failed, or is kept.
    """
    sweep(settings.folder)
    forgotten = [step.name for step in steps if step.action == FORGET]
    if forgotten:
        manifest.drop(*forgotten)
    known = manifest.entries
    news = {step.name: step.entry for step in steps if step.action == PRESENT and step.entry is not None}
    news = {**told_origin(origin_of(api, settings), known), **{k: v for k, v in news.items() if k not in known}}
    if news:
        manifest.put(news)
    done = [step for step in steps if step.action != FORGET]
    coming = [step for step in done if step.action == DOWNLOAD]
    work = _Work(api, store, manifest, settings, _Meter(api, settings.say, coming))
    done = permitted(_each(settings, done, lambda step: step.action == DOWNLOAD, work.download), settings)
    return [work.delete(step) if step.action == DELETE else step for step in done]


def permitted(steps: Sequence[MirrorStep], settings: MirrorOptions) -> list[MirrorStep]:
    """Return the same steps, but nothing goes where something did not come, or where too much would go."""
    if any(step.action == FAIL for step in steps):
        reason = mirror_messages.OTHERS_FAILED
    elif held_back(steps, settings) is not None:
        reason = mirror_messages.TOO_MANY
    else:
        return list(steps)
    return [_kept(step, reason) if step.action == DELETE else step for step in steps]


def _each(
    settings: MirrorOptions,
    steps: Sequence[MirrorStep],
    is_meant: Callable[[MirrorStep], bool],
    do: Callable[[MirrorStep], MirrorStep],
) -> list[MirrorStep]:
    """Return the steps, with what becomes of those that are meant, several at a time.

    A failure that would be the same for all of them is that of those too which have not begun.
    """
    done = list(steps)
    meant = [index for index, step in enumerate(done) if is_meant(step)]
    ends_all: list[NorthflankError] = []

    def call(index: int) -> None:
        try:
            if ends_all:
                raise ends_all[0]
            done[index] = do(done[index])
        except NorthflankError as error:
            if holds_for_all(error):
                ends_all.append(error)
            done[index] = done[index]._replace(action=FAIL, reason=describe_error(error))

    try:
        if meant:
            with side_by_side(settings.concurrency, len(meant)) as run_all:
                run_all([partial(call, index) for index in meant])
    except BaseException:
        # Ctrl-C and the keyword timeout end this thread only.
        abandon()
        raise
    return done


def _backups(api: Api, addon_ids: Optional[Sequence[str]]) -> Mapping[str, Sequence[Backup]]:
    if addon_ids is None:
        return read_project(api)[1]
    found = {}
    for addon_id in addon_ids:
        with explain_not_found(api, addon_id):
            found[addon_id] = api.list_backups(addon_id)
    return found


class _Looking(NamedTuple):
    """A closer look at single files and backups, before anything is decided on them. Changes nothing."""

    api: Api
    store: Store
    settings: MirrorOptions

    def needs_a_look(self, step: MirrorStep) -> bool:
        return step.action == DELETE or step.reason == mirror_messages.NOT_OURS

    def look(self, step: MirrorStep) -> MirrorStep:
        """Return what is so.

        :raises NorthflankError: that cannot be found out.
        """
        return self._really_gone(step, step.entry) if step.action == DELETE else self._again(step, step.backup)

    def _really_gone(self, step: MirrorStep, entry: Any) -> MirrorStep:
        """Believe nothing to be gone because a list lacks it: a list may have gaps, or be empty by a fault.

        Only what the API does not know by its ID either is gone.
        """
        try:
            backup = self.api.get_backup(step.addon_id, entry.backup_id)
        except ApiError as error:
            if error.status == 404:
                return step
            raise
        if not is_file_of(step.name, entry, backup):
            return step
        return _kept(step._replace(backup=backup), mirror_messages.still_listed(backup.status))

    def _again(self, step: MirrorStep, backup: Any) -> MirrorStep:
        """Make a list that was lost anew, from the files that prove to be what the API has."""
        source = Source(self.api, self.store, step.addon_id, backup, self.settings.retries, self.settings.hide)
        path = self.settings.folder / step.name
        found = None if path.is_symlink() else proven(source, Links(source), path)
        if found is None:
            return step
        entry = entry_of(origin_of(self.api, self.settings), step, backup, *found)
        return step._replace(action=PRESENT, entry=entry, reason=None)


class _Work(NamedTuple):
    """What can be done about one file. Each call tells what became of it."""

    api: Api
    store: Store
    manifest: Manifest
    settings: MirrorOptions
    meter: _Meter

    def download(self, step: MirrorStep) -> MirrorStep:
        """Download a dump.

        :raises NorthflankError: it did not come, or cannot be written.
        """
        try:
            done = self._download(step, step.backup)
        except OSError as error:
            raise written(error, self.settings.folder / step.name) from error
        self.meter.finished(step.name)
        return done

    def delete(self, step: MirrorStep) -> MirrorStep:
        """Delete a file, unless it is not as it was. Raises nothing that can go wrong."""
        path, entry = self.settings.folder / step.name, step.entry
        try:
            # Of another content, it is no longer the file that was put there.
            if entry is None or checksum(path, self.api.client.deadline.check) != entry.checksum:
                return _kept(step, mirror_messages.NOT_AS_IT_WAS)
            path.unlink()
            self.manifest.drop(step.name)
        except OSError as error:
            return step._replace(action=FAIL, reason=mirror_messages.file_not_deleted(str(path), str(error.strerror)))
        except NorthflankError as error:
            return step._replace(action=FAIL, reason=describe_error(error))
        return step

    def _download(self, step: MirrorStep, backup: Any) -> MirrorStep:
        api, path = self.api, self.settings.folder / step.name

        def tell(done: int, total: int) -> None:
            self.meter.tell(step.name, done, total)

        retries, hide = self.settings.retries, self.settings.hide
        source = Source(api, self.store, step.addon_id, backup, retries, hide, tell, self.settings.look_inside)
        with PartialFile(path) as partial:
            came = fetch(source, Links(source), partial)
            entry = entry_of(origin_of(api, self.settings), step, backup, came.size, came.checksum)
            if os.path.lexists(path):
                raise BackupError(mirror_messages.NOT_OURS)
            self.manifest.put({step.name: entry})
            partial.path.replace(path)
        return step._replace(entry=entry, verified=came.frames.verified, content=came.frames.content)


def _kept(step: MirrorStep, reason: str) -> MirrorStep:
    return step._replace(action=KEEP, reason=reason)


class _Meter:
    """How far all downloads together have come, in a calm line now and then. Safe to use from several threads."""

    def __init__(self, api: Api, say: Callable[[str], None], coming: Sequence[MirrorStep]) -> None:
        self._deadline = api.client.deadline
        self._say = say
        self._lock = threading.Lock()
        self._done: dict[str, int] = {}
        self._total = {step.name: (step.backup.size or 0) if step.backup else 0 for step in coming}
        self._finished: set[str] = set()
        self._said_at = self._deadline.elapsed()

    def tell(self, name: str, done: int, total: int) -> None:
        with self._lock:
            self._done[name], self._total[name] = done, total
            elapsed = self._deadline.elapsed()
            if elapsed - self._said_at < _CALM:
                return
            self._said_at = elapsed
            label = mirror_messages.mirror_progress(len(self._finished), len(self._total))
            bytes_done, bytes_total = sum(self._done.values()), sum(self._total.values())
            self._say(messages.download_progress(label, bytes_done, bytes_total, duration(elapsed)))

    def finished(self, name: str) -> None:
        with self._lock:
            self._finished.add(name)
