# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to connect, with which token: resolved from options and environment in one function.

Knows nothing of modules, so that the inventory plugin resolves the same way.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any, Mapping, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from .._api.addresses import is_loopback
from .._api.client import Client
from .._api.endpoints import Api
from .._api.errors import InvalidInput
from .._api.timing import Deadline
from .._api.transport import ApiTarget, Transport
from . import validation
from .cli_context import Context, read_context

DEFAULT_URL = "https://api.northflank.com"
TOKEN_VARIABLES = ("NORTHFLANK_API_TOKEN", "NF_API_TOKEN")
# Ours, and then those that the official Python SDK reads, in its order (source: northflank 2.1.0).
URL_VARIABLES = ("NORTHFLANK_API_URL", "NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST")


class Connection(NamedTuple):
    """What a client needs to be made of.

    :ivar retries: attempts after the first.
    :ivar warnings: what the user should know about where the token came from.
    """

    target: ApiTarget
    team_id: Optional[str]
    retries: int
    warnings: tuple[str, ...] = ()


def resolve(options: Mapping[str, Any], environment: Mapping[str, str]) -> Connection:
    """Find token, address and the rest.

    The token: the option ``api_token``, then the option ``context``, then the environment's token, then the
    environment's context. A context's token goes to that context's host, unless the option ``api_url`` says where
    else. Empty variables count as unset.

    :param options: the connection options of a task, where None is "not given".
    :param environment: the variables to look into; ``HOME`` says where contexts are kept.
    :raises InvalidInput: there is no token, or a value breaks its rule.
    """
    token, context = _token_and_context(options, environment)
    team_id = _first(options.get("team_id"), environment.get("NORTHFLANK_TEAM_ID"))
    return Connection(
        target=ApiTarget(
            url=_address(options, context, environment),
            token=_checked_token(token),
            timeout=validation.attempt_timeout("api_timeout", options["api_timeout"]),
            verify=_verify(options, environment),
        ),
        team_id=None if team_id is None else validation.identifier("team_id", team_id),
        retries=validation.whole_number("api_retries", options["api_retries"], 0, 100, "attempts after the first"),
        warnings=() if context is None or context.warning is None else (context.warning,),
    )


def _token_and_context(
    options: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[Optional[str], Optional[Context]]:
    # Unlike Path.home(), this does not fail for a user whom nobody knows: most of them ask for no context.
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111
    token, name = _first(options.get("api_token")), _first(options.get("context"))
    if name is not None:
        context = read_context("context", name, home)
        return token or context.token, context
    token = _first(token, *(environment.get(variable) for variable in TOKEN_VARIABLES))
    name = _first(environment.get("NORTHFLANK_CONTEXT"))
    if token is not None or name is None:
        return token, None
    context = read_context("NORTHFLANK_CONTEXT", name, home)
    return context.token, context


def _address(options: Mapping[str, Any], context: Optional[Context], environment: Mapping[str, str]) -> str:
    given = _first(options.get("api_url"), None if context is None else context.host)
    if given is not None:
        return _api_url(given)
    variable = next((name for name in URL_VARIABLES if environment.get(name)), None)
    if variable is None:
        return DEFAULT_URL
    text = environment[variable]
    try:
        return _api_url(text)
    except InvalidInput as error:
        # Whoever reads it has not written api_url anywhere. What stands before an @ may be a password.
        shown = None if "@" in text else text
        raise InvalidInput(f"api_url (from {variable})", error.rule, shown) from error


def connect(connection: Connection, project_id: str, deadline: Deadline) -> Api:
    """Return the endpoints of a project. Sends nothing yet.

    :param deadline: one for all requests; its clock is used everywhere below.
    """
    transport = Transport(connection.target, deadline.timing.wall)
    return Api(Client(transport, deadline, connection.retries), project_id, connection.team_id)


def _checked_token(token: Optional[str]) -> str:
    if token is None:
        raise InvalidInput(
            "api_token",
            "is missing: give the option or a context, or set the environment variable NORTHFLANK_API_TOKEN where the "
            "task runs",
        )
    # A file that is read for it ends with a line break.
    token = token.rstrip("\r\n")
    wrong = _what_is_wrong(token)
    if wrong:
        raise InvalidInput("api_token", f"{wrong} (its value is not shown)")
    return token


def _what_is_wrong(token: str) -> str:
    if token[:7].lower() == "bearer ":
        return "begins with 'Bearer ': give the token alone"
    if token[:1] in ("'", '"'):
        return "is in quotes: give the token without them"
    if "\n" in token or "\r" in token:
        return "holds a line break: give the one line that is the token"
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        return "contains whitespace or characters that are not valid in a token"
    return ""


def _api_url(text: str) -> str:
    # What stands between // and @ would be a password, so the value is shown only when it has none.
    shown = None if "@" in text else text
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        # The parser quotes what it takes for a port, which may be a part of a password.
        raise InvalidInput(
            "api_url", "must be a URL" if shown is None else f"must be a URL ({error})", shown
        ) from error
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        raise InvalidInput("api_url", "must be https:// and a host, with a port if need be, and nothing else", shown)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InvalidInput("api_url", "must end after host and port: the paths are the collection's", shown)
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidInput(
            "api_url", "must be https, or the token could be read on its way; http is for loopback", shown
        )
    return f"{parts.scheme}://{parts.netloc}"


def _verify(options: Mapping[str, Any], environment: Mapping[str, str]) -> Union[bool, str]:
    ca_path = _first(options.get("ca_path"))
    if not options["validate_certs"]:
        if ca_path is not None:
            raise InvalidInput("ca_path", "has no effect with validate_certs=false; leave one of them out", ca_path)
        return False
    if ca_path is not None:
        return _bundle("ca_path", os.path.expanduser(ca_path))  # noqa: PTH111  # it never fails
    # In this order, requests takes them; what it says where one is missing names neither variable nor remedy.
    variable = next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if environment.get(name)), None)
    if variable is not None:
        _bundle(variable, environment[variable])
    return True


def _bundle(option: str, path: str) -> str:
    """Return a file or folder of authorities to trust.

    :param option: what names it, for messages.
    """
    if not os.path.isfile(path) and not os.path.isdir(path):  # noqa: PTH112, PTH113  # they never fail
        raise InvalidInput(option, "must be a file or folder that exists where the task runs", path)
    if os.path.isfile(path):  # noqa: PTH113
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        except (ssl.SSLError, OSError) as error:
            raise InvalidInput(option, "must be readable and contain certificates as PEM text", path) from error
    return path


def _first(*values: Optional[str]) -> Optional[str]:
    """Return the first that is given and not empty."""
    return next((value for value in values if value), None)
