# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all steps work with: one addon, the wire, and a record of what was made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .evidence import ACTIVE, FINAL, Evidence
from .wire import Answer, Say, Wire, identifier

# Seconds between two looks at something that runs. The last one is repeated.
_LOOKS = (3.0, 5.0, 10.0, 15.0, 30.0, 60.0)
# The most requests that one wait takes; with the pauses above, nearly 20 minutes.
MOST_LOOKS = 24
# An abort, a delete and a change of the addon's status are quick; nearly 5 minutes.
MOST_SHORT_LOOKS = 9
PER_PAGE = 100
# Pages of one list that are read to find something.
MOST_PAGES = 3
# Names begin like this, so that what a run that was killed has left behind can be told by anyone.
PREFIX = "Live check"


class StepFailed(Exception):
    """A step cannot go on. The text says why; later steps go on where they can."""


@dataclass(frozen=True)
class Place:
    """The addon that is looked at."""

    project: str
    addon: str
    team: str | None = None

    @property
    def projects(self) -> str:
        return "/v1/projects" if self.team is None else f"/v1/teams/{self.team}/projects"

    @property
    def addons(self) -> str:
        return f"{self.projects}/{self.project}/addons"

    @property
    def path(self) -> str:
        return f"{self.addons}/{self.addon}"

    @property
    def destinations(self) -> str:
        return "/v1/backup-destinations" if self.team is None else f"/v1/teams/{self.team}/backup-destinations"


@dataclass
class Lab:
    """A run.

    :ivar say: prints a line.
    :ivar stamp: ends the name of everything that this run makes, so that it can be found again whatever happened.
    :ivar wrote: whether a request was sent that may have made something.
    :ivar unanswered: requests that may take effect late, because no answer has said what they have done.
    :ivar made: the IDs of the backups that were made and not yet deleted, as far as answers have named them.
    """

    wire: Wire
    place: Place
    say: Say
    writes: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    stamp: str = field(default_factory=lambda: secrets.token_hex(4))
    wrote: bool = False
    made: set[str] = field(default_factory=set)
    unanswered: int = 0

    def get(self, question: str, path: str, **query: Any) -> Answer:
        """Read, and keep the answer as evidence."""
        return self.evidence.add(question, self.wire.send("GET", path, query))

    def write(self, question: str, method: str, path: str, body: Any = None) -> Answer:
        """Change something, and keep the answer as evidence.

        :raises StepFailed: no answer came, so nobody knows what has happened.
        """
        self.wrote = True
        # Counted before it is sent, as Ctrl-C may come while it is on its way.
        self.unanswered += 1
        answer = self.evidence.add(question, self.wire.send(method, path, body=body))
        if answer.status is None or answer.status >= 500:
            shown = "no answer" if answer.status is None else f"HTTP {answer.status}"
            raise StepFailed(f"A {method} got {shown}, so its effect is not known.")
        self.unanswered -= 1
        return answer

    # Backups

    def name(self, letter: str) -> str:
        """A name for a backup of this run."""
        return f"{PREFIX} {letter} {self.stamp}"

    def backup(self, backup_id: str) -> str:
        return f"{self.place.path}/backups/{backup_id}"

    def take(self, question: str, name: str, **body: Any) -> Answer:
        """Ask for a backup, a snapshot where nothing else is said."""
        wanted = {"name": name, "backupType": "snapshot", **body}
        answer = self.write(question, "POST", f"{self.place.path}/backups", wanted)
        self.made |= {found for found in [id_of(answer)] if found is not None}
        return answer

    def delete(self, question: str, backup_id: str) -> Answer:
        """Delete a backup."""
        answer = self.write(question, "DELETE", self.backup(backup_id))
        if answer.ok or answer.status == 404:
            self.made.discard(backup_id)
        return answer

    def list_backups(self, most_pages: int = MOST_PAGES) -> list[dict[str, Any]]:
        """The addon's backups, up to a number of pages."""
        return self.list_of("list", f"{self.place.path}/backups", "backups", most_pages)

    def list_of(self, question: str, path: str, key: str, most_pages: int = MOST_PAGES) -> list[dict[str, Any]]:
        """The entries of a list, from as many pages as there are, up to a number."""
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"per_page": PER_PAGE}
        for page in range(1, most_pages + 1):
            # Later pages are no evidence: what is asked of a list is what its first page shows.
            answer = self.get(question if page == 1 else f"more of {question}", path, **query)
            found += answer.items(key)
            more = next_page(answer, page)
            if more is None:
                break
            query = {"per_page": PER_PAGE, **more}
        return found

    def status(self, backup_id: str) -> str | None:
        """The status of a backup now; None if there is none."""
        return status_in(self.get("backup", self.backup(backup_id)), backup_id)

    def is_active(self, backup_id: str) -> bool:
        return self.status(backup_id) in ACTIVE

    def wait(self, backup_id: str, most_looks: int = MOST_LOOKS) -> str:
        """Wait until a backup has a final status.

        :raises StepFailed: it takes too long, or is gone.
        """
        for pause in pauses(most_looks):
            status = self.status(backup_id)
            if status in FINAL:
                return status
            if status is None:
                raise StepFailed("A backup of this run has disappeared, or cannot be read.")
            self.wire.timing.sleep(pause)
        raise StepFailed("A backup of this run took too long.")

    def stop(self, question: str, backup_id: str) -> str:
        """Abort a backup that runs, and wait for its end. Returns the final status."""
        self.write(question, "POST", f"{self.backup(backup_id)}/abort")
        return self.wait(backup_id, MOST_SHORT_LOOKS)

    def release(self, answer: Answer) -> None:
        """Remove a backup again that was only asked for to see whether it would be refused."""
        backup_id = id_of(answer)
        if backup_id is None:
            return
        if self.is_active(backup_id):
            self.stop("stopped", backup_id)
        self.delete("deleted", backup_id)

    def restore_status(self, backup_id: str) -> object:
        """The status of the newest restore of a backup into the addon."""
        answer = self.get("restores of it", f"{self.backup(backup_id)}/restores", per_page=PER_PAGE)
        newest = max(answer.items("restores"), key=lambda entry: str(entry.get("restoreTimestamp", "")), default={})
        return newest.get("status")

    def wait_for_restore(self, backup_id: str) -> None:
        """Wait for the end of a restore.

        :raises StepFailed: it takes too long.
        """
        for pause in pauses(MOST_LOOKS):
            if self.restore_status(backup_id) in FINAL:
                return
            self.wire.timing.sleep(pause)
        raise StepFailed("The restore took too long.")

    def be_ready(self) -> None:
        """Wait until the addon runs and nothing else is going on.

        :raises StepFailed: it does not come to that.
        """
        for pause in pauses(MOST_SHORT_LOOKS):
            status = self.get("addon", self.place.path).fields.get("status")
            if status == "running":
                return
            self.wire.timing.sleep(pause)
        raise StepFailed("The addon does not come to run.")


def next_page(answer: Answer, page: int) -> dict[str, Any] | None:
    """The query for the page after this one, or None if it is the last."""
    pagination: Mapping[str, Any] = answer.pagination or {}
    cursor = pagination.get("cursor")
    if isinstance(cursor, str) and cursor:
        return {"cursor": cursor}
    return {"page": page + 1} if pagination.get("hasNextPage") is True else None


def status_in(answer: Answer, backup_id: str) -> str | None:
    """The status of a backup by an answer; None if it tells none, or is about another one."""
    status = answer.fields.get("status")
    return status if isinstance(status, str) and answer.fields.get("id") == backup_id else None


def id_of(answer: Answer) -> str | None:
    """The ID that a successful answer names."""
    return identifier(answer.fields.get("id")) if answer.ok else None


def required_id(answer: Answer) -> str:
    """The ID of what was made.

    :raises StepFailed: the request was refused, or its answer names no ID.
    """
    found = id_of(answer)
    if found is None:
        raise StepFailed(f"A backup was not taken (HTTP {answer.status}).")
    return found


def pauses(count: int) -> list[float]:
    """How long to wait after each of so many looks."""
    return [_LOOKS[min(number, len(_LOOKS) - 1)] for number in range(count)]
