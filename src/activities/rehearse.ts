import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { dropCopy, restoreBeside, type Restored } from '../adapters/backup/restore-beside.js';
import { addressOf, connectionOf } from '../adapters/postgres/connection.js';
import type { Client } from '../adapters/postgres/client.js';
import { databaseNamed, mark, onServer } from '../adapters/postgres/databases.js';
import { writeAtomically } from '../adapters/disk.js';
import type { Backup } from '../domain/backup.js';
import type { Plan } from '../domain/plan.js';
import { cannotRehearse, rehearsalTooLong } from '../domain/problems/rehearsal.js';
import { notACopy } from '../domain/problems/restore.js';
import { type Rehearsal, travelling } from '../domain/rehearsal.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { readPlan } from './plans.js';
import { changedFor, onCopy, Rehearsing, type Ways } from './rehearsal-ways.js';
import { restoreOptions } from './restore-options.js';
import type { Work } from './work.js';

export interface RehearseInput extends StepInput {
  backup: Backup;
  /** Longest time for all of it. */
  limitMinutes?: number;
}

const LIMIT_MINUTES = 60;

/**
 * Restores the backup into a database beside, which proves it, and runs the plan there: forward, back, and
 * forward again, by the same bridge and the same revision files as the real run. The copy is dropped at the end.
 * The live database is only looked at.
 *
 * @throws Problem `cannot-rehearse`, `rehearsal-refused`, `rehearsal-failed`, `rehearsal-too-long`;
 *   `rehearsal-interrupted` (retried); those of `restoreBeside`, and of a project that cannot be run at all
 */
export async function rehearse(home: Home, input: RehearseInput, work: Work): Promise<Rehearsal & Noted> {
  const { limitMinutes = LIMIT_MINUTES } = input;
  const deadline = AbortSignal.timeout(limitMinutes * 60_000);
  const timed = { ...work, signal: AbortSignal.any([work.signal, deadline]) };
  try {
    return await rehearseOnCopy(home, input, timed);
  } catch (error) {
    if (deadline.aborted && !work.signal.aborted) throw rehearsalTooLong(limitMinutes);
    throw error;
  }
}

async function rehearseOnCopy(home: Home, input: RehearseInput, work: Work): Promise<Rehearsal & Noted> {
  const target = home.target(input.target);
  const url = target.url();
  const plan = await readPlan(target.config.state, input.planHash);
  refuseWithoutWay(target, plan);
  const options = await restoreOptions(target, plan, input, work, 'rehearse');
  const holder = { by: input.runId, why: 'a rehearsal' };
  const used = await usingBackup(target, input.backup, holder, work, () =>
    restoreBeside({ url }, input.backup, options),
  );
  const restored = used.result;
  try {
    await onServer(url, { applicationName: options.applicationName, signal: work.signal }, (server) =>
      takeOver(server, url, restored, options.name),
    );
    const ways = await new Rehearsing(home, onCopy(target, restored), plan, input, work).all();
    const whole = await keep(target, restored, ways);
    return { ...travelling(whole), note: noteOf(whole) + alarmsIn(used) };
  } finally {
    // One that cannot be dropped now is dropped by whoever comes next.
    await dropCopy(url, restored.name, options.applicationName).catch(() => undefined);
  }
}

/** Before anything is restored: whether env.py can be sent to a copy at all. */
function refuseWithoutWay(target: Target, plan: Plan): void {
  if (!plan.revisions.length || Object.keys(changedFor(target, plan.release, 'copy')).length) return;
  const live = connectionOf(target.url());
  throw cannotRehearse(`${addressOf(live)}/${live.database}`);
}

/** From here on the copy is no backup any more: a later attempt must not take it for one. */
async function takeOver(server: Client, url: string, { name, oid }: Restored, run: string): Promise<void> {
  const copy = await databaseNamed(server, name);
  const live = await databaseNamed(server, connectionOf(url).database);
  const { marker } = copy;
  if (!marker || marker.run !== run || copy.oid !== oid || marker.oid !== live.oid || copy.oid === live.oid)
    throw notACopy(name, `it does not say that it is the copy of ${live.name} for this run`);
  await mark(server, name, { ...marker, state: 'used' });
}

/** Keeps all of it, every statement of every way, in the state folder under its hash. */
async function keep(target: Target, restored: Restored, { outcome, seen }: Ways): Promise<Rehearsal> {
  const whole = { backupProved: 'L3', restoreMs: restored.ms, bytes: restored.bytes, ...outcome } as const;
  const text = target.mask(JSON.stringify({ formatVersion: 1, ...whole, ways: seen }, null, 1));
  const hash = createHash('sha256').update(text).digest('hex');
  const file = join(target.config.state, 'rehearsals', `${hash}.json`);
  await writeAtomically(file, text);
  return { ...whole, file };
}

function noteOf({ restoreMs, forwardMs, backMs, againMs, ...rest }: Rehearsal): string {
  const { noWayBack, schemaBack, rowsBack, checks, againFailed } = rest;
  const differs = typeof schemaBack !== 'string' || typeof rowsBack !== 'string';
  const parts = [
    `the backup restored in ${duration(restoreMs)} and compared`,
    `forward ${duration(forwardMs)}`,
    ...(backMs === null ? [] : [`back ${duration(backMs)}${differs ? ', NOT as before' : ', as before'}`]),
    ...(againMs === null ? [] : [`forward again ${duration(againMs)}`]),
    ...(againFailed ? ['forward again FAILED'] : []),
    ...(noWayBack ? [`no way back: ${noWayBack}`] : []),
    checks === 'passed' ? 'checks passed' : 'checks FAILED',
  ];
  return parts.join('; ').slice(0, MOST_NOTE);
}

const MOST_NOTE = 500;
