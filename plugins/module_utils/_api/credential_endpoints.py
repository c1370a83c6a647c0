# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoint that tells how to connect to an addon. It raises what those of :class:`Api` raise."""

from __future__ import annotations

from typing import Any, NamedTuple

from .endpoints import Api
from .models import object_of
from .permission import needing

PERMISSION_TO_READ_CREDENTIALS = "Project > Addons > General > Read Spec"


class Credentials(NamedTuple):
    """How to connect to an addon. Which keys there are, nobody documents. Secret, both of them.

    :ivar secrets: such as username and password.
    :ivar envs: what an application would get as environment variables.
    """

    secrets: dict[str, Any]
    envs: dict[str, Any]

    @classmethod
    def of_answer(cls, data: Any) -> Credentials:
        """Read the API's form.

        :raises MalformedAnswer: something is missing or of a wrong type. It repeats nothing of the answer.
        """
        facts = object_of(data, "an addon's credentials")
        return cls(object_of(facts.get("secrets"), "the secrets"), object_of(facts.get("envs"), "the environment"))


def read_credentials(api: Api, addon_id: str) -> Credentials:
    """Return how to connect to an addon."""
    with needing(PERMISSION_TO_READ_CREDENTIALS):
        return api.client.get(api.path(addon_id, "credentials"), Credentials.of_answer)
