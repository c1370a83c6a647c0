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
      - The API token that is sent as the bearer token.
      - If neither this nor O(context) is given, the environment variables E(NORTHFLANK_API_TOKEN) and E(NF_API_TOKEN)
        are looked at in this order.
        A module reads the environment of the host that it runs on, the inventory that of the controller. An empty
        variable counts as unset.
      - Keep it in the environment or in an Ansible vault. On a command line, other users of the machine can read it.
    type: str
  context:
    description:
      - Take token and host from this context of Northflank's official command line client, as C(northflank login) wrote
        it into C(~/.northflank/config.json). V(current) means the context that the client uses now.
      - If neither this, nor O(api_token), nor a token in the environment is given, the environment variable
        E(NORTHFLANK_CONTEXT) is looked at.
      - The token of a context is sent to the host of that context only, unless O(api_url) is given.
      - The file is read where the environment is. One that other users can read brings a warning.
    type: str
  api_url:
    description:
      - Scheme and host of the API, without a path.
      - If not given, the host of the context that the token comes from is taken, then the first of the environment
        variables E(NORTHFLANK_API_URL), E(NORTHFLANK_API_BASE_URL), E(NF_API_HOST) and E(NF_HOST), and then
        V(https://api.northflank.com). The last three are those of Northflank's official Python SDK.
      - Plain C(http) is accepted for loopback addresses only, so that the token cannot be read on its way.
    type: str
  team_id:
    description:
      - The team that the token acts for. Requests then go to the team's part of the API.
      - If not given, the environment variable E(NORTHFLANK_TEAM_ID) is looked at.
    type: str
  validate_certs:
    description:
      - Whether the API's TLS certificate must be trusted. Turn it off for nothing but a test.
    type: bool
    default: true
  ca_path:
    description:
      - A file or folder with the certificates of authorities to trust instead of the system's.
    type: path
  api_timeout:
    description:
      - Seconds that one attempt at one request may take, from the connection to the last byte of the answer, from
        1 to 3600.
      - An attempt that is not over a second after that is given up.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request that failed is tried again, from 0 to 100, where trying again is safe.
      - A request to start a backup is only repeated when it is certain that the first one did nothing.
      - Answers that the request limit is used up (HTTP 429) do not count, they are waited for.
    type: int
    default: 5
requirements:
  - requests
"""
