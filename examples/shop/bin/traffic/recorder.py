"""Writes down every request, and sums up."""

import json
import math
import threading
from collections import Counter
from typing import TextIO


class Recorder:
    def __init__(self, out: TextIO):
        self.out, self.lock = out, threading.Lock()
        self.times: list[float] = []
        self.by_status: Counter[str] = Counter()
        self.failed = self.orders = 0

    def record(
        self, at: float, method: str, path: str, status: int | None, error: str | None, late: float, ms: float
    ) -> None:
        well = status is not None and 200 <= status < 300 and error is None
        line = {
            "at": round(at * 1000),
            "method": method,
            "path": path,
            "status": status,
            "error": error,
            "late": round(late, 1),
            "ms": round(ms, 1),
        }
        with self.lock:
            self.out.write(json.dumps(line) + "\n")
            self.times.append(ms)
            self.by_status["none" if status is None else str(status)] += 1
            self.failed += not well
            self.orders += well and method == "POST"

    def summary(self) -> dict:
        times = sorted(self.times)

        def percentile(share: float) -> float | None:
            return round(times[max(0, math.ceil(share * len(times)) - 1)], 1) if times else None

        return {
            "requests": len(times),
            "ok": len(times) - self.failed,
            "failed": self.failed,
            "byStatus": dict(sorted(self.by_status.items())),
            "ordersTaken": self.orders,
            "slowestMs": percentile(1),
            "p50Ms": percentile(0.5),
            "p95Ms": percentile(0.95),
            "p99Ms": percentile(0.99),
        }
