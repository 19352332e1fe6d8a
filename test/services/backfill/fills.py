"""Functions as users write them for a backfill, and as they should not."""

import datetime
import decimal
import os
import pathlib
import signal
import sys
import time
import uuid

print("what a module prints when it is imported is no answer")


def cents(rows):
    print("@lk: a function may print what it likes", flush=True)
    sys.stdout.write("{}")
    return [{"n": int(row["a"])} for row in rows]


async def some(rows):
    return [None if row["id"] % 10 == 0 else {"n": int(row["a"])} for row in rows]


def once(rows):
    pathlib.Path("pid").write_text(str(os.getpid()))
    time.sleep(0.001)
    return [{"n": row["n"] + 1} for row in rows]


def slowly(rows):
    pathlib.Path("seen").write_text("x")
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    return [{"n": row["n"] + 1} for row in rows]


def dies(rows):
    """At a row of its own, and once at any."""
    if any(row["id"] == 7 for row in rows):
        os.kill(os.getpid(), signal.SIGKILL)
    return cents(rows)


def secrets(rows):
    return [{"a": " ".join(sorted(os.environ.values()))} for row in rows]


KINDS = dict(
    i=int,
    r=float,
    d=decimal.Decimal,
    t=str,
    y=bool,
    b=bytes,
    w=datetime.datetime,
    l=datetime.datetime,
    e=datetime.date,
    c=datetime.time,
    u=uuid.UUID,
    j=object,
    k=dict,
    a=list,
    x=list,
    m=str,
    v=str,
)


def same(rows):
    for row in rows:
        for name, kind in KINDS.items():
            value = row[name]
            if value is not None and not isinstance(value, kind) and row["id"] != 4:
                raise TypeError("%s is a %s" % (name, type(value).__name__))
    return [{name + "2": row[name] for name in KINDS} for row in rows]


def of_python(rows):
    return [
        {
            "d2": decimal.Decimal("1.10"),
            "w2": datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
            "v2": datetime.timedelta(days=1, seconds=2),
            "k2": {"d": decimal.Decimal("7"), "u": uuid.UUID(int=1), "l": [1, None, 'quote " and \\ back']},
            "x2": ["a,b", 'c"d', "e\\f", "", "NULL", None],
            "b2": bytearray(b"\x00\xff"),
        }
        for _ in rows
    ]


def none(rows):
    return None


def short(rows):
    return [{"n": 1} for _ in rows][1:]


def strange(rows):
    return [{"n": 1, "m": 2} for _ in rows]


def lacking(rows):
    return [{} for _ in rows]


def objects(rows):
    return [{"n": object()} for _ in rows]


def exits(rows):
    sys.exit("this row is not for me") if any(row["id"] == 3 for row in rows) else None
    return cents(rows)


def forever(rows):
    time.sleep(600 if any(row["id"] == 2 for row in rows) else 0)
    return cents(rows)
