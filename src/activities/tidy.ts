import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Aside, isCopyName, putAside, sweepScratch } from '../adapters/backup/restore-copies.js';
import { sweepParts } from '../adapters/disk.js';
import { databases, dropDatabase, onServer } from '../adapters/postgres/databases.js';
import { allow } from '../adapters/postgres/kept.js';
import { finishSwap } from '../adapters/postgres/swap.js';
import { sweepScratchFolders } from '../adapters/scratch/folder.js';
import { sweepTemplates } from '../adapters/scratch/template.js';
import type { RunRecord } from '../domain/record.js';
import type { RunInput } from '../domain/steps.js';
import { bytes, DAY_MS } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { recordsOf } from './records.js';
import { forgetUnlost } from './restore-lost.js';
import { ownerOf } from './restore-options.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { shortRun } from '../domain/run-id.js';

/**
 * Finds what runs of this target have left on the server of its database, and puts it right: a swap that was cut
 * off is turned back, copies are dropped, and so are databases that a restore has replaced, after
 * `backup.keepReplacedDays`. For the beginning and the end of a run: since all that changes a target runs under
 * one id, nothing that is found then is in use. Never touched are databases that bear no mark of ours and of this
 * target, and a replaced one of this run, of a run that a person ended after a failed undo, or that was cut off.
 *
 * @returns what was found and done, a line each
 */
export async function tidy(
  home: Home,
  { target: name, runId }: RunInput,
  work: Pick<Work, 'signal'> & { isOver?: boolean },
): Promise<string[]> {
  const target = home.target(name);
  const url = target.url();
  const session = { applicationName: sessionName(name, 'tidy', runId), signal: work.signal };
  const isOurs = (run: string) => ownerOf(run)?.target === name;
  const turned = await finishSwap(url, session);
  const dropped = await sweepScratch(url, session, isOurs);
  const swept = await sweepScratchFolders(target.config.state, name);
  const { diskGiB, days } = target.settings.rehearsal.template;
  const forgotten = await sweepTemplates(target.config.state, name, diskGiB === undefined ? undefined : days);
  const kept = await putAside(url, session, isOurs);
  const records = kept.length ? await recordsOf(target.config.state, name) : [];
  await closeKept(url, session, kept);
  await forgetUnlost(target, runId);
  await sweepState(target.config.state);
  const judged = kept.map((each) =>
    isCopyName(each.name)
      ? judgeCopy(runId, each, records, work.isOver ?? false)
      : judge(target, runId, each, records),
  );
  if (judged.some(({ drop }) => drop))
    await onServer(url, session, async (server) => {
      // Looked at once more: a name is all that dropping goes by.
      const now = new Set((await databases(server)).filter(isKept).map((each) => each.name));
      for (const { name, drop } of judged) if (drop && now.has(name)) await dropDatabase(server, name);
    });
  return [
    ...turned.map((run) => `${from(run)}: a swap that was cut off was turned back, the database is open`),
    ...dropped.map((copy) => `${from(copy.run)}: dropped its copy ${copy.name} (${bytes(copy.bytes)})`),
    ...swept.map(
      () => 'found from a run that was cut off: ended the private server of its rehearsal, and deleted it',
    ),
    ...forgotten.map((backup) => `deleted the copy that was kept of the backup ${backup}`),
    ...judged.flatMap(({ says }) => says ?? []),
  ];
}

/** Backups look after their own. */
async function sweepState(state: string): Promise<void> {
  const folders = (await readdir(state, { withFileTypes: true }).catch(() => [])).filter((each) =>
    each.isDirectory(),
  );
  await sweepParts(folders.map(({ name }) => join(state, name)));
}

/** A crash while a replaced one was looked into has left it open. */
const closeKept = (url: string, session: Parameters<typeof onServer>[1], kept: readonly Aside[]) =>
  onServer(url, session, async (server) => {
    const names = new Set(kept.flatMap(({ name, is }) => (is === 'kept' && !isCopyName(name) ? [name] : [])));
    for (const { name, open } of await databases(server))
      if (open && names.has(name)) await allow(url, name, session, false);
  });

const isKept = ({ marker }: { marker: { state: string } | undefined }): boolean =>
  marker?.state === 'kept' || marker?.state === 'point';

const from = (run: string | null): string =>
  `found from ${run === null ? 'a run that was cut off' : `run ${shortRun(ownerOf(run)?.runId ?? run)}`}`;

interface Judged {
  name: string;
  drop?: true;
  says?: string;
}

/** Whether a replaced database may be dropped by now, and what is to be told of it. */
function judge(
  target: Target,
  runId: string,
  { name, run, at, bytes: size, is }: Aside,
  records: readonly RunRecord[],
): Judged {
  const owner = ownerOf(run ?? '')?.runId;
  if (!owner || owner === runId) return { name };
  const days = target.settings.backup.keepReplacedDays;
  const isOld = at !== undefined && Date.now() - Date.parse(at) >= days * DAY_MS;
  if (is === 'point')
    return isOld
      ? { name, drop: true, says: `dropped ${name}, restored to look into (${bytes(size)})` }
      : { name };
  const record = records.find((each) => each.runId === owner);
  if (record && record.outcome !== 'needs operator') {
    if (!isOld) return { name };
    return {
      name,
      drop: true,
      says: `dropped ${name}, replaced by run ${shortRun(owner)}, kept for ${days} days (${bytes(size)})`,
    };
  }
  return {
    name,
    says: `run ${shortRun(owner)} replaced the database and ${howEnded(record)}: that of before is ${name} (${bytes(size)}), which is kept until you drop it`,
  };
}

/**
 * The copy that a run has made of the closed database, for its own undo: of no use once it has ended well. After an
 * undo that failed it is what a person goes back to.
 */
function judgeCopy(
  runId: string,
  { name, run, bytes: size }: Aside,
  records: readonly RunRecord[],
  isOver: boolean,
): Judged {
  const owner = ownerOf(run ?? '')?.runId;
  if (!owner || (owner === runId && !isOver)) return { name };
  const record = records.find((each) => each.runId === owner);
  if (owner === runId || (record && record.outcome !== 'needs operator')) return { name, drop: true };
  return {
    name,
    says: `run ${shortRun(owner)} ${howEnded(record)}: the database as it was before its migration is ${name} (${bytes(size)}), which is kept until you drop it`,
  };
}

/** Of a run that did not end well. */
const howEnded = (record: RunRecord | undefined): string =>
  record ? 'ended with an undo that failed' : 'was cut off';

/** Begins a run. What cannot be tidied never stops it. @returns what was found, a line each */
export async function tidyFirst(home: Home, input: RunInput, work: Work): Promise<string[]> {
  const found = await tidy(home, input, work).catch((error: Error) => [`not tidied: ${error.message}`]);
  work.signal.throwIfAborted();
  return found;
}

/** The record waits for it. */
const LAST_MS = 20_000;

/** Ends a run: what a person may still need after an undo that failed is left to the next run. */
export async function tidyLast(home: Home, record: RunRecord, work: Work): Promise<RunRecord> {
  if (record.outcome === 'needs operator') return record;
  const signal = AbortSignal.any([work.signal, AbortSignal.timeout(LAST_MS)]);
  const found = await tidy(home, record, { signal, isOver: true }).catch(() => []);
  if (!found.length) return record;
  const at = new Date().toISOString();
  return { ...record, facts: [...record.facts, { at, kind: 'tidied', note: found.join('; ') }] };
}
