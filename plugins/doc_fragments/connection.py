# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that say where the API is and who asks."""

    DOCUMENTATION = r"""
options:
  api_token:
    description:
      - The API token.
      - If neither this nor O(context) is given, it is read from the environment variable E(NORTHFLANK_API_TOKEN) or
        else E(NF_API_TOKEN). A module reads the environment of the host where it runs, the inventory that of the
        controller. An empty variable counts as unset.
      - Keep it in the environment or in an Ansible vault. Other users of the machine can read it from a command line.
    type: str
  context:
    description:
      - Take token and host from this context of Northflank's official command line client, which C(northflank login)
        wrote to C(~/.northflank/config.json). V(current) means the client's current context.
      - If there is neither this, nor O(api_token), nor a token in the environment, the environment variable
        E(NORTHFLANK_CONTEXT) is read.
      - The token of a context is sent to the host of that context only, unless O(api_url) is given.
      - The file is read on the same host as the environment. The task warns if other users can read it.
    type: str
  api_url:
    description:
      - Scheme and host of the API, without a path.
      - If not given, it is the host of the context that the token comes from, else the first of the environment
        variables E(NORTHFLANK_API_URL), E(NORTHFLANK_API_BASE_URL), E(NF_API_HOST) and E(NF_HOST), else
        V(https://api.northflank.com). The last three are those of Northflank's official Python SDK.
      - Plain C(http) is allowed only for loopback addresses, because the token could be read on its way elsewhere.
    type: str
  team_id:
    description:
      - The team that the token acts for. Requests then go to that team's part of the API.
      - If not given, the environment variable E(NORTHFLANK_TEAM_ID) is read.
    type: str
  validate_certs:
    description:
      - Whether the API's TLS certificate must be trusted. Turn this off only in tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file or folder with the certificates of the authorities to trust, instead of the system's.
    type: path
  api_timeout:
    description:
      - How many seconds one attempt at one request may take, from the connection to the last byte of the answer. From 1
        to 3600.
      - The attempt ends at most one second after that.
    type: int
    default: 30
  api_retries:
    description:
      - How often to retry a failed request if that is safe, from 0 to 100.
      - A request to start a backup is repeated only if the first one certainly did nothing.
      - Refusals because of the rate limit (HTTP 429) do not count. The task waits until the API takes requests again.
    type: int
    default: 5
requirements:
  - requests
"""
