# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _schedule, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_schedule/create.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: schedules are confirmed": (
                "return confirm_schedules(api, addon_id, list_schedules(api, addon_id))",
                "return list_schedules(api, addon_id)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_schedule/plan.py",
        "tests/wire/schedule",
        {
            "schedule: a compression that is not told fits": (
                "held.compression_type or wanted.compression_type",
                "held.compression_type",
            ),
            "schedule: days that are not told fit": ("in (None, place.retention_time))", "in (place.retention_time,))"),
            "schedule: only its own kind is looked at": ("if one.settings.kind == settings.kind)", "if True)"),
            "schedule: two of a kind are an error": ("    if len(held) > 1:\n", "    if False:\n"),
            "schedule: times are compared": ("(wanted.minute, wanted.hour, wanted.day) ==", "True or () =="),
            "schedule: minutes are compared": (
                "(wanted.minute, wanted.hour, wanted.day)",
                "(held.minute, wanted.hour, wanted.day)",
            ),
            "schedule: hours are compared": (
                "(wanted.minute, wanted.hour, wanted.day)",
                "(wanted.minute, held.hour, wanted.day)",
            ),
            "schedule: days are compared": (
                "(wanted.minute, wanted.hour, wanted.day)",
                "(wanted.minute, wanted.hour, held.day)",
            ),
            "schedule: retention is compared": ("wanted.retention_time == held.retention_time", "True"),
            "schedule: compression is compared": (
                "        (wanted.compression_type, held.compression_type or wanted.compression_type),\n",
                "",
            ),
            "schedule: the destination is compared": (
                "        (wanted.custom_destination_id, held.custom_destination_id),\n",
                "",
            ),
            "schedule: what was not asked for does not count": ("wish in (None, is_now)", "wish == is_now"),
            "schedule: copies are compared": (
                "and _places_fit(wanted.additional_destinations, held.additional_destinations or ())",
                "",
            ),
            "schedule: one copy less counts": ("len(wanted) == len(held) and all(", "all("),
            "schedule: another place counts": (
                "place.destination_id in by_id\n        and",
                "place.destination_id not in by_id\n        or",
            ),
            "schedule: the time of a copy counts": (
                "by_id[place.destination_id].retention_time in (None, place.retention_time)",
                "True",
            ),
            "schedule: copies that nobody spoke of do not count": (
                "    if wanted is None:\n        return True\n",
                "    if wanted is None:\n        return not held\n",
            ),
            "schedule: compression that nobody spoke of stays": (
                "_or(wanted.compression_type, held.compression_type)",
                "wanted.compression_type",
            ),
            "schedule: a destination that nobody spoke of stays": (
                "_or(wanted.custom_destination_id, held.custom_destination_id)",
                "wanted.custom_destination_id",
            ),
            "schedule: copies that nobody spoke of stay": ("        places = is_now\n", "        places = ()\n"),
            "schedule: the time of a copy that nobody spoke of stays": (
                "place._replace(retention_time=days.get(place.destination_id))",
                "place",
            ),
            "schedule: an empty destination is not an open one": ("is_now if wish is None else wish", "wish or is_now"),
            "schedule: those that are listed are sorted": (
                "return rank, settings.interval",
                "return -rank, settings.interval",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_schedule/arguments.py",
        "tests/wire/schedule",
        {
            "schedule: absent takes no times": ("        if params[option] is not None:\n", "        if False:\n"),
            "schedule: times that the interval has not are refused": (
                "        if values is not None:\n",
                "        if values:\n",
            ),
            "schedule: times that the interval needs are required": (
                "    if not values:\n",
                "    if values is None:\n",
            ),
            "schedule: times have a range": ("option, value, 0, _LAST[option])", "option, value, -9, _LAST[option])"),
            "schedule: the last minute is 59": ('"minute": 59', '"minute": 60'),
            "schedule: the last hour is 23": ('"hour": 23', '"hour": 24'),
            "schedule: the week begins on Monday": ("enumerate(WEEK)", "enumerate(WEEK, 1)"),
            "schedule: a day has a short name": ("in (day, day[:3], str", "in (day, day[:2], str"),
            "schedule: what is no day is refused": ("    if number is None:\n", "    if False:\n"),
            "schedule: a time twice is refused": ("        if number in numbers:\n", "        if value in numbers:\n"),
            "schedule: retention is required": ("    if value is None:\n", "    if False:\n"),
            "schedule: retention has bounds": ("value, 1, validation.MOST_DAYS", "value, 0, 10**9"),
            "schedule: what only some sources forbid is warned of": (
                "        if days > longest\n",
                "        if False\n",
            ),
            "schedule: what all sources allow is not": ("        if days > longest\n", "        if days >= longest\n"),
            "schedule: hourly copies stay 7 days": ('"hourly": 7', '"hourly": 8'),
            "schedule: daily copies stay 60 days": ('"daily": 60', '"daily": 61'),
            "schedule: a copy twice is refused": (
                "        if copy.destination_id in [other",
                "        if False and [other",
            ),
            "schedule: more than 500 are refused": ("MOST_BACKUPS = 500", "MOST_BACKUPS = 501"),
            "schedule: exactly 500 are taken": ("number > MOST_BACKUPS", "number + 20 >= MOST_BACKUPS"),
            "schedule: an hourly one runs 24 times a day": ("(len(settings.hour) or 24)", "(len(settings.hour) or 1)"),
            "schedule: a daily one runs 7 times a week": ("(len(settings.day) or 7)", "(len(settings.day) or 1)"),
            "schedule: an empty destination is allowed": ("if value else value", "if value is not None else value"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/schedule",
        {
            "schedule: the answer to a creation may be lost": (
                "        if found is not None:\n            return Sent(found, was_found=True)\n",
                "",
            ),
            "schedule: a second 409 is understood": (
                "        if error.status != 409:\n            raise\n        again = error",
                "        raise",
            ),
            "schedule: a second refusal is a refusal": (
                "        if error.status != 409:\n            raise\n        again = error",
                "        again = error",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_schedule/create.py",
        "tests/wire/schedule",
        {
            "schedule: what was found is judged": (
                "_fitting(sent.made, settings) if sent.was_found else sent.made",
                "sent.made",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_schedule/create.py",
        "tests/wire/schedule",
        {
            "schedule: another's is not taken for ours": (
                "    if not settings_fit(settings, found.settings):\n",
                "    if False:\n",
            ),
            "schedule: what was there before is not ours": (
                "Made(_fitting(held, settings), ours=False)",
                "Made(_fitting(held, settings))",
            ),
            "schedule: the deleted one is not the new one": ("return None if _is(held, gone) else held", "return held"),
            "schedule: one that is still there is noticed": ("    if _is(held, gone):\n        raise StillThere\n", ""),
            "schedule: another refusal is no 409": (
                "    except ApiError as error:\n        if error.status != 409:\n            raise\n        refused = error",
                "    except ApiError as error:\n        refused = error",
            ),
            "schedule: a deletion is repeated for the same one only": (
                "if not any(one.is_same_as(schedule) for",
                "if not any(True for",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/schedule",
        {
            "schedule: gone already is fine": (
                "        if error.status != 404:\n            raise\n        return may_have_acted(error)",
                "        raise",
            ),
            "schedule: what another deleted is not ours": (
                "        return may_have_acted(error)\n    return True",
                "        return True\n    return True",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_schedule/engine.py",
        "tests/wire/schedule",
        {
            "schedule: check mode does nothing": ("    if work.check_mode:\n", "    if False:\n"),
            "schedule: check mode deletes nothing": ("    if work.check_mode and found:\n", "    if False:\n"),
            "schedule: the old one is put back": (
                "        made = _put_back(work, api, decided, old, not_found.describe_failure(work.api, work.addon_id, error))\n",
                "        raise BackupError(not_found.describe_failure(work.api, work.addon_id, error)) from error\n",
            ),
            "schedule: the old one is told whole": (
                "    if work.error is not None and work.at_stake is not None:\n",
                "    if False:\n",
            ),
            "schedule: what is safe is not told as lost": (
                "            work.at_stake = None\n            raise\n",
                "            raise\n",
            ),
            "schedule: what was put back is not told as lost": (
                "work.at_stake, work.schedule, work.action = None, back",
                "_, work.schedule, work.action = None, back",
            ),
            "schedule: a late new one is found when the old one is put back": (
                "        if settings_fit(decided.settings, taken.held.settings):\n",
                "        if False:\n",
            ),
            "schedule: a late new one is not taken for the old one": (
                "    if settings_fit(decided.settings, back.schedule.settings):\n",
                "    if False:\n",
            ),
            "schedule: what another deleted is not put back": ("        if not deleted:\n", "        if False:\n"),
            "schedule: a lost creation may have changed something": (
                "        work.changed, work.settings = True, settings\n",
                "        work.settings = settings\n",
            ),
            "schedule: a lost deletion may have changed something": (
                "            work.changed = work.changed or may_have_acted(error)\n",
                "",
            ),
            "schedule: it does not begin what it might not end": (
                "    if left is None or reset is None or left >= _REQUESTS_TO_FINISH:\n",
                "    if True:\n",
            ),
            "schedule: it waits for the next hour if that is near": (
                "    if pause > client.deadline.remaining():\n",
                "    if True:\n",
            ),
            "schedule: it goes on until the schedule is there again": (
                "_SECONDS_TO_FINISH = 3900.0",
                "_SECONDS_TO_FINISH = 0.0",
            ),
            "schedule: unknown settings are warned of": (
                "    if decided.old is not None and decided.old.extra:\n",
                "    if False:\n",
            ),
            "schedule: what is unlike asked is warned of": (
                "    if not settings_fit(settings, schedule.settings):\n",
                "    if False:\n",
            ),
        },
    ),
]
