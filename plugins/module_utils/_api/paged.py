# Copyright (c) 2026, the northflank.cloud contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that come in pages, and when it is certain that something is not in one.

A page shows one moment. Between two pages, the list can shift: what somebody adds pushes an item to the next page, so
it is told twice; what somebody deletes pulls one to the page that was read already, so it is never told. So of a list
of several pages, what is in it is true, and what is not in it may be there all the same.
"""

from __future__ import annotations

from typing import Callable, Hashable, Iterable, List, TypeVar

Item = TypeVar("Item")

# A list that never comes to rest is not read for ever: what all readings have shown together has to do.
_MOST_READINGS = 3


class Paged(List[Item]):
    """A whole list, each item once.

    What is made of it (``[item for item in ...]``) is a plain list, so keep this one where it has to be confirmed.

    :ivar pages: how many pages it came in, so how many moments it shows.
    """

    def __init__(self, items: Iterable[Item], pages: int = 1) -> None:
        super().__init__(items)
        self.pages = pages

    @property
    def may_have_gaps(self) -> bool:
        """Whether something may be missing in it. A list of one page is complete."""
        return self.pages > 1


def each_once(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[Item]:
    """Return the items without repeats, each as it was told last, at the place where it was told first.

    :param key: the ID of an item. An ID belongs to one item at each moment, so what was told later is so now.
    """
    return list({key(item): item for item in items}.values())


def confirmed(seen: Paged[Item], read: Callable[[], Paged[Item]], key: Callable[[Item], Hashable]) -> Paged[Item]:
    """Return a list that may be acted upon because of what is not in it.

    Costs nothing for a list of one page. One of several pages is read again, until two readings agree, three times at
    most. An item may have been deleted since it was told: read it by its ID before anything is done to it.

    :param seen: the list as it was read.
    :param read: reads it once more.
    :param key: the ID of an item.
    :returns: all that any reading has shown.
    """
    known = seen
    for _reading in range(_MOST_READINGS - 1):
        if not known.may_have_gaps:
            return known
        again = read()
        agreed = {key(item) for item in again} == {key(item) for item in seen}
        known = Paged(each_once([*known, *again], key), max(known.pages, again.pages))
        if agreed:
            return known
        seen = again
    return known
