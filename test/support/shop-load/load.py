#!/usr/bin/env python3
"""The shop's database under load: short transactions of old and new code, and a note of each that was committed.

Settings are the first line of standard input, each further line is one command; each gets one line of JSON:
  {"url", "sides": {name: {"words": {...}, "cache": statements}}, "clients", "rate": transactions a second, "seed", "use": [name, ...]}
  {"do": "use", "sides": [name, ...]}   those releases run from now on; transactions under way end first
  {"do": "report"}                      what happened since the last report
  {"do": "compare", "sides": [name, ...]}   pauses, and says what these releases read that is not what was committed
  {"do": "end"}
Sessions are SQLAlchemy's over asyncpg, as the shop has them, each side with an engine of its own.
"""

import asyncio
import json
import random
import sys

sys.dont_write_bytecode = True  # the checkout stays clean

from sqlalchemy.ext.asyncio import create_async_engine  # noqa: E402

from clerk import Clerk, Side, committed, seen  # noqa: E402
from recorder import Recorder  # noqa: E402


class Load:
    def __init__(self, settings: dict):
        self.clients, self.rate = settings["clients"], settings["rate"]
        self.sides = {name: self.side(name, settings["url"], **each) for name, each in settings["sides"].items()}
        self.recorder = Recorder()
        self.used: list[Side] = []
        self.clerks = [Clerk(number, self.clients, random.Random(settings["seed"] + number), self.recorder) for number in range(self.clients)]
        self.running: list[asyncio.Task] = []
        self.stopping = False

    def side(self, name: str, url: str, words: dict, cache: int) -> Side:
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://"),
            pool_size=self.clients,
            max_overflow=0,
            connect_args={"prepared_statement_cache_size": cache, "server_settings": {"application_name": f"shop {name}"}},
        )
        return Side(name, engine, words)

    async def use(self, names: list[str]) -> None:
        await self.pause()
        self.used = [self.sides[name] for name in names]
        for name, side in self.sides.items():
            if name not in names:
                await side.engine.dispose()  # as a release that is stopped
        self.go()

    def go(self) -> None:
        self.stopping = False
        self.running = [asyncio.create_task(self.work(clerk)) for clerk in self.clerks]

    async def pause(self) -> None:
        self.stopping = True
        await asyncio.gather(*self.running)
        self.running = []

    async def work(self, clerk: Clerk) -> None:
        clock = asyncio.get_running_loop().time
        pace = self.clients / self.rate
        due = clock() + clerk.random.random() * pace
        while not self.stopping:
            await asyncio.sleep(max(0.0, due - clock()))
            await clerk.act(clerk.random.choice(self.used))
            # What was missed while one waited is not made up for: the others went on.
            due = max(due + pace, clock())

    async def compare(self, names: list[str]) -> list[str]:
        await self.pause()
        noted = committed(self.clerks)
        found = []
        for name in names:
            read = await seen(self.sides[name])
            for table in noted:
                for key in noted[table].keys() | read[table].keys():
                    there, wanted = read[table].get(key), noted[table].get(key)
                    if there != wanted:
                        found.append(f"{name} reads {table} {key} as {there}, committed is {wanted}")
        self.go()
        return found

    async def end(self) -> None:
        await self.pause()
        for side in self.sides.values():
            await side.engine.dispose()


async def main() -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    settings = json.loads(await reader.readline())
    load = Load(settings)
    first = load.sides[settings["use"][0]]
    for clerk in load.clerks:
        await clerk.learn(first)
    await load.use(settings["use"])
    load.recorder.report()  # learning took its time
    answer({})
    while line := await reader.readline():
        wanted = json.loads(line)
        if wanted["do"] == "use":
            await load.use(wanted["sides"])
            answer({})
        elif wanted["do"] == "report":
            answer(load.recorder.report())
        elif wanted["do"] == "compare":
            answer({"found": (await load.compare(wanted["sides"]))[:5]})
        else:
            break
    await load.end()
    answer({})


def answer(what: dict) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
