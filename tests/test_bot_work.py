"""The line in front of the threads: in turn, once for the same work, bounded."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.conversation import desk as work
from bot.conversation.desk import TELL_FROM, Desk, TurnedAwayError
from bot.discord.delivery import First
from bot.discord.turns import PER_S, QUESTIONS, TooOftenError, Turns
from index.errors import PullquoteError

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def gate() -> AsyncIterator[threading.Event]:
    """What work waits for; opened at the end, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


async def started(desk: Desk, count: int, gate: threading.Event) -> list[asyncio.Task[bool]]:
    """Work that waits for the gate, put in line."""
    tasks = [asyncio.create_task(desk.run(gate.wait)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_work_is_done_in_the_order_it_came(gate: threading.Event) -> None:
    """First come, first served, by one thread."""
    desk = Desk(workers=1)
    done: list[int] = []
    first = await started(desk, 1, gate)
    others = [asyncio.create_task(desk.run(lambda n=n: done.append(n))) for n in range(5)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*first, *others)
    assert done == [0, 1, 2, 3, 4]


async def test_who_waits_long_is_told_their_place(gate: threading.Event) -> None:
    """Places are counted from who is next; who is near is not told."""
    desk = Desk(workers=2)
    held = await started(desk, 2, gate)
    told: list[tuple[int, int]] = []

    async def ask(number: int) -> None:
        async def tell(place: int) -> None:
            told.append((number, place))

        await desk.run(lambda: None, told=tell)

    tasks = []
    for number in range(1, 6):
        tasks.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == [(number, number) for number in range(TELL_FROM, 6)]
    gate.set()
    await asyncio.gather(*held, *tasks)


async def test_the_same_work_is_done_once(gate: threading.Event) -> None:
    """Who asks the same while it is done, or just after, shares the result; later it is new."""
    desk = Desk(workers=2)
    counted: list[int] = []

    def count() -> int:
        gate.wait()
        counted.append(1)
        return len(counted)

    tasks = [asyncio.create_task(desk.run(count, key="same")) for _ in range(4)]
    other = asyncio.create_task(desk.run(count, key="other"))
    await asyncio.sleep(0)
    gate.set()
    same = await asyncio.gather(*tasks)
    assert len(set(same)) == 1
    await other
    assert await desk.run(count, key="same") == same[0]
    assert len(counted) == 2


async def test_what_was_found_is_not_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what failed."""
    monkeypatch.setattr(work, "KEEP_S", -1.0)
    desk = Desk()
    counted: list[int] = []
    await desk.run(lambda: counted.append(1), key="same")
    await desk.run(lambda: counted.append(1), key="same")
    assert len(counted) == 2


async def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    """The next who asks tries anew."""
    desk = Desk()
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        raise ValueError("no")

    both = await asyncio.gather(
        *(desk.run(fail, key="same") for _ in range(2)), return_exceptions=True
    )
    assert [type(each) for each in both] == [ValueError, ValueError]
    with pytest.raises(ValueError, match="no"):
        await desk.run(fail, key="same")
    assert len(tries) == 2


async def test_one_who_gives_up_leaves_the_work_to_the_others(gate: threading.Event) -> None:
    """A cancelled asker does not cancel the search that another shares."""
    desk = Desk()
    first = asyncio.create_task(desk.run(lambda: gate.wait(10), key="same"))
    second = asyncio.create_task(desk.run(lambda: gate.wait(10), key="same"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    gate.set()
    assert await second is True


async def test_the_line_is_bounded(gate: threading.Event) -> None:
    """Beyond its end, one is turned away at once; those in it are served."""
    desk = Desk(workers=1, seats=3)
    held = await started(desk, 4, gate)
    assert desk.waiting == 3
    with pytest.raises(TurnedAwayError, match="in a moment"):
        await desk.run(lambda: None)
    gate.set()
    assert await asyncio.gather(*held) == [True] * 4
    assert desk.waiting == 0
    assert await desk.run(lambda: "again") == "again"


async def test_closing_turns_away_who_waits_and_lets_end_what_runs(gate: threading.Event) -> None:
    """No thread is left behind, and nobody waits for ever."""
    desk = Desk(workers=1)
    running, waiting = await started(desk, 2, gate)
    desk.close()
    with pytest.raises(TurnedAwayError, match="restarted"):
        await desk.run(lambda: None)
    gate.set()
    assert await running is True
    with pytest.raises(TurnedAwayError, match="restarted"):
        await waiting


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities on Linux only")
async def test_the_threads_leave_the_processor_to_the_event_loop() -> None:
    """They are nicer than it, so that it acknowledges in time while they search."""
    theirs = await Desk().run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert theirs == min(19, own + work.BEHIND)


async def test_acknowledgements_go_before_everything_else() -> None:
    """Who was acknowledged goes on when all who came at once were."""
    first = First()
    done: list[str] = []

    async def acknowledge(seconds: float) -> None:
        async with first:
            await asyncio.sleep(seconds)
            done.append("acknowledged")
        done.append("went on")

    await asyncio.gather(acknowledge(0.0), acknowledge(0.05), acknowledge(0.0))
    assert done == ["acknowledged"] * 3 + ["went on"] * 3


async def test_a_person_may_ask_again_when_the_time_is_over() -> None:
    """The window begins with the first question; each person has one."""
    now = 1000.0
    counted = Turns(clock=lambda: now)
    for number in range(QUESTIONS):
        now = 1000.0 + number
        counted.take(1)
    now = 1010.0
    with pytest.raises(PullquoteError, match=f"again in {PER_S - 10:.0f} s"):
        counted.take(1)
    with pytest.raises(TooOftenError) as again:
        counted.take(1)
    assert again.value.told
    counted.take(2)
    now = 1010.0 + PER_S + 1
    counted.take(1)
