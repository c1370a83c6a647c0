# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state aborted: stopping the restores of an addon that are under way."""

from __future__ import annotations

from .._api.errors import ApiError, BackupError, NorthflankError
from .._api.models import Restore
from .._api.recovery import may_have_acted, retry_idempotent
from .._api.restore_endpoints import abort_restore
from .._api.states import ABORTING, FINAL_STATES, KNOWN_STATES
from .._task import not_found
from .._task.actions import ABORTED
from .._task.watch import wait_for
from . import messages
from .member import RestoreRun, watch_restore


def find_active(run: RestoreRun) -> None:
    """Find what is to be aborted. Nothing under way is fine.

    :raises BackupError: a state is not known.
    """
    with not_found.explain_not_found(run.api, run.target.addon_id):
        restores = run.api.confirm_restores(run.target.addon_id, run.api.list_restores(run.target.addon_id))
    wanted = run.target.backup_id
    run.active = tuple(
        one
        for one in restores
        if one.status not in FINAL_STATES and (wanted is None or one.backup_id in (wanted, None))
    )
    for restore in run.active:
        if restore.status not in KNOWN_STATES:
            raise BackupError(messages.unknown_restore_status(run.target.addon_id, restore))
        run.note(restore=restore)
        if run.options.check_mode and restore.status != ABORTING:
            run.note(action=ABORTED, changed=True)


def abort_active(run: RestoreRun) -> None:
    """Abort, and wait until it is final if the task waits."""
    for restore in run.active:
        before = {"action": run.result.action, "changed": run.result.changed}
        if restore.status != ABORTING and _abort(run, restore):
            run.note(action=ABORTED, changed=True)
        if run.options.wait:
            final: Restore = wait_for(watch_restore(run, restore), run.api.client)
            run.note(restore=final)
            if final.status != ABORTED:
                # An API that takes a request which comes too late has done nothing.
                run.note(**before)
                run.warn(messages.restore_ended_before_abort(run.result.addon_id, final))


def _abort(run: RestoreRun, restore: Restore) -> bool:
    """Ask to abort a restore. Whether that worked shows in its state, some time later.

    :returns: False where the API says that there is nothing to abort, and no earlier request can be the reason.
    """
    api, addon_id = run.api, run.result.addon_id
    backup_id = restore.backup_id or run.target.backup_id
    if backup_id is None:
        raise BackupError(messages.abort_needs_backup(addon_id, restore))
    source = (run.target.source_project_id, run.target.source_addon_id)
    try:
        # A restore's ID is never given again, so it need not be read before it is asked for a second time.
        retry_idempotent(
            api.client.deadline, lambda: abort_restore(api, addon_id, backup_id, restore.id, *source), lambda: None
        )
    except NorthflankError as error:
        if may_have_acted(error):
            # What became of it, the wait after this finds out.
            return True
        if isinstance(error, ApiError) and error.status == 409:
            return False
        raise
    return True
