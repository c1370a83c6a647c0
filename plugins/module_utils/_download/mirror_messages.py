# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell the user of a folder that mirrors dumps. Pure."""

from __future__ import annotations

from typing import Mapping, Optional, Sequence

from .._api.errors import safe_text
from .._task.causes import by_cause
from .._task.messages import brief, sentences, state_label

ADDON_GONE = "its addon no longer exists"
DELETE_IS_OFF = "the API no longer has it, and delete=false"
NOT_AS_IT_WAS = "the API no longer has it, but the file was changed after it was downloaded"
THE_NEWEST = "the API no longer has it, but it is the newest dump of its addon here"
TOO_MANY = "the API no longer has it, but too many files would be deleted at once"
OTHERS_FAILED = "the API no longer has it, but another dump could not be downloaded"
NOT_OURS = "another file, which no mirror created, has its name"
CHANGED = "its file was changed after it was downloaded"
OF_ANOTHER = "its name is taken by the file of another backup"


def still_listed(status: str) -> str:
    """The API still has the backup, though it is no completed dump any more."""
    return f"the API still has it, as {state_label(status)}"


def no_mirror_folder(folder: str) -> str:
    """Where the mirror shall be does not exist."""
    return (
        f"dest must be a folder that exists where the task runs; {safe_text(folder)} is no folder. Nothing was changed."
    )


def busy(folder: str) -> str:
    """Another run has the folder."""
    return (
        f"Another run is using {safe_text(folder)}, and only one run may use it at a time. Nothing was changed. Run "
        "the task again later."
    )


def no_manifest(path: str, reason: str) -> str:
    """What was put there is not known any more."""
    return (
        f"{safe_text(path)} cannot be used: {safe_text(reason)}. It lists the files that a mirror put there, so "
        "nothing was downloaded or deleted. Restore it from a backup, or remove it: the next run then makes it anew "
        "from the files that prove to be dumps that the API has, and leaves all others alone."
    )


def of_another_api(folder: str, manifest: str, here: str, there: str) -> str:
    """The folder was filled from elsewhere.

    :param here: the API that the task is connected to.
    :param there: the API that the files come from.
    """
    return (
        f"{safe_text(folder)} holds dumps from {there}, and this task is connected to {here}. The same IDs mean other "
        "databases there, so nothing was changed. Use a folder for each API and team, and look at api_url, team_id, "
        f"context and their environment variables. If both are the same account, remove {manifest} from the folder: "
        "the next run makes it anew from the files that prove to be dumps that the API has, and leaves others alone."
    )


def of_unknown_api(folder: str, manifest: str, here: str, project_id: str, number: int) -> str:
    """The list is of a version that did not keep it, and nothing in it proves it."""
    return (
        f"{safe_text(folder)} holds {number} dumps of project {project_id} that version 0.9 put there, and {here} has "
        "none of them, so it is not certain that they come from there. Nothing was changed. If it is the right API, "
        f"remove {manifest} from the folder: the next run makes it anew from the files that prove to be dumps that the "
        "API has, and leaves all others alone."
    )


def place(api: Optional[str], team_id: Optional[str]) -> str:
    """An API, and the team that the task acts for."""
    return safe_text(api or "") if team_id is None else f"{safe_text(api or '')} (team {safe_text(team_id, 100)})"


def too_many(too_many_of: Mapping[str, tuple[int, int]], share: float) -> str:
    """More would be deleted than is usual."""
    counts = ", ".join(
        f"{going} of {of} files of {brief(addon_id)}" for addon_id, (going, of) in sorted(too_many_of.items())
    )
    return (
        f"The API no longer has {counts}, which is more than the share of {share:g} that may be deleted in one run. "
        "Nothing was deleted. Check whether somebody meant to delete these backups. If so, run the task with a larger "
        "max_delete_share (1 for all but the newest dump of each addon). To keep the files, set delete=false."
    )


def not_saved(path: str, reason: str) -> str:
    """What was put there cannot be noted."""
    return f"{safe_text(path)} cannot be written: {safe_text(reason)}"


def file_not_deleted(path: str, reason: str) -> str:
    """A file cannot be deleted."""
    return f"{safe_text(path)} cannot be deleted: {safe_text(reason)}"


def failed(folder: str, wanted: int, errors: Mapping[str, str]) -> str:
    """Not everything is as it should be.

    :param errors: by file, why it is not.
    """
    first = (
        f"The mirror in {safe_text(folder)} is not complete: {len(errors)} of {wanted} files are not as they should be"
    )
    causes = by_cause(first, {brief(name, 200): sentences(reason) for name, reason in errors.items()})
    return f"{causes} Complete files were kept. Run the same task again to continue."


def orphans(folder: str, addon_ids: Sequence[str]) -> str:
    """Dumps of addons that are gone are kept: they may be the last ones."""
    return (
        f"The dumps of addons that no longer exist are kept in {safe_text(folder)}: "
        f"{', '.join(map(brief, addon_ids))}. They may be the last copies. Delete them yourself if you do not "
        "need them."
    )


def mirror_progress(done: int, total: int) -> str:
    """How many dumps have come."""
    return f"{done} of {total} dumps"
