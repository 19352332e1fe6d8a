"""Can this release work? The database must answer, at a revision that this code can live with."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shop.settings import RELEASE, REVISIONS


async def health(engine: AsyncEngine) -> dict[str, str | None]:
    """With status "ok" or, with a reason, "unavailable"."""
    revision, needed, reason = None, REVISIONS[-1], None
    try:
        revision = await asyncio.wait_for(revision_of(engine), timeout=3)
    except Exception as error:  # whatever it is, an answer is owed; the error's own text may hold secrets
        reason = f"the database cannot be read ({type(error).__name__})"
    else:
        # A revision that this release does not know is newer: a schema may be ahead of the code.
        if revision is None or (revision in REVISIONS and revision != needed):
            reason = f"the database is at {revision or 'no revision'}, this release needs {needed}"
    if reason:
        return {"status": "unavailable", "release": RELEASE, "revision": revision, "reason": reason}
    return {"status": "ok", "release": RELEASE, "revision": revision}


async def revision_of(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        if await connection.scalar(text("select to_regclass('alembic_version')::text")) is None:
            return None
        return await connection.scalar(text("select version_num from alembic_version"))
