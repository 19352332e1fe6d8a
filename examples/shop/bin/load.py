#!/usr/bin/env python3
"""Shoppers: asks the shop for things at a steady rate and writes down every answer. Ends at SIGTERM.

  load.py --url http://127.0.0.1:8080 --out requests.jsonl --summary summary.json [--rate 100] [--seconds 60] [--leash]

Every request has a moment at which it is due, whatever became of those before it. Its time is measured from
that moment: a server that stalls for a second makes a hundred requests late, and all of them are seen.
A line of --out: {"at": when it was due (ms since 1970), "method", "path", "status" (null: no answer),
"error" (null or why), "late": ms until it was sent, "ms": until it was answered}. Nothing is tried twice. Every request sent must be answered well: what is not
2xx has failed.
"""

import argparse
import json
import random
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True  # the checkout stays clean

from traffic.recorder import Recorder  # noqa: E402
from traffic.shopper import Catalogue, Shopper  # noqa: E402


def main() -> None:
    options = parse()
    catalogue = Catalogue.read(options.url)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if options.leash:
        threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    with open(options.out, "w", buffering=1) as out:
        recorder = Recorder(out)
        schedule = Schedule(options.rate, options.seconds, stop)
        shoppers = [
            Shopper(options.url, catalogue, schedule, recorder, options.fresh, random.Random(number))
            for number in range(options.shoppers)
        ]
        threads = [threading.Thread(target=shopper.run) for shopper in shoppers]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # in slices, so that signals are heard
    with open(options.summary, "w") as file:
        json.dump(recorder.summary(), file, indent=2)
        file.write("\n")


class Schedule:
    """Hands out the moments at which requests are due, one after the other, to whoever is free."""

    def __init__(self, rate: float, seconds: float | None, stop: threading.Event):
        self.rate, self.stop, self.lock, self.next = rate, stop, threading.Lock(), 0
        self.began, self.began_at = time.monotonic(), time.time()
        self.limit = None if seconds is None else int(rate * seconds)

    def due(self) -> tuple[float, float] | None:
        """Waits for the next moment. Gives it by the monotonic clock and since 1970; None at the end."""
        with self.lock:
            number, self.next = self.next, self.next + 1
        after = number / self.rate
        if self.limit is not None and number >= self.limit:
            return None
        if self.stop.wait(max(0.0, self.began + after - time.monotonic())):
            return None
        return self.began + after, self.began_at + after


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--out", required=True, help="file for one JSON line a request")
    parser.add_argument("--summary", required=True, help="file for the sums, written at the end")
    parser.add_argument("--rate", type=float, default=100, help="requests a second")
    parser.add_argument("--seconds", type=float, help="end by itself after so long")
    parser.add_argument("--leash", action="store_true", help="end when standard input does")
    parser.add_argument("--shoppers", type=int, default=24, help="threads, each with one connection")
    parser.add_argument("--fresh", type=float, default=0.2, help="share of requests on a new connection")
    return parser.parse_args()


if __name__ == "__main__":
    main()
