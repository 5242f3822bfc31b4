"""The garbage collector ignores the objects of an image, and works again later."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from explorer import gc_control


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Restores the state of the collector."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


def test_nothing_is_collected_meanwhile() -> None:
    """The collector is off inside ``paused``, and has its old state afterwards."""
    with gc_control.paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), gc_control.paused():
        raise ZeroDivisionError
    assert gc.isenabled()
    gc.disable()
    with gc_control.paused():
        pass
    assert not gc.isenabled()


@pytest.mark.end_to_end
def test_what_was_made_is_set_aside() -> None:
    """The collector ignores the objects of one image, until the next one."""
    gc.unfreeze()
    with gc_control.freeze_new_objects():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() >= len(made)
    assert gc.isenabled()
    with gc_control.freeze_new_objects():
        assert gc.get_freeze_count() == 0


def test_unreachable_objects_of_an_earlier_image_are_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the next image, frozen objects are collected; afterwards, collections are rare."""
    collections: list[int] = []
    with gc_control.freeze_new_objects():
        pass
    monkeypatch.setattr(gc, "collect", lambda: collections.append(gc.get_freeze_count()))
    with gc_control.freeze_new_objects():
        pass
    assert collections == [0]
    assert gc.get_threshold()[0] >= 10_000
