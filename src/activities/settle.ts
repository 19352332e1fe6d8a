import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../adapters/postgres/client.js';
import { bridgesOf, endBridges } from '../adapters/compose/bridge-containers.js';
import { endSessions, sessionsNamed } from '../adapters/postgres/sessions.js';
import type { Plan, Standing } from '../domain/plan.js';
import type { Settled } from '../domain/record.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { orphanStays } from '../domain/problems/migration.js';
import { containerStays } from '../domain/problems/compose.js';
import { placeOf } from './compose/target.js';
import type { Home, Target } from './home.js';
import { dropLeftBuilds } from './look-first/left-builds.js';
import { readPlan } from './plans.js';
import { appliedOf } from './revisions.js';
import { sameRevisions, sessionName, standingOf } from './standing.js';
import type { Work } from './work.js';

/** Where the database stands. `goesOn`: between revisions, and an upgrade can go on from there. */
export interface SettledAs {
  found: Settled;
  goesOn?: boolean;
}

/** How long an orphan of a dead attempt may go on by itself before it is ended. Most end in two seconds. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * Finds out where the database stands after an answer was lost. First the orphan's session must be gone: as
 * long as it lives it may still commit. Indexes that its interrupted builds have left are dropped. Then
 * `alembic_version` and the schema tell.
 *
 * @throws Problem (tried again) while the database cannot be asked, or an orphan stays
 */
export async function settle(
  home: Home,
  input: StepInput,
  { signal, progress }: Work,
): Promise<Noted & SettledAs> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const options = { applicationName: sessionName(target.name, 'settle', input.runId), signal };
  await withClient(target.url(), options, async (client) => {
    const orphans = sessionName(target.name, 'migrate');
    const until = Date.now() + PATIENCE_MS;
    const inContainer = containerOrphans(target);
    while (
      Date.now() < until &&
      ((await sessionsNamed(client, orphans)).length || (await inContainer.some()))
    ) {
      progress('a session of an earlier attempt still runs');
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
    await inContainer.end();
    const remained = await endSessions(client, orphans, { waitMs: 5_000 });
    if (remained.length) throw orphanStays(remained.map(({ pid }) => pid));
  });
  const dropped = await dropLeftBuilds(target, plan, input.runId, { signal, progress });
  const now = await standingOf(target, plan.versionTable, signal);
  const gone = dropped.length ? `; dropped what an interrupted build has left: ${dropped.join(', ')}` : '';
  const found = whereIs(plan, now);
  const goesOn = found === 'between' && isBoundary(plan, now);
  const nothing = goesOn ? ', and nothing of the next revision is committed' : '';
  return {
    found,
    ...(goesOn ? { goesOn } : {}),
    note: `the database is at ${now.revisions.join(', ') || 'base'}${nothing}${gone}`,
  };
}

/**
 * Whether the revisions that are recorded are all that was committed: the next one sends nothing that could be
 * committed before it is recorded itself.
 */
function isBoundary(plan: Plan, { revisions }: Standing): boolean {
  const applied = appliedOf(plan, revisions);
  const next = plan.revisions.find(({ revision }) => !applied.includes(revision));
  if (!applied.length || !next || next.upSql === null || next.onlineHints?.length) return false;
  return !next.lines?.some(({ runners }) => runners) && !COMMITS.test(next.upSql);
}

/** Too often is well: then what was done is undone. */
const COMMITS = /\b(commit|concurrently|vacuum|begin|transaction|call|do)\b/i;

/** A container whose client was killed goes on until it asks its client something. Its end comes before its sessions': it opens no more then. */
function containerOrphans(target: Target) {
  if (!target.settings.alembic.container)
    return { some: () => Promise.resolve(false), end: () => Promise.resolve() };
  const place = placeOf(target);
  return {
    some: async () => (await bridgesOf(place, target.name)).length > 0,
    end: async () => {
      const left = await endBridges(place, target.name);
      if (left.length) throw containerStays(left);
    },
  };
}

/** What commits before its revision is recorded leaves the revisions of before, and another schema. */
function whereIs(plan: Plan, now: Standing): Settled {
  if (sameRevisions(now.revisions, plan.to)) return 'new';
  const isOld = sameRevisions(now.revisions, plan.from) && now.fingerprint === plan.standing.fingerprint;
  return isOld ? 'old' : 'between';
}
