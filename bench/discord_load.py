"""The bot under load in the loopback Discord of the tests: acknowledgements, heartbeats, memory.

    PYTHONPATH=tests python -m bench.discord_load                  # everything: half an hour
    PYTHONPATH=tests python -m bench.discord_load burst --times 3

``burst``: 200 `/ask` at once from 50 people; how long each waited for its acknowledgement and its
answer, and by how much a heartbeat was late, at one a second (Discord asks for one in 41 s).
``memory``: 5,000 questions, no two alike, a few at a time; the bot's resident memory meanwhile. The
bot is the program as it is; the double takes its share of the same processors. The result goes to
``bench/results/discord.json`` and, in words, to ``docs/discord.md``.
"""

import asyncio
import json
import os
import random
import re
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from discord_double import Double, Reaction, User, running_bot

from bench.data import RESULTS, keep, options
from index import Library

ROOT = Path(__file__).parent.parent
PULLQUOTE = Path(sys.executable).parent / "pullquote"
PARTS = ("burst", "memory")
PEOPLE, EACH = 50, 4
AT_ONCE = 4  # questions under way while memory is watched
SAMPLE = 50  # answers between two looks at the memory
LATEST_S = 10.0  # long after an acknowledgement was due; Discord gives 3 s
PATIENCE_S = 900.0
SEED = 2016


def distinct(count: int) -> list[str]:
    """Questions made of the words of the seeds' article, no two alike."""
    (article,) = (ROOT / "seeds").glob("*.txt")
    words = sorted(set(re.findall(r"[A-Za-z]{3,}", article.read_text("utf-8"))))
    rng = random.Random(SEED)
    asking = ("who", "what", "when", "where", "how many", "why did")
    made: dict[str, None] = {}
    while len(made) < count:
        chosen = rng.sample(words, rng.randint(3, 12))
        made[f"{rng.choice(asking)} {' '.join(chosen)}?"] = None
    return list(made)


def final(reaction: Reaction) -> bool:
    """Whether an answer stands there, and not a place in the line."""
    return any("Busy" not in message.text for message in reaction.messages)


async def burst(index: Path, folder: Path) -> dict[str, Any]:
    """Everybody asks at once."""
    load = os.getloadavg()[0]
    folder.mkdir(parents=True)
    async with Double(folder, heartbeat_limit_s=30.0) as double:
        people = [double.add_user(f"reader-{number}") for number in range(PEOPLE)]
        async with running_bot(double, [PULLQUOTE, "bot"], {"PULLQUOTE_INDEX": str(index)}):
            before = len(double.heartbeat_lateness)
            begun = time.monotonic()
            asked = [
                await double.slash("ask", {"question": question}, user=person, until=None)
                for question, person in zip(distinct(PEOPLE * EACH), people * EACH, strict=True)
            ]
            sent_s = time.monotonic() - begun
            await asyncio.sleep(max(0, begun + LATEST_S - time.monotonic()))
            heard = [each for each in asked if each.acknowledged]  # the others came too late
            for each in heard:
                await each.until(final, PATIENCE_S)
            done_s = time.monotonic() - begun
            late = max(double.heartbeat_lateness[before:])
        other = [each for each in double.violations if "acknowledged after" not in each]
        assert other == [], other
    acks = sorted(each.ack_s or LATEST_S for each in asked)
    told = [each for each in heard if any("Busy" in text for text in _said(each))]
    refused = [each for each in heard if "too many questions" in each.message.text]
    return {
        "questions": len(asked),
        "acknowledged_s": {"median": statistics.median(acks), "worst": acks[-1]},
        "acknowledged_too_late": len(asked) - len(heard),
        "heartbeat_late_s": late,
        "told_their_place": len(told),
        "turned_away": len(refused),
        "sent_in_s": sent_s,
        "all_answered_after_s": done_s,
        "load_average_before": load,
    }


def _said(reaction: Reaction) -> Iterator[str]:
    for message in reaction.messages:
        yield from (str(version) for version in message.versions)


async def memory(index: Path, folder: Path, count: int) -> dict[str, Any]:
    """Ask one question after another, and look at the bot's memory."""
    load = os.getloadavg()[0]
    folder.mkdir(parents=True)
    samples: list[tuple[int, int]] = []
    begun = time.monotonic()
    async with Double(folder, heartbeat_limit_s=30.0) as double:
        people = [double.add_user(f"reader-{number}") for number in range(count // EACH + 1)]
        async with running_bot(double, [PULLQUOTE, "bot"], {"PULLQUOTE_INDEX": str(index)}) as bot:
            left = iter(enumerate(distinct(count)))
            done = 0

            async def ask_on() -> None:
                nonlocal done
                for number, question in left:
                    await _ask(double, question, people[number // EACH])
                    done += 1
                    if done % SAMPLE == 0:
                        samples.append((done, bot.rss))
                        print(f"{done}: {bot.rss / 1e6:.0f} MB", flush=True)

            await asyncio.gather(*(ask_on() for _ in range(AT_ONCE)))
        assert double.violations == [], double.violations
        late = max(double.heartbeat_lateness)
    part = count // 5
    first = [rss for number, rss in samples if number <= part]
    last = [rss for number, rss in samples if number > count - part]
    return {
        "questions": count,
        "first_fifth_mb": statistics.median(first) / 1e6,
        "last_fifth_mb": statistics.median(last) / 1e6,
        "most_mb": max(rss for _, rss in samples) / 1e6,
        "heartbeat_late_s": late,
        "seconds": time.monotonic() - begun,
        "load_average_before": load,
        "samples_mb": [[number, round(rss / 1e6, 1)] for number, rss in samples],
    }


async def _ask(double: Double, question: str, person: User) -> None:
    asked = await double.mention(question, user=person, until=None)
    await asked.until(final, PATIENCE_S)
    for message in [asked.trigger, *asked.messages]:
        double.all_messages.pop(message.id, None)  # the double's memory is not what is measured
    if len(double.rest.log) > 100:
        double.rest.log.clear()


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--times", type=int, default=3, help="how often there is a burst")
    parser.add_argument("--questions", type=int, default=5000, help="asked while memory is watched")
    args = parser.parse_args()
    work = args.work / "discord"
    shutil.rmtree(work, ignore_errors=True)
    library = Library(work / "index")
    library.sync([ROOT / "seeds"])
    library.close()
    for part in args.parts or PARTS:
        if part == "burst":
            runs = []
            for number in range(args.times):
                runs.append(asyncio.run(burst(work / "index", work / f"burst-{number}")))
                print(json.dumps(runs[-1]), flush=True)
            worst = [each["acknowledged_s"]["worst"] for each in runs]
            figures: dict[str, Any] = {
                "worst_acknowledged_s": {
                    "median_of_runs": statistics.median(worst),
                    "worst": max(worst),
                },
                "worst_heartbeat_late_s": max(each["heartbeat_late_s"] for each in runs),
                "runs": runs,
            }
        else:
            figures = asyncio.run(memory(work / "index", work / "memory", args.questions))
        print(json.dumps({part: figures}, indent=1), flush=True)
        kept = RESULTS / "discord.json"
        before = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
        keep("discord", before | {part: figures})


if __name__ == "__main__":
    main()
