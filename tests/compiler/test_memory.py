"""The memory plan: no two living buffers share a byte, and the bound is reached."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tinyml.compiler.memory import plan_memory
from tinyml.compiler.program import Buffer, Program


def program_of(lives: list[tuple[int, int, int]]) -> Program:
    buffers = tuple(
        Buffer(index, size, first, first + length, "")
        for index, (size, first, length) in enumerate(lives)
    )
    return Program((), buffers, {}, {})


LIVES = st.lists(
    st.tuples(st.integers(1, 100), st.integers(-1, 8), st.integers(0, 5)), min_size=1, max_size=12
)


@settings(max_examples=60)
@given(lives=LIVES)
def test_living_buffers_are_apart(lives):
    program = program_of(lives)
    plan = plan_memory(program)
    ends = [plan.offsets[b.index] + b.bytes for b in program.buffers]
    assert plan.arena_bytes >= max(ends)
    for a in program.buffers:
        assert plan.offsets[a.index] % 4 == 0
        for b in program.buffers[a.index + 1 :]:
            if a.first <= b.last and b.first <= a.last:
                apart = ends[a.index] <= plan.offsets[b.index]
                assert apart or ends[b.index] <= plan.offsets[a.index]


def test_an_output_may_take_the_place_of_its_input():
    buffers = (Buffer(0, 100, -1, 0, "in"), Buffer(1, 100, 0, 1, "out"))
    together = plan_memory(Program((), buffers, {}, {(0, 1): 0}))
    assert together.arena_bytes == 100
    shifted = plan_memory(Program((), buffers, {}, {(0, 1): 12}))
    assert shifted.arena_bytes == 112
    assert shifted.offsets[1] + 12 <= shifted.offsets[0]


def test_an_output_may_take_only_the_very_place_of_its_input():
    buffers = (
        Buffer(0, 100, -1, 0, "in"), Buffer(1, 100, 0, 1, "out"), Buffer(2, 20, 0, 0, "scratch"),
    )  # fmt: skip
    plan = plan_memory(Program((), buffers, {}, {}, frozenset({(0, 1)})))
    assert plan.arena_bytes == plan.bound_bytes == 120
    assert plan.offsets[0] == plan.offsets[1]
    # Another life keeps the output from that place: then it must not overlap at all.
    guest = Buffer(3, 40, 1, 1, "guest")
    plan = plan_memory(Program((), (*buffers, guest), {}, {}, frozenset({(0, 1)})))
    first, second = plan.offsets[:2]
    assert first == second or abs(first - second) >= 100


def test_a_hole_between_two_lives_is_used():
    # Placed by size alone, the last buffer would go on top.
    program = program_of([(40, 0, 4), (60, 0, 1), (60, 2, 2), (20, 1, 1)])
    plan = plan_memory(program)
    assert plan.arena_bytes == plan.bound_bytes
