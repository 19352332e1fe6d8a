"""One shopper: one connection, one request after the other."""

import http.client
import json
import random
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

ANSWER_SECONDS = 30
# A connection that lay idle for long may be closed by the server while we send: a new one is taken instead.
IDLE_SECONDS = 2


@dataclass(frozen=True)
class Catalogue:
    """What shoppers know of the shop: ids that are there."""

    products: list[int]
    customers: list[int]
    orders: list[int]

    @staticmethod
    def read(url: str) -> "Catalogue":
        products, orders = at_last(lambda: [fetch(url, path) for path in ("/products", "/orders?limit=100")])
        if not products or not orders:
            raise SystemExit(f"the shop at {url} is empty: run seed.py first")
        return Catalogue(
            [product["id"] for product in products],
            sorted({order["customer_id"] for order in orders}),
            [order["id"] for order in orders],
        )


class Shopper:
    def __init__(self, url, catalogue, schedule, recorder, fresh: float, chance: random.Random):
        self.url, self.catalogue, self.schedule, self.recorder = url, catalogue, schedule, recorder
        self.fresh, self.chance = fresh, chance
        self.connection: http.client.HTTPConnection | None = None
        self.used = 0.0

    def run(self) -> None:
        while (moment := self.schedule.due()) is not None:
            due, at = moment
            method, path, body = self.wish()
            late = (time.monotonic() - due) * 1000
            status, error = self.send(method, path, body)
            ms = (time.monotonic() - due) * 1000
            self.recorder.record(at, method, path, status, error, late, ms)
        self.close()

    def wish(self) -> tuple[str, str, dict | None]:
        dice, pick = self.chance.random(), self.chance.choice
        if dice < 0.4:
            customer, product = pick(self.catalogue.customers), pick(self.catalogue.products)
            order = {"customer_id": customer, "product_id": product, "quantity": self.chance.randint(1, 3)}
            return "POST", "/orders", order
        if dice < 0.7:
            return "GET", f"/orders/{pick(self.catalogue.orders)}", None
        return "GET", "/orders?limit=20" if dice < 0.85 else "/products", None

    def send(self, method: str, path: str, body: dict | None) -> tuple[int | None, str | None]:
        idle = time.monotonic() - self.used > IDLE_SECONDS
        if self.connection is None or idle or self.chance.random() < self.fresh:
            self.close()
            self.connection = connect(self.url)
        text = None if body is None else json.dumps(body)
        status = None
        try:
            self.connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = self.connection.getresponse()
            status = answer.status
            answer.read()
            if answer.will_close:
                self.close()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return status, f"{type(error).__name__}: {error}"
        self.used = time.monotonic()
        return status, None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_SECONDS)


def at_last(ask, seconds: float = 60):
    """A shop that is just being started, or is closed for a moment, is waited for."""
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except NoAnswer as error:
            if time.monotonic() > until:
                raise SystemExit(str(error)) from error
            time.sleep(0.5)


class NoAnswer(Exception):
    pass


def fetch(url: str, path: str) -> list:
    connection = connect(url)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"the shop does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise NoAnswer(f"the shop answered {answer.status} to GET {path}")
    return json.loads(text)
