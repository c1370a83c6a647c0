# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the sandbox says no, and how it breaks off."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal with the API's error object.

    :ivar status: the HTTP status.
    :ivar error_id: tells refusals of one status apart.
    :ivar details: what else ``error.details`` says.
    """

    def __init__(self, status: int, error_id: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.error_id = error_id
        self.message = message
        self.details = details

    def to_api(self) -> dict[str, Any]:
        """The body of the answer."""
        error = {"status": self.status, "message": self.message, "id": self.error_id}
        return {"error": {**error, "details": {} if self.details is None else self.details}}


class ConnectionCut(ConnectionError):
    """The connection ends here without a (whole) answer. In process, without a socket, this is all there is to see.

    :ivar reset: end it with RST instead of FIN.
    """

    def __init__(self, reason: str, reset: bool = False) -> None:
        super().__init__(reason)
        self.reset = reset


class ContractViolation(Exception):
    """The sandbox itself broke the contract: a bug to mend, never something a client has to bear."""
