import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import { cellsTexts, concludedFrom } from '../domain/cells.js';
import { rehearsalTooLong } from '../domain/problems/rehearsal.js';
import { type Rehearsal, travelling } from '../domain/rehearsal.js';
import type { Noted } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import type { Seen } from '../plan/rehearsed.js';
import { alarmsIn } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { readPlan } from './plans.js';
import { type Copy, type CopyInput, onCopy } from './rehearsal-copy.js';
import { copyFor } from './rehearsal-place.js';
import { forbiddenOf, watched } from './rehearsal-watch.js';
import { TryingReleases } from './rehearsal-cells.js';
import type { Stage } from './rehearsal-keepsakes.js';
import { Rehearsing, type Ways } from './rehearsal-ways.js';
import type { Work } from './work.js';

export interface RehearseInput extends CopyInput {
  /** Longest time for all of it; default: that of the settings. */
  limitMinutes?: number;
}

/** A rehearsal, and what was seen on it that the plan does not say. */
export interface Rehearsed extends Rehearsal, Noted {
  seen: Seen;
}

/**
 * Restores the backup into a copy, which proves it, and runs the plan there: forward, back, and forward again, by the
 * same bridge and the same revision files as the real run. The copy is gone at the end. The live database is only
 * looked at.
 *
 * @throws Problem `cannot-rehearse`, `rehearsal-refused`, `rehearsal-failed`, `rehearsal-too-long`, those of `copyFor`;
 *   `rehearsal-reached-out`, `rehearsal-touched-production`; `rehearsal-interrupted` (retried); those of a project that
 *   cannot be run at all
 */
export async function rehearse(home: Home, input: RehearseInput, work: Work): Promise<Rehearsed> {
  const limitMinutes = input.limitMinutes ?? home.target(input.target).settings.rehearsal.limits.minutes;
  const deadline = AbortSignal.timeout(limitMinutes * 60_000);
  const timed = { ...work, signal: AbortSignal.any([work.signal, deadline]) };
  try {
    return await rehearseOnCopy(home, input, timed);
  } catch (error) {
    if (deadline.aborted && !work.signal.aborted) throw rehearsalTooLong(limitMinutes);
    throw error;
  }
}

async function rehearseOnCopy(home: Home, input: RehearseInput, work: Work): Promise<Rehearsed> {
  const live = home.target(input.target);
  const plan = await readPlan(live.config.state, input.planHash);
  const copy = await copyFor(live, plan, input, work);
  try {
    const target = onCopy(live, copy);
    const forbid = await forbiddenOf(live, copy);
    const ways = await watched(live, copy, work, (inner) =>
      allOf({ home, target, copy, plan, input, forbid }, live, inner),
    );
    const whole = await keep(live, copy, ways);
    const { schema, lost, seen } = ways;
    const statements = seen.forward?.traced ?? [];
    return {
      ...travelling(whole),
      note: noteOf(whole) + (copy.kept ? `; ${copy.kept}` : '') + alarmsIn(copy),
      seen: { statements, schema, postgres: schema.postgres ?? 0, lost },
    };
  } finally {
    await copy.close();
  }
}

/** The plan's ways, and before and after them what writes: the releases on both schemas. */
async function allOf(stage: Stage, live: Target, work: Work): Promise<Ways> {
  const releases = new TryingReleases({ ...stage, live }, work);
  await releases.onOld();
  const ways = await new Rehearsing(stage, work).all();
  // Where going forward again failed, the schema is neither.
  if (ways.outcome.againFailed === null) await releases.onNew();
  const { cells } = releases;
  return cells ? { ...ways, outcome: { ...ways.outcome, cells } } : ways;
}

/** Keeps all of it, every statement of every way, in the state folder under its hash. */
async function keep(target: Target, copy: Copy, { outcome, seen }: Ways): Promise<Rehearsal> {
  const whole = { backupProved: 'L3', restoreMs: copy.restoreMs, bytes: copy.bytes, ...outcome } as const;
  const text = target.mask(JSON.stringify({ formatVersion: 1, ...whole, ways: seen }, null, 1));
  const hash = createHash('sha256').update(text).digest('hex');
  const file = join(target.config.state, 'rehearsals', `${hash}.json`);
  await writeAtomically(file, text);
  return { ...whole, file };
}

function noteOf({ restoreMs, forwardMs, backMs, againMs, ...rest }: Rehearsal): string {
  const { noWayBack, schemaBack, rowsBack, valuesBack = 'same', checks, againFailed } = rest;
  const differs = [schemaBack, rowsBack, valuesBack].some((each) => typeof each !== 'string');
  const parts = [
    `the backup restored in ${duration(restoreMs)}${rest.measured?.where === 'private' ? ' on a private server' : ''} and compared`,
    `forward ${duration(forwardMs)}`,
    ...(backMs === null ? [] : [`back ${duration(backMs)}${differs ? ', NOT as before' : ', as before'}`]),
    ...(againMs === null ? [] : [`forward again ${duration(againMs)}`]),
    ...(againFailed ? ['forward again FAILED'] : []),
    ...(noWayBack ? [`no way back: ${noWayBack}`] : []),
    checks === 'passed' ? 'checks passed' : 'checks FAILED',
    ...(rest.cells ? cellsTexts(concludedFrom(rest.cells)) : []),
  ];
  return parts.join('; ').slice(0, MOST_NOTE);
}

const MOST_NOTE = 500;
