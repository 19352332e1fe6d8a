import { withClient } from '../adapters/postgres/client.js';
import type { LockMode } from '../domain/plan.js';
import { lockModes } from '../domain/plan.js';
import type { RehearsedLock, Measurements } from '../domain/rehearsal.js';
import { modeInWords, type TracedStatement } from '../domain/trace.js';
import type { Target } from './home.js';
import type { Copy } from './rehearsal-copy.js';
import { sessionName } from './standing.js';

/** How much a copy takes, and has put into temporary files, at one moment. Bytes. */
export interface Sizes {
  disk: number;
  temporary: number;
}

const query = `
  SELECT pg_database_size(d.oid)::float8 AS disk, coalesce(s.temp_bytes, 0)::float8 AS temporary
  FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = current_database()`;

/** @param target - on its copy */
export async function sizesOf({ server, url }: Copy, target: Target, signal: AbortSignal): Promise<Sizes> {
  const session = { applicationName: sessionName(target.name, 'look'), signal };
  const { rows } = await withClient(server?.url ?? url, session, (client) => client.query<Sizes>(query));
  return rows[0] ?? { disk: 0, temporary: 0 };
}

/** What going forward took, all statements together. */
export function measuredOf(
  { where, liveBytes }: Copy,
  traced: readonly TracedStatement[],
  { start, grown }: { start: Sizes; grown: Sizes },
): Measurements {
  const rewritten = traced.flatMap(({ trace }) => trace?.rewritten ?? []);
  return {
    where,
    liveBytes,
    locks: locksOf(traced),
    rewritten: [...new Set(rewritten)].sort(),
    walBytes: traced.reduce((sum, { trace }) => sum + (trace?.walBytes ?? 0), 0),
    diskBytes: Math.max(0, grown.disk - start.disk),
    temporaryBytes: Math.max(0, grown.temporary - start.temporary),
  };
}

/** The strongest lock on each table, and how long the longest that was as strong was held; the strongest first. */
function locksOf(traced: readonly TracedStatement[]): RehearsedLock[] {
  const all = new Map<string, RehearsedLock>();
  for (const { trace, heldMs } of traced)
    for (const [name, kind, mode] of trace?.locks ?? []) {
      const lock = modeInWords(mode) as LockMode;
      if (!TABLES.includes(kind) || strength(lock) < WAITED_FOR) continue;
      const known = all.get(name);
      if (!known || strength(lock) > strength(known.lock)) all.set(name, { name, lock, heldMs });
      else if (lock === known.lock) known.heldMs = Math.max(known.heldMs, heldMs);
    }
  return [...all.values()].sort(
    (a, b) => strength(b.lock) - strength(a.lock) || b.heldMs - a.heldMs || (a.name < b.name ? -1 : 1),
  );
}

const TABLES = 'rpmf';
const strength = (lock: LockMode): number => lockModes.indexOf(lock);
/** Weaker ones keep nobody waiting. */
const WAITED_FOR = lockModes.indexOf('SHARE');
