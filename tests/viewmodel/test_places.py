"""The places to go back to."""

from __future__ import annotations

from explorer.viewmodel.places import Place, Places
from explorer.viewmodel.view import View


def test_the_last_place_is_the_first_way_back() -> None:
    """Places are left in reverse order, and the same place twice is one."""
    first, second = (Place(View(layer), "files", None, None) for layer in (1, 2))
    places = Places().with_place(first).with_place(second).with_place(second)
    assert places.last == second
    assert places.without_last().last == first
    assert not places.without_last().without_last()


def test_old_places_are_forgotten() -> None:
    """A hundred places are kept."""
    places = Places()
    for layer in range(150):
        places = places.with_place(Place(View(layer), "files", None, None))
    assert [place.view.layer for place in places.stack] == [*range(50, 150)]
