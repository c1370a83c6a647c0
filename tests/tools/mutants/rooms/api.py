# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _api, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_api/models.py",
        "tests/unit/api/test_models.py",
        {
            "model: an import is no dump": ('"fileUpload": IMPORT', '"fileUpload": DUMP'),
            "model: an external dump is an import": ('"externalDump": IMPORT', '"externalDump": DUMP'),
            "model: compression proves no dump": (
                "return _TYPE_OF_SOURCE.get(kind) if isinstance(kind, str) else None",
                'return _TYPE_OF_SOURCE.get(kind, DUMP if config.get("compressionType") else None)',
            ),
            "model: a uid tells backups apart": (
                "return (self.id, self.uid) == (other.id, other.uid)",
                "return self.id == other.id",
            ),
            "model: secrets are left out": ("if not _SECRET_KEY.search(snake_case(str(key))) and", "if"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/api/test_other_answers.py",
        {
            "answers: a mistake in reading one proves nothing": (
                "raise MalformedAnswer(safe_text(repr(error))) from error",
                "raise",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "exactly one: it is looked for long enough": (
                "LATE_COMMIT_OTHERWISE = 60.0",
                "LATE_COMMIT_OTHERWISE = 5.0",
            ),
            "exactly one: a lost delete is checked before it is repeated": (
                "if not still_there(api, addon_id, backup):",
                "if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/task/test_frugal.py",
        {
            "budget: nonsense is ignored": (
                "None if value is None or value > most else int(value)",
                "None if value is None else int(value)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "waiting: a rate limit past the deadline fails at once": (
                "if pause > self.deadline.remaining():",
                "if False:",
            ),
            "wire: a lost POST is not repeated blindly": ("return isinstance(error, NotSent)", "return True"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/backup/test_exactly_one.py",
        {
            "wire: a 5xx is no refusal": ("if status >= 500:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/task/test_refusals.py",
        {
            "wire: the token survives a .netrc": (
                "session.auth = _Bearer(self._target.token)",
                'session.headers["Authorization"] = f"Bearer {self._target.token}"',
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/backup/test_decisions.py",
        {
            "wire: all pages are read": ("            if cursor is None:\n", "            if True:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/endpoints.py",
        "tests/wire/api/test_other_answers.py",
        {
            "answer: another backup in an answer is no answer": ("    if found.id != asked_id:", "    if False:"),
            "answer: a create's answer has the name that was sent": ("if started.name != name:", "if False:"),
            "answer: a create's answer has the type that was sent": (
                "if started.backup_type not in (kind, None):",
                "if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/api/test_other_answers.py",
        {
            "answer: such a read is repeated": (
                "                if failures > retries:\n",
                "                if True:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/download_endpoints.py",
        "tests/wire/task/test_access.py",
        {
            "access: a link needs Read Spec": ("with needing(PERMISSION_TO_DOWNLOAD):", "if True:"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: a cursor alone leads on": (
                'if more is False or (more is None and cursor in (None, "")):',
                "if not more:",
            ),
            "pages: no schedules may be left out": ("if items is None and may_lack", "if items is None and False"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/paged.py",
        "tests/wire/api/test_shifting_lists.py",
        {
            "pages: repeats are dropped": ("{key(item): item for item in items}", "dict(enumerate(items))"),
            "pages: a list of several pages is confirmed": ("return self.pages > 1", "return False"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/purpose.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: a name that begins alike is another": (
                "_SAFETY_NAME.fullmatch(name)",
                "name.startswith(SAFETY_PREFIX)",
            ),
            "safety snapshots: a short prefix says nothing": (
                'prefix.startswith(SAFETY_PREFIX.rstrip("-"))',
                "SAFETY_PREFIX.startswith(prefix)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/../soak/test_soak.py::test_what_was_found_stays_mended",
        {
            "found: what is repeated is checked": (
                "            if before_repeat is not None:",
                "            if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/../soak/test_soak.py::test_what_was_found_stays_mended",
        {
            "found: a delete is checked": (
                "api.delete_backup(addon_id, backup.id, again)",
                "api.delete_backup(addon_id, backup.id)",
            ),
            "found: a lost delete is told": (
                "it may have been done.\n            raise error from lost",
                "it may have been done.\n            raise error",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/api/test_hostile.py",
        {
            "hostile: a body is bounded": ("            if size > LARGEST_BODY:\n", "            if False:\n"),
            "hostile: unpacking is bounded": (
                "unpack.decompress(packed, LARGEST_BODY + 1 - size)",
                "unpack.decompress(packed)",
            ),
            "hostile: a key stands once": ("    if len(found) < len(pairs):\n", "    if False:\n"),
            "hostile: a number is one": ("            parse_constant=_no_number,\n", ""),
            "hostile: an encoding was asked for": ('if encoding not in ("identity", "gzip"):', "if False:"),
            "hostile: gzip has an end": ("(unpack is not None and not unpack.eof)", "False"),
            "hostile: JSON is not deep": ("        if _is_deep(body):\n", "        if False:\n"),
            "hostile: a number has few digits": ("    if len(digits) > _LONGEST_NUMBER:\n", "    if False:\n"),
            "hostile: a number is not infinite": (
                '    if value in (float("inf"), float("-inf")):\n',
                "    if False:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/api/test_hostile.py",
        {
            "hostile: lists end": ("while len(seen) < MOST_PAGES:", "while len(seen) < 10**6:"),
            "hostile: pages make no circle": ("            if cursor in seen:\n", "            if False:\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/wire.py",
        "tests/wire/api/test_hostile.py",
        {
            "hostile: redirects are not looked at": ("    session.get_redirect_target = lambda _response: None\n", ""),
            "hostile: the bytes of an answer are bounded": ("        if self._left < 0:\n", "        if False:\n"),
            "hostile: the bytes before an answer are bounded": (
                "        if self._left < 0 and not self._is_in_body:\n",
                "        if False:\n",
            ),
            "hostile: heads without an answer are bounded": (
                "            if interim > _MOST_INTERIM:\n",
                "            if False:\n",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/errors.py",
        "tests/wire/api/test_hostile.py tests/unit/api/test_errors.py",
        {
            "hostile: escapes reach no terminal": ("    return _UNPRINTABLE.sub(", "    _UNPRINTABLE.sub("),
            "hostile: queries are taken out of links": (
                "_without_query(_without_login(_URL, word.group()))",
                "_without_login(_URL, word.group())",
            ),
            "hostile: credentials are taken out of links": (
                "_without_query(_without_login(_URL, word.group()))",
                "_without_query(word.group())",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/wire.py",
        "tests/wire/api/test_what_answers_prove.py",
        {
            "proof: an answer is not another's: what comes before it is skipped": (
                "        while 100 <= self.status < 200 and self",
                "        while False and self",
            ),
            "proof: a connection that had more than one answer ends": (
                "            if self.peek(1):\n",
                "            if False:\n",
            ),
            "proof: what is given up sends nothing": ("            if self._given_up:\n", "            if False:\n"),
            "proof: an answer that cannot be read ends": ("            self._answer.close()\n", "            pass\n"),
            "proof: what urllib3 logs goes nowhere": (
                "                logger.addFilter(_is_not_ours)\n",
                "                pass\n",
            ),
            "proof: others keep their log": (
                "return not isinstance(threading.current_thread(), WireThread)",
                "return False",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/api/test_what_answers_prove.py",
        {
            "proof: a list has a connection of its own": ("        if not shares:\n", "        if False:\n"),
            "proof: the API's refusal has its status": ("isinstance(told, int) and told == status and ", ""),
            "proof: the API's refusal has a message": (' and isinstance(error.get("message"), str)', ""),
            "proof: a redirect is no refusal": ("or not 400 <= status < 500:", "or not 300 <= status < 500:"),
            "proof: a 429 of others is no refusal of a write": (
                'status == 429 and asked.method == "GET"',
                "status == 429",
            ),
            "proof: an exception after the request was sent is not known": (
                "    if not line.sent:\n",
                "    if True:\n",
            ),
            "proof: an exception before it is not sent": ("    if not line.sent:\n", "    if False:\n"),
            "proof: what is given up is ended": ("self.line.give_up() if was_given_up else True", "True"),
            "proof: a token is hidden": ("        never_show(target.token)\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/wire/api/test_what_answers_prove.py",
        {
            "proof: the answer to a write has data": (
                '    if not isinstance(data, dict):\n        raise MalformedAnswer("its',
                '    if False:\n        raise MalformedAnswer("its',
            ),
            "proof: the answer to a DELETE is read": ('_written(self._exchange("DELETE"', '(self._exchange("DELETE"'),
            "proof: reads by ID share a connection": ("bool(seen)", "False"),
            "proof: a read that came too slowly is repeated": (
                "_PASSING = frozenset({408, 425})",
                "_PASSING = frozenset({425})",
            ),
            "proof: what others answer is not asked for again": (" or not error.passing:", ":"),
            "proof: a pause past the deadline is no pause": ("if self.deadline.remaining() < pause:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/errors.py",
        "tests/unit/api/test_errors.py",
        {
            "secret: known ones are masked": ("        text = text.replace(secret, _MASK)\n", "        pass\n"),
            "secret: masked, then cut": ("masked(whole[:_LONGEST_LOOK])", "masked(whole[:limit])"),
            "secret: cut, then escaped": (
                "    text = text if len(text) <= limit else",
                "    text = whole if False else",
            ),
            "secret: passwords hold an @": ('    end = text.rfind("@")', '    end = text.find("@")'),
            "secret: passwords hold blanks": ("_without_login(_LOGIN, line) for", "line for"),
            "secret: values have names": ('return _NAMED.sub(rf"\\1{_MASK}", text)', "return text"),
            "secret: tokens are borne": ('    text = _BEARER.sub(rf"\\1{_MASK}", text)\n', ""),
            "secret: what ends within a secret is left out": (
                "    if len(whole) > _LONGEST_LOOK and len(text) <= limit:",
                "    if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/wire.py",
        "tests/wire/api/test_proxies.py tests/wire/api/test_tls.py",
        {
            "proxy: a value that is no URL is not told": (
                "    if parts is None or ",
                "    if parts is not None and False or ",
            ),
            "proxy: passwords can be sent": (' or not _is_hidden(parts["user"] or ""):', ":"),
            "proxy: a proxy that refuses is named": ("        if self._is_of_proxy:\n", "        if False:\n"),
            "proxy: no certificate, no warning": ("            self.is_verified = True\n", ""),
            "proxy: an alert of TLS is told": ("str(error.args[0]).startswith(_TLS_ALERT)", "False"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/wire/api/test_proxies.py tests/wire/api/test_tls.py",
        {
            "proxy: a proxy is not tried again": ("words), passing=False)", "words))"),
            "proxy: no TLS is told": ("isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS", "False"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/transport.py",
        "tests/unit/api/test_transport.py",
        {
            "header: days of a month": ("calendar.monthrange(year, month)[1]", "31"),
            "header: years of two digits": ('    if len(found["year"]) == 2:\n', "    if False:\n"),
            "header: a pause may be a date": ("_number(text) if date is None else", "_number(text) if True else"),
            "header: a pause is not negative": ("max(0.0, date - now)", "date - now"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/addresses.py",
        "tests/unit/api/test_addresses.py",
        {
            "download: 6to4 stands for IPv4": ("        return [ip.sixtofour]\n", "        return []\n"),
            "download: Teredo stands for IPv4": ("        return list(ip.teredo)\n", "        return []\n"),
            "download: NAT64 stands for IPv4": ("any(ip in network for network in _LAST_BITS)", "False"),
            "download: ISATAP stands for IPv4": (" or (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP", ""),
            "download: site-local is private": (' and not getattr(ip, "is_site_local", False)', ""),
            "download: where clouds serve credentials": ("ip.is_link_local or ", ""),
            "download: an address in another's clothes": ("        return [ip.ipv4_mapped]\n", "        return []\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_api/recovery.py",
        "tests/wire/retention/test_prune.py",
        {
            "prune: what is gone before a DELETE is not claimed": (
                "            raise\n        return may_have_acted(error)",
                "            raise\n        return True",
            ),
            "prune: a lost answer may have changed something": ("isinstance(error, OutcomeUnknown) or may", "may"),
            "prune: also where the deadline came then": (
                " or may_have_acted(error.__cause__ or error.__context__)",
                "",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_api/client.py",
        "tests/unit/task/test_ages.py tests/wire/task/test_clocks.py",
        {
            "clocks: all answers are compared": ("(min(least, offset), max(most, offset))", "(offset, offset)"),
        },
    ),
]
