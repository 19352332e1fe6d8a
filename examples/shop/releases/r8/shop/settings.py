"""What the shop is told from outside, and what its own folder says."""

import os
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
RELEASE = (HOME / "RELEASE").read_text().strip()

# What this release knows, oldest first: a file bears its revision's id, and ids sort. It needs the last.
REVISIONS = sorted(path.stem for path in (HOME / "migrations" / "versions").glob("[0-9]*.py"))

# Two releases run side by side during a deploy; together they must leave the server connections to spare.
POOL_SIZE = 5


def database_url() -> str:
    """DATABASE_URL as everybody writes it (postgresql://user:password@host:port/name), for asyncpg."""
    scheme, separator, rest = os.environ.get("DATABASE_URL", "").partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise SystemExit("DATABASE_URL must be set, as postgresql://user:password@host:port/name")
    return f"postgresql+asyncpg://{rest}"
