"""One client of the shop: its own orders and deliveries, and what it knows of them since it was committed."""

import random
import time
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from recorder import Recorder

# {words} are what releases differ in: names of columns, and casts of what comes and goes.
SQL = {
    "take order": "INSERT INTO orders (customer_id, total, {note}) VALUES ($1, $2, $3) RETURNING id",
    "take item": "INSERT INTO order_items (order_id, product_id, quantity, price) VALUES ($1, $2, 1, $3)",
    "write note": "UPDATE orders SET {note} = $2 WHERE id = $1",
    "write status": "UPDATE orders SET status = $2 WHERE id = $1",
    "read order": "SELECT id, status, {shown} AS note FROM orders WHERE id = $1",
    "list orders": "SELECT o.id, {shown} AS note, {delivery} AS delivery, d.carrier FROM orders o"
    " LEFT JOIN deliveries d ON d.id = o.delivery WHERE o.customer_id = $1 ORDER BY o.id DESC LIMIT 20",
    "drop items": "DELETE FROM order_items WHERE order_id = $1",
    "drop order": "DELETE FROM orders WHERE id = $1",
    "send": "INSERT INTO deliveries (carrier) VALUES ($1) RETURNING {key} AS id",
    "happened": "INSERT INTO delivery_events (delivery, what) VALUES ($1{number}, $2)",
    "sent": "UPDATE orders SET delivery = $2{number} WHERE id = $1",
    "change carrier": "UPDATE deliveries SET carrier = $2 WHERE id = $1{number}",
    "read delivery": "SELECT {delivery} AS id, d.carrier, count(e.id) AS events FROM deliveries d"
    " JOIN delivery_events e ON e.delivery = d.id WHERE d.id = $1{number} GROUP BY d.id, d.carrier",
    "drop delivery": "DELETE FROM deliveries WHERE id = $1{number}",
    "all orders": "SELECT id, {shown} AS note, CAST(delivery AS bigint) FROM orders",
    "all deliveries": "SELECT CAST(d.id AS bigint), d.carrier, count(e.id) FROM deliveries d"
    " LEFT JOIN delivery_events e ON e.delivery = d.id GROUP BY d.id, d.carrier",
}
CUSTOMERS = 50


class Side:
    """One release's SQL, and its sessions."""

    def __init__(self, name: str, engine: AsyncEngine, words: dict):
        self.name, self.engine = name, engine
        self.sql = {what: sql.format(**words) for what, sql in SQL.items()}


@dataclass
class Order:
    note: str | None
    delivery: int | None = None


@dataclass
class Delivery:
    carrier: str
    order: int
    events: int = 1


class Known(dict):
    """What is known by its key; one of the keys is drawn without looking at all: there may be a hundred thousand."""

    def __init__(self, *known):
        super().__init__(*known)
        self.keys_in_a_row = list(self)
        self.places = {key: place for place, key in enumerate(self.keys_in_a_row)}

    def __setitem__(self, key, value):
        if key not in self:
            self.places[key] = len(self.keys_in_a_row)
            self.keys_in_a_row.append(key)
        super().__setitem__(key, value)

    def pop(self, key):
        place, last = self.places.pop(key), self.keys_in_a_row.pop()
        if last != key:
            self.keys_in_a_row[place] = last
            self.places[last] = place
        return super().pop(key)

    def any(self, dice: random.Random):
        return dice.choice(self.keys_in_a_row) if self.keys_in_a_row else None


class Unexpected(Exception):
    """A read that is not what was committed."""


class Clerk:
    def __init__(self, number: int, of: int, dice: random.Random, recorder: Recorder):
        self.number, self.of, self.random, self.recorder = number, of, dice, recorder
        self.orders = Known()
        self.deliveries = Known()
        self.asking = ""

    async def learn(self, side: Side) -> None:
        """Takes its share of what is there."""
        there = await seen(side)
        mine = [key for key in there["orders"] if key % self.of == self.number]
        self.orders = Known({key: Order(*there["orders"][key]) for key in mine})
        order_of = {order.delivery: key for key, order in self.orders.items() if order.delivery}
        self.deliveries = Known(
            {
                key: Delivery(carrier, order_of[key], events)
                for key, (carrier, events) in there["deliveries"].items()
                if key in order_of
            }
        )

    async def act(self, side: Side) -> None:
        acts = [self.take, self.note, self.note, self.status, self.look, self.look, self.list, self.cancel]
        acts += [self.send, self.happen, self.carry, self.follow, self.follow, self.unsend]
        try:
            async with side.engine.connect() as connection:
                noting = await self.random.choice(acts)(side, connection)
                self.asking = "COMMIT"
                await connection.commit()
            # Only now it counts.
            noting()
            self.recorder.transactions += 1
        except Exception as error:
            self.recorder.failed(error, side.name, self.asking)

    async def ask(self, side: Side, connection: AsyncConnection, what: str, *values) -> list:
        self.asking = side.sql[what]
        began = time.monotonic()
        result = await connection.exec_driver_sql(self.asking, values)
        rows = result.all() if result.returns_rows else [result.rowcount]
        self.recorder.statement((time.monotonic() - began) * 1000, self.asking)
        return rows

    async def one(self, side: Side, connection: AsyncConnection, what: str, *values) -> None:
        """Changes one row, neither none nor two."""
        rows = await self.ask(side, connection, what, *values)
        if rows != [1]:
            raise Unexpected(f"{what} {values}: {rows} rows")

    def text(self) -> str | None:
        return None if self.random.random() < 0.2 else f"n{self.random.randrange(10**9)}" * self.random.choice([1, 1, 1, 20])

    async def take(self, side, to):
        note, price = self.text(), self.random.randrange(1, 100)
        [(key,)] = await self.ask(side, to, "take order", self.random.randrange(CUSTOMERS) + 1, price, note)
        await self.ask(side, to, "take item", key, self.random.randrange(50) + 1, price)
        return lambda: self.orders.__setitem__(key, Order(note))

    async def note(self, side, to):
        if (key := self.orders.any(self.random)) is None:
            return lambda: None
        note = self.text()
        await self.one(side, to, "write note", key, note)
        return lambda: setattr(self.orders[key], "note", note)

    async def status(self, side, to):
        if key := self.orders.any(self.random):
            await self.one(side, to, "write status", key, self.random.choice(["new", "sent"]))
        return lambda: None

    async def look(self, side, to):
        if key := self.orders.any(self.random):
            rows = await self.ask(side, to, "read order", key)
            if [row.note for row in rows] != [self.orders[key].note]:
                raise Unexpected(f"order {key} is {rows}, committed was {self.orders[key]}")
        return lambda: None

    async def list(self, side, to):
        await self.ask(side, to, "list orders", self.random.randrange(CUSTOMERS) + 1)
        return lambda: None

    async def cancel(self, side, to):
        key = self.orders.any(self.random)
        if key is None or self.orders[key].delivery is not None:
            return lambda: None
        await self.ask(side, to, "drop items", key)
        await self.one(side, to, "drop order", key)
        return lambda: self.orders.pop(key)

    async def send(self, side, to):
        key = self.orders.any(self.random)
        if key is None or self.orders[key].delivery is not None:
            return lambda: None
        carrier = f"carrier {self.random.randrange(100)}"
        [(made,)] = await self.ask(side, to, "send", carrier)
        await self.ask(side, to, "happened", made, "sent")
        await self.one(side, to, "sent", key, made)

        def noting():
            self.orders[key].delivery = made
            self.deliveries[made] = Delivery(carrier, key)

        return noting

    async def happen(self, side, to):
        if (key := self.deliveries.any(self.random)) is None:
            return lambda: None
        await self.one(side, to, "happened", key, "moved")
        return lambda: setattr(self.deliveries[key], "events", self.deliveries[key].events + 1)

    async def carry(self, side, to):
        if (key := self.deliveries.any(self.random)) is None:
            return lambda: None
        carrier = f"carrier {self.random.randrange(100)}"
        await self.one(side, to, "change carrier", key, carrier)
        return lambda: setattr(self.deliveries[key], "carrier", carrier)

    async def follow(self, side, to):
        if key := self.deliveries.any(self.random):
            rows = await self.ask(side, to, "read delivery", key)
            known = self.deliveries[key]
            if [tuple(row) for row in rows] != [(key, known.carrier, known.events)]:
                raise Unexpected(f"delivery {key} is {rows}, committed was {known}")
        return lambda: None

    async def unsend(self, side, to):
        if (key := self.deliveries.any(self.random)) is None:
            return lambda: None
        await self.one(side, to, "drop delivery", key)

        def noting():
            self.orders[self.deliveries.pop(key).order].delivery = None

        return noting


async def seen(side: Side) -> dict[str, dict]:
    """All rows as a release reads them."""
    async with side.engine.connect() as connection:
        orders = await connection.exec_driver_sql(side.sql["all orders"])
        deliveries = await connection.exec_driver_sql(side.sql["all deliveries"])
        return {
            "orders": {key: (note, delivery) for key, note, delivery in orders},
            "deliveries": {key: (carrier, events) for key, carrier, events in deliveries},
        }


def committed(clerks: list[Clerk]) -> dict[str, dict]:
    return {
        "orders": {key: (one.note, one.delivery) for clerk in clerks for key, one in clerk.orders.items()},
        "deliveries": {key: (one.carrier, one.events) for clerk in clerks for key, one in clerk.deliveries.items()},
    }
