# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for any wish and any schedule. The table of decisions is in tests/wire/schedule/test_schedule.py."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.northflank.cloud.plugins.module_utils._api.schedule_models import (
    Destination,
    Schedule,
    ScheduleSettings,
)
from ansible_collections.northflank.cloud.plugins.module_utils._schedule.messages import as_task
from ansible_collections.northflank.cloud.plugins.module_utils._schedule.plan import filled, plan_schedule, settings_fit
from ansible_collections.northflank.cloud.plugins.module_utils._task.actions import CREATED, NONE, REPLACED
from hypothesis import given
from hypothesis import strategies as st

PLACES = st.lists(
    st.builds(Destination, st.sampled_from(["one", "two", "three"]), retention_time=st.sampled_from([None, 3, 7])),
    unique_by=lambda place: place.destination_id,
).map(tuple)
TIMES = st.sets(st.integers(0, 3), min_size=1).map(sorted).map(tuple)
HELD = st.builds(
    ScheduleSettings,
    interval=st.just("weekly"),
    backup_type=st.just("snapshot"),
    minute=TIMES,
    hour=TIMES,
    day=TIMES,
    retention_time=st.integers(1, 2),
    compression_type=st.sampled_from([None, "gz", "zstd"]),
    custom_destination_id=st.sampled_from(["", "one"]),
    additional_destinations=PLACES,
)
WANTED = st.builds(
    ScheduleSettings._replace,
    HELD,
    compression_type=st.sampled_from([None, "gz", "zstd"]),
    custom_destination_id=st.sampled_from([None, "", "one"]),
    additional_destinations=st.one_of(st.none(), PLACES),
)


@given(WANTED, HELD)
def test_what_is_planned_is_what_was_wished_for_and_then_there_is_nothing_to_do(
    wanted: ScheduleSettings, held: ScheduleSettings
) -> None:
    decided = plan_schedule("example", wanted, [Schedule("old", held)])
    assert settings_fit(wanted, decided.settings)
    assert decided.action == (NONE if settings_fit(wanted, held) else REPLACED)
    assert plan_schedule("example", wanted, [Schedule("new", decided.settings)]).action == NONE
    # And what is then there is as it was planned, with nothing left open.
    assert settings_fit(decided.settings, decided.settings)
    assert filled(decided.settings, held) == decided.settings


@given(HELD, HELD)
def test_a_schedule_as_a_wish_is_met_by_itself_and_by_no_other(one: ScheduleSettings, other: ScheduleSettings) -> None:
    assert settings_fit(one, one)

    def known(settings: ScheduleSettings) -> tuple[Any, ...]:
        places = {place.destination_id: place for place in settings.additional_destinations or ()}
        return (*settings._replace(additional_destinations=()), places)

    # What is not told fits whatever is wished for.
    places = [*(one.additional_destinations or ()), *(other.additional_destinations or ())]
    told = [one.compression_type, other.compression_type, *(place.retention_time for place in places)]
    if None not in told:
        assert settings_fit(one, other) == (known(one) == known(other))


@given(WANTED, st.lists(HELD, max_size=3))
def test_schedules_of_another_kind_do_not_count(wanted: ScheduleSettings, held: list[ScheduleSettings]) -> None:
    others = [Schedule(f"other-{number}", one._replace(backup_type="dump")) for number, one in enumerate(held)]
    others += [Schedule(f"else-{number}", one._replace(interval="daily")) for number, one in enumerate(held)]
    assert plan_schedule("example", wanted, others).action == CREATED


@pytest.mark.parametrize("odd", ["no", "123", "it's", "a: b", "{x}", "#", "", "a\nb", "\u00fc", '"', "{{ x }}"])
def test_the_task_that_makes_a_schedule_again_says_what_it_is(odd: str) -> None:
    settings = ScheduleSettings(
        interval="daily",
        backup_type="snapshot",
        minute=(0, 30),
        hour=(2,),
        retention_time=7,
        custom_destination_id=odd,
        additional_destinations=(Destination("offsite-s3", retention_time=3), Destination("example")),
    )
    text = as_task("default-project", "postgres-main", settings)
    assert len(text.splitlines()) == 1
    (task,) = yaml.safe_load(text)
    arguments = task["northflank.cloud.addon_backup_schedule"]
    # What a terminal would act upon is shown as an escape.
    assert arguments.pop("custom_destination_id", "") == odd.replace("\n", "\\n")
    assert arguments == {
        "project_id": "default-project",
        "addon_id": "postgres-main",
        "interval": "daily",
        "backup_type": "snapshot",
        "minute": [0, 30],
        "hour": [2],
        "retention_time": 7,
        "additional_destinations": [
            {"destination_id": "offsite-s3", "type": "custom", "retention_time": 3},
            {"destination_id": "example", "type": "custom"},
        ],
    }
