#!/usr/bin/env python3
"""What drivers make of a key that gets another type beneath them: prepared.py URL. Ends with one line of JSON.

Each asks for the same row until its statement is prepared; once something comes by standard input, three times more.
"""

import asyncio
import json
import sys

sys.dont_write_bytecode = True

import asyncpg  # noqa: E402
import psycopg  # noqa: E402
import psycopg2  # noqa: E402
from sqlalchemy.ext.asyncio import create_async_engine  # noqa: E402

PLAIN, CAST = "SELECT id, carrier FROM deliveries WHERE id = {}", "SELECT CAST(id AS bigint), carrier FROM deliveries WHERE id = {}"


async def by_asyncpg(url: str, in_transaction: bool, **settings):
    connection = await asyncpg.connect(url, **settings)

    async def ask():
        if not in_transaction:
            return await connection.fetch(PLAIN.format("$1"), 1)
        async with connection.transaction():
            return await connection.fetch(PLAIN.format("$1"), 1)

    return ask


async def beyond(url: str):
    """A statement that gives no key, so that it stays prepared; later with a number that only the new type has."""
    connection = await asyncpg.connect(url)
    numbers = [1] * 8 + [3_000_000_000] * 3

    async def ask():
        await connection.execute("UPDATE deliveries SET carrier = carrier WHERE id = $1", numbers.pop(0))

    return ask


async def by_sqlalchemy(url: str, sql: str = PLAIN, **settings):
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), connect_args=settings)

    async def ask():
        async with engine.connect() as connection:
            return (await connection.exec_driver_sql(sql.format("$1"), (1,))).all()

    return ask


async def by_psycopg(url: str, sql: str = PLAIN, **settings):
    connection = await psycopg.AsyncConnection.connect(url, **settings)

    async def ask():
        async with connection.transaction():  # a ROLLBACK would have it forget what is prepared
            return await (await connection.execute(sql.format("%s"), (1,))).fetchall()

    return ask


async def by_psycopg2(url: str):
    connection = psycopg2.connect(url)

    async def ask():
        try:
            with connection.cursor() as cursor:
                cursor.execute(PLAIN.format("%s"), (1,))
                return cursor.fetchall()
        finally:
            connection.rollback()

    return ask


async def tried(ask) -> str:
    try:
        await ask()
        return "ok"
    except Exception as error:
        said = ("cached plan must not change result type", "cached statement plan is invalid")
        if "out of int32 range" in str(error):
            return "range"
        return "plan" if any(words in str(error) for words in said) else repr(error)


async def main(url: str) -> None:
    clients = {
        "asyncpg, outside of a transaction": await by_asyncpg(url, False),
        "asyncpg, in a transaction": await by_asyncpg(url, True),
        "asyncpg, statement_cache_size=0": await by_asyncpg(url, True, statement_cache_size=0),
        "asyncpg, a number that the old type has not": await beyond(url),
        "SQLAlchemy over asyncpg": await by_sqlalchemy(url),
        "SQLAlchemy over asyncpg, prepared_statement_cache_size=0": await by_sqlalchemy(url, prepared_statement_cache_size=0),
        "SQLAlchemy over asyncpg, with casts": await by_sqlalchemy(url, CAST),
        "psycopg": await by_psycopg(url),
        "psycopg, prepare_threshold=None": await by_psycopg(url, prepare_threshold=None),
        "psycopg, with casts": await by_psycopg(url, CAST),
        "psycopg2": await by_psycopg2(url),
    }
    for ask in clients.values():
        for _ in range(8):
            await ask()
    print("prepared", flush=True)
    sys.stdin.readline()
    print(json.dumps({name: [await tried(ask) for _ in range(3)] for name, ask in clients.items()}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
