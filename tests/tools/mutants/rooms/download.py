# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to break in _download, and where a test notices it."""

from __future__ import annotations

from mutant import Mutant, broken

MUTANTS: list[Mutant] = [
    *broken(
        "plugins/module_utils/_download/content.py",
        "tests/unit/download/test_content.py tests/wire/download/test_verified_content.py",
        {
            "content: a dump that lacks its end is refused": (
                "if found.ends is not None and not found.ends.search(self._tail):",
                "if False:",
            ),
            "content: nothing is no dump": ("        if not self._size:\n", "        if False:\n"),
            "content: what is not known is not claimed": (
                "return Content(NOTHING, size=self._size)",
                "return Content(COMPLETE, size=self._size)",
            ),
            "content: a format without an end is not claimed to have one": (
                "BEGINNING if found.ends is None else COMPLETE",
                "COMPLETE",
            ),
            "content: the end is that of all pieces": ("(self._tail + piece[-_TAIL:])[-_TAIL:]", "piece[-_TAIL:]"),
            "content: only the end is the end": ("(self._tail + piece[-_TAIL:])[-_TAIL:]", "self._tail + piece"),
            "content: the beginning is that of all pieces": (
                "self._head += piece[: _HEAD - len(self._head)]",
                "self._head = self._head or piece[:_HEAD]",
            ),
            "content: a key may stand behind the end": ("_TAIL = 1024", "_TAIL = 64"),
            "content: an archive closes its last collection": ("EOF\\x00\\x01", "EOF\\x00[\\s\\S]"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/integrity.py",
        "tests/unit/download tests/wire/download/test_verified_content.py",
        {
            "content: what gzip unpacks is looked at": ("        self._take(came)\n", ""),
            "content: what zstd unpacks is looked at": (
                "self._take(self._frame.decompress(piece))",
                "self._frame.decompress(piece)",
            ),
            "content: what cannot be unpacked is not claimed": (
                "Content(NOTHING) if self.verified == BY_LENGTH else self._inside.finish()",
                "self._inside.finish()",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/fetch.py",
        "tests/wire/download/test_verified_content.py",
        {
            "content: what is there already is looked at": (
                "read_dump(path, source.check_deadline, source.look_inside)",
                "read_dump(path, source.check_deadline, False)",
            ),
            "content: what comes is looked at": (
                "self._partial.file, self._source.look_inside)",
                "self._partial.file, False)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/doubts.py",
        "tests/unit/download/test_content.py tests/wire/download/test_verified_content.py",
        {
            "content: a small dump is told only where that is asked": (
                "if one.content is not None and one.size_before",
                "if one.size_before",
            ),
            "content: what cannot be unpacked is told once": ("if one.verified != BY_LENGTH and one.", "if one."),
            "content: the share is heeded": ("one.size < min_size_share * one", "one.size < 0.5 * one"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/mirror_plan.py",
        "tests/wire/download/test_verified_content.py",
        {
            "content: another compression is not compared": (
                'stream = step.addon_id, step.name.rpartition(".")[2]',
                'stream = step.addon_id, ""',
            ),
            "content: only what came is compared": (
                "if step.action == DOWNLOAD and stream in last:",
                "if False:",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/choice.py",
        "tests/wire/download/test_verified_content.py",
        {
            "content: the dump before is older": (
                "if posix_time(one.created_at) < posix_time(backup.created_at)\n        and one",
                "if one",
            ),
            "content: the dump before is of the same compression": (
                'one.config.get("compression_type") == packed',
                "True",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/choice.py",
        "tests/wire/backup/test_safety_snapshots.py",
        {
            "safety snapshots: never the newest dump": ("for dump in dumps if not dump.is_safety", "for dump in dumps"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/storage.py",
        "tests/unit/api/test_addresses.py",
        {
            "download: a private network is none of the API's": (
                "return PRIVATE in origin or LOOPBACK in origin",
                "return True",
            ),
            "download: this machine is none of the API's": (
                "(target == LOOPBACK and LOOPBACK in origin)",
                "target == LOOPBACK",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/storage.py",
        "tests/wire/api/test_what_answers_prove.py",
        {
            "proof: a stream that is given up is ended": ("        self.line.give_up()\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_download/fetch.py",
        "tests/wire/download/test_download.py",
        {
            "download: a broken file gets no name": ("        self._intake.frames.finish()\n", ""),
            "download: a file that is too short is taken up again": (
                "self._intake.size < stream.head.total:",
                "False:",
            ),
            "download: what broke off is not begun anew": ("not can_resume:", "True:"),
            "download: without a way to notice, it is": (
                "is not None or self._intake.frames.can_tell)",
                "is not None or True)",
            ),
            "download: a mixture of versions is no reason to fail": ("if not self._is_patchwork:", "if True:"),
            "download: a file of another length is another": (
                "!= self._intake.size or is_other:",
                "!= self._intake.size:",
            ),
            "download: progress counts": ("if self._intake.size > self._furthest:", "if False:"),
            "download: it is given up at last": ("if self._failures > self._source.retries:", "if False:"),
            "download: the deadline ends it": (
                "self._source.check_deadline()\n                self._source",
                "self._source",
            ),
            "download: an expired link is made anew": ("frozenset({401, 403, 410})", "frozenset({401, 410})"),
            "download: a second refusal is the last": ("_NO_LONGER_GOOD or self._refused:", "_NO_LONGER_GOOD:"),
            "download: an ID may be another's by now": ("if self._asked_before and not", "if False and not"),
            "download: a deleted backup is told": ("if error.status == 404:", "if False:"),
            "download: room is needed for what comes": ("        require_room(self._partial", "        (self._partial"),
            "download: the end is compared": ("is_part and _are(stream, last_bytes(path, size - start))", "is_part"),
            "download: all of what is there is read": ("found.frames.is_proven_by_end and", "True and"),
            "download: the same is not replaced": ('is_other = before["checksum"] != came.checksum', "is_other = True"),
            "download: what cannot be done to the file is found first": ("        rehearse(str(partial.path))\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_download/integrity.py",
        "tests/wire/download/test_download.py",
        {
            "download: several frames prove nothing by their end": (" and self._check.frames == 1", ""),
            "download: gzip has an end": (
                "        if not self._member.eof:\n            raise",
                "        if False:\n            raise",
            ),
            "download: zstd has an end": ("        if not self._frame.eof:\n", "        if False:\n"),
            "download: it is what the API says": ("if compression not in (None, found):", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/integrity.py",
        "tests/unit/download/test_integrity.py",
        {
            "download: what packs extremely well fills no memory": (
                "decompress(piece, _MOST_AT_ONCE)",
                "decompress(piece)",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/files.py",
        "tests/wire/download/test_download.py",
        {
            "download: a failure leaves nothing behind": ("            self.path.unlink()", "            pass"),
            "download: a folder is no file": ("    if path.is_dir():\n        raise", "    if False:\n        raise"),
            "download: a pipe is no file": ("    if os.path.lexists(path) and not", "    if False and not"),
            "download: Not enough space is refused": ("if usage.total and needed > usage.free:", "if False:"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/storage.py",
        "tests/wire/download/test_download.py",
        {
            "download: cookies are not kept": ("DefaultCookiePolicy(allowed_domains=[])", "DefaultCookiePolicy()"),
            "download: a .netrc is not read": ("    session.auth = lambda request: request\n", ""),
            "download: plain http is for this machine": (" and both_here)", ")"),
            "download: a circle of redirects ends": ("range(_MOST_REDIRECTS + 1)", "range(10_000)"),
            "download: addresses are looked at": ("    if not may_lead_to(where, origin):", "    if False:"),
            "download: a part is told by its place": (
                "_CONTENT_RANGE.fullmatch(str(response",
                '_CONTENT_RANGE.match("bytes 0-0/1" or str(response',
            ),
            "download: an error quotes no link": (
                "the storage {place}: {_words(error)}",
                "the storage {place}: {error}",
            ),
        },
    ),
    *broken(
        "plugins/module_utils/_download/mirror_plan.py",
        "tests/unit/download/test_mirror_plan.py tests/wire/download/test_mirror.py",
        {
            "mirror: somebody else's file is not replaced": ("    if entry is None:\n", "    if False:\n"),
            "mirror: a changed file is told": (
                "    if entry.size != there[name]:\n        return MirrorStep(name, FAIL",
                "    if False:\n        return MirrorStep(name, FAIL",
            ),
            "mirror: a file is of one backup": ("    if not is_file_of(name, entry, backup):\n", "    if False:\n"),
            "mirror: a uid counts where both have one": ("        return entry.uid == backup.uid\n", "        pass\n"),
            "mirror: a uid may be left out": ("if entry.uid is not None and backup.uid is not None:", "if True:"),
            "mirror: a folder is one team's": ("(entry.api, entry.team_id) != ours", "entry.api != ours[0]"),
            "mirror: what proves an old list is a backup": ("return {} if is_proved else old", "return {}"),
            "mirror: the newest stays": ("if step.action == DELETE and step is newest", "if False and step is newest"),
            "mirror: an addon that is gone may have the last": ("    if addon_id not in found:\n", "    if False:\n"),
            "mirror: what is listed stays": ("        if is_file_of(name, entry, backup):\n", "        if False:\n"),
            "mirror: what was changed stays": (
                "    if entry.size != there[name]:\n        return MirrorStep(name, KEEP",
                "    if False:\n        return MirrorStep(name, KEEP",
            ),
            "mirror: delete can be off": ("    if not delete:\n", "    if False:\n"),
            "mirror: other projects are left alone": ("entry.project_id == project_id and (whole", "(whole"),
            "mirror: other addons are left alone": ("(whole_project or entry.addon_id in found)", "True"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/mirror.py",
        "tests/unit/download/test_mirror_plan.py tests/wire/download/test_mirror.py",
        {
            "mirror: a folder is one API's": ("    if others:\n", "    if False:\n"),
            "mirror: an old list has to be proved": ("    if unknown:\n", "    if False:\n"),
            "mirror: an old list is bound": ("**told_origin(origin_of(api, settings), known), ", ""),
            "mirror: not all goes at once": ("    elif held_back(steps, settings) is not None:\n", "    elif False:\n"),
            "mirror: a list may be wrong about what is gone": (
                "        return step.action == DELETE or step",
                "        return step",
            ),
            "mirror: only a 404 is gone": (
                "            if error.status == 404:\n                return step\n",
                "            return step\n",
            ),
            "mirror: what is asked about may be there": (
                "        if not is_file_of(step.name, entry, backup):\n",
                "        if True:\n",
            ),
            "mirror: a lost list is made anew": (" or step.reason == mirror_messages.NOT_OURS", ""),
            "mirror: only what proves right is taken in": ("        if found is None:\n            return step\n", ""),
            "mirror: content counts before it is deleted": (
                "if entry is None or checksum(",
                "if entry is None or False and checksum(",
            ),
            "mirror: what came meanwhile is not replaced": (
                "            if os.path.lexists(path):\n",
                "            if False:\n",
            ),
            "mirror: nothing goes where something did not come": (
                "if any(step.action == FAIL for step in steps):",
                "if False:",
            ),
            "mirror: room is needed for all together": ("    require_room(settings.folder, sum(coming))\n", ""),
            "mirror: what came is noted": ("            self.manifest.put({step.name: entry})\n", ""),
        },
    ),
    *broken(
        "plugins/module_utils/_download/files.py",
        "tests/wire/download/test_download.py tests/wire/download/test_mirror.py",
        {
            "files: devices are no place": (
                "        if any(place == root or",
                "        if False and any(place == root or",
            ),
            "files: links are followed one by one": (
                "        if not path.is_symlink():\n            return\n",
                "        return\n",
            ),
            "files: a pipe is no place": ("if os.path.lexists(path) and not path.is_file() and (", "if False and ("),
            "files: an immutable file is told": ("    if _is_frozen(path):\n", "    if False:\n"),
            "files: what is left is swept": (
                "                path.unlink()\n\n\ndef abandon",
                "                pass\n\n\ndef abandon",
            ),
            "files: what is used is not swept": (
                "                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
                "",
            ),
            "files: what is given up is removed": ("    for path in tuple(_in_use):\n", "    for path in ():\n"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/manifest.py",
        "tests/unit/download/test_mirror_plan.py tests/wire/download/test_mirror.py",
        {
            "mirror: a pipe keeps nobody waiting": (
                "        with open_regular(path) as file:\n            data",
                "        with path.open('rb') as file:\n            data",
            ),
            "mirror: no name leads elsewhere": ("not is_a_name(name) or not", "not"),
            "mirror: one run at a time": ("            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n", ""),
            "mirror: a link is no file of ours": ("path.is_file() and not path.is_symlink()", "path.is_file()"),
        },
    ),
    *broken(
        "plugins/module_utils/_download/mirror.py",
        "tests/wire/download/test_mirror_refused.py",
        {
            "mirror: what is refused for all is tried once": ("            if ends_all:\n", "            if False:\n"),
            "mirror: one dump's own failure ends no other": (
                "            if holds_for_all(error):\n",
                "            if True:\n",
            ),
        },
    ),
]
