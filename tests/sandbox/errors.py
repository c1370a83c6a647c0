# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the sandbox says no, and how it breaks off."""

from __future__ import annotations

from typing import Any

from .assumptions import Assumptions

# The only word for a refusal that is known from users of the API; all others are made up.
INVALID_BODY = "nf-invalid-request-body"


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

    def to_api(self, assumptions: Assumptions | None = None) -> dict[str, Any]:
        """The body of the answer."""
        assumptions = assumptions or Assumptions()
        error: dict[str, Any] = {"status": self.status, "message": self.message}
        if assumptions.error_id != "missing":
            is_other = assumptions.error_id == "other" and self.error_id == INVALID_BODY
            error["id"] = "invalid_request" if is_other else self.error_id
        if assumptions.error_details != "missing":
            details = {} if self.details is None else self.details
            error["details"] = list(details.items()) if assumptions.error_details == "other" else details
        return {"error": error}


class ConnectionCut(ConnectionError):
    """The connection ends here without a (whole) answer. In process, without a socket, this is all there is to see.

    :ivar reset: end it with RST instead of FIN.
    """

    def __init__(self, reason: str, reset: bool = False) -> None:
        super().__init__(reason)
        self.reset = reset


class AnswerSent(Exception):
    """The bytes of the answer are sent already.

    :ivar keep_open: whether the connection is good for another request.
    """

    def __init__(self, keep_open: bool) -> None:
        super().__init__("the answer is sent already")
        self.keep_open = keep_open


class ContractViolation(Exception):
    """The sandbox itself broke the contract: a bug to mend, never something a client has to bear."""
