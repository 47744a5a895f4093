"""The memory of a process beside its limit: what the control group has, that systemd or a container puts it in."""

import pytest

from control_group import UNIT, ControlGroup
from service import Service, settings_of

LIMIT = "process_resident_memory_bytes_limit"
SLICE = UNIT.rpartition("/")[0]


@pytest.mark.parametrize("limits, told", [
    ({UNIT: 1 << 30}, 1 << 30),
    ({UNIT: 1 << 30, SLICE: "max"}, 1 << 30),
    ({UNIT: "max", SLICE: 512 << 20}, 512 << 20),
    ({UNIT: 1 << 30, SLICE: 512 << 20}, 512 << 20),
    ({"/": 256 << 20}, 256 << 20),
    ({UNIT: "max", SLICE: "max"}, None),
    ({}, None),
], ids=["own", "own-beside-none", "slice", "the-smaller", "container", "none", "no-files"])
def test_the_smallest_limit_is_told(stack, make_directory, limits, told):
    group = ControlGroup(make_directory())
    for where, memory in limits.items():
        group.limit(memory, where)
    with Service(make_directory(), settings_of(stack), program=group.program).running() as service:
        assert service.metrics().get(LIMIT) == told


def test_it_is_the_limit_of_now(stack, make_directory):
    group = ControlGroup(make_directory())
    group.limit(1 << 30)
    with Service(make_directory(), settings_of(stack), program=group.program).running() as service:
        assert service.metrics()[LIMIT] == 1 << 30
        group.limit(2 << 30)
        assert service.metrics()[LIMIT] == 2 << 30
