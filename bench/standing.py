"""How long 500 standing questions delay a post, beside one that waits alone.

    python -m bench.standing

Over ``seeds/``: a few articles of the BBC come at a time, one of which answers the first of the
standing questions; the others are questions that people wrote about other BBC articles. Timed, from
the look of the bot on: until the answer of that question is posted, and until all is done. At the
end questions of the last arrival are asked one by one, to see that no post was left out.
"""

import asyncio
import json
import random
import shutil
import time
from pathlib import Path
from statistics import median

from bench.data import keep, options, records
from bot.conversation.asking import Asking
from bot.conversation.desk import Desk
from bot.conversation.memory import Memory, Posted
from bot.conversation.scope import Scope
from bot.conversation.standing import Newsroom
from index import Library
from index.records import Answer, Filters

SEEDS = Path(__file__).parent.parent / "seeds"
MANY, ARRIVALS, ARTICLES, SEED = 500, 3, 3, 15
CHECKED = 100
"""Questions that are asked one by one, to see that no post was left out."""


class Bot:
    """A bot that follows questions, and notes when it posted what."""

    def __init__(self, folder: Path, name: str, questions: list[str]) -> None:
        self.library = Library(folder / "index")
        self.memory = Memory(folder / f"{name}.db")
        asking = Asking(self.library, self.memory, Scope(self.library), Desk())
        self._news = Newsroom(self.memory, self.library, asking, self._post)
        last = self.library.last_filed
        for number, question in enumerate(questions):
            self.memory.follow(1, number, question, last)
        self._posts: dict[str, float] = {}
        self._message = 0

    async def _post(self, posting: Posted, _answer: Answer) -> int:
        self._posts[posting.question] = time.perf_counter()
        self._message += 1
        return self._message

    def look(self) -> tuple[dict[str, float], float]:
        """Seconds until each question that something answers was posted, and until all was done."""
        self._posts = {}
        begun = time.perf_counter()
        asyncio.run(self._news.step())
        done = time.perf_counter() - begun
        return {question: at - begun for question, at in self._posts.items()}, done


def main() -> None:
    arguments = options(__doc__).parse_args()
    folder = arguments.work / "standing"
    shutil.rmtree(folder, ignore_errors=True)
    news = folder / "news"
    news.mkdir(parents=True)
    texts = {
        each["id"]: {name: each[name] for name in ("id", "title", "text")}
        for each in records(arguments.data / "news-bbc2225.jsonl.gz")
    }
    labelled = list(records(arguments.data / "news-questions-dev.jsonl.gz"))
    rng = random.Random(SEED)
    rng.shuffle(labelled)
    answered = [each for each in labelled if each["answerable"] and each["article"] in texts]
    others = [each["question"] for each in labelled if each not in answered[:ARRIVALS]]

    def arrive(name: str, ids: list[str]) -> None:
        lines = [json.dumps(texts[each]) for each in ids]
        (news / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        library.sync()

    alone, crowded, finished, posted = [], [], [], []
    with Library(folder / "index") as library:
        library.sync([SEEDS, news])
        for number, wanted in enumerate(answered[:ARRIVALS]):
            first = wanted["question"]
            many = [*list(dict.fromkeys(others))[: MANY - 1], first]
            one, all_ = Bot(folder, f"one-{number}", [first]), Bot(folder, f"all-{number}", many)
            arrive(f"before-{number}", rng.sample(sorted(texts), 1))
            one.look()  # the models are loaded, and the questions encoded
            all_.look()
            before = library.last_filed
            arrive(f"news-{number}", [wanted["article"], *rng.sample(sorted(texts), ARTICLES - 1)])
            post, _ = one.look()
            posts, done = all_.look()
            posted.append(len(posts))
            print(post.get(first), posts.get(first), len(posts), done, flush=True)
            one.library.close()
            all_.library.close()
            if first in post:
                alone.append(post[first])
                crowded.append(posts[first])
                finished.append(done)
        new = Filters(filed_after=before)
        one_by_one = {
            each for each in many[-CHECKED:] if library.ask(each, top=10, filters=new).quotes
        }
    delays = [b - a for a, b in zip(alone, crowded, strict=True)]
    result = {
        "questions": MANY,
        "articles": ARTICLES,
        "arrivals": len(alone),
        "one_s": round(median(alone), 2),
        "many_s": round(median(crowded), 2),
        "delay_s": round(median(delays), 2),
        "longest_delay_s": round(max(delays), 2),
        "many_done_s": round(median(finished), 2),
        "posts": posted,
        "answered_one_by_one": len(one_by_one),
        "left_out": sorted(one_by_one - posts.keys()),
    }
    print(json.dumps(result, indent=1))
    keep("standing", result)


if __name__ == "__main__":
    main()
