"""How long statements took, and which failed."""

import time


class Recorder:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.began = time.monotonic()
        self.took: list[tuple[float, str]] = []
        self.transactions = 0
        self.errors: list[str] = []

    def statement(self, ms: float, sql: str) -> None:
        self.took.append((ms, sql))

    def failed(self, error: Exception, side: str, sql: str) -> None:
        self.errors.append(f"{side}: {type(error).__name__}: {str(error).splitlines()[0]} [{sql}]")

    def report(self) -> dict:
        times = sorted(self.took)
        at = lambda share: round(times[min(len(times) - 1, int(len(times) * share))][0], 1) if times else 0
        seconds = time.monotonic() - self.began
        told = {
            "seconds": round(seconds, 1),
            "transactions": self.transactions,
            "tps": round(self.transactions / seconds),
            "statements": len(times),
            "failed": len(self.errors),
            "errors": sorted(set(self.errors))[:5],
            "p50": at(0.5),
            "p95": at(0.95),
            "slowest": {"ms": at(1), "sql": times[-1][1] if times else ""},
        }
        self.clear()
        return told
