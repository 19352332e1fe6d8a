import type { Client } from '@temporalio/client';
import { connected, latestRun, type LatestRun } from '../client.js';
import { exitCodeOf, exitCodes } from '../domain/exit-codes.js';
import type { RunRecord } from '../domain/record.js';
import { noRecord, workerSilent } from '../domain/problems/temporal.js';
import { workflowIdOf } from '../domain/requests.js';
import { closureOf, homeAt, keepsakesDueText, recordsOf, type Target } from '../local.js';
import { runJson } from '../report/run-json.js';
import { headText, runText } from '../report/run.js';
import { askRecord, follow, keptRecord } from './follow.js';
import { progressIn } from './progress.js';
import type { GlobalOptions, Io } from './io.js';
import { leaveOnInterrupt, runGoesOn } from './work.js';

/** The database is asked for no longer than this what it has kept. */
const LOOK_MS = 5_000;

/** What runs for a target, or how its last run ended; with --watch until it ends. */
export async function statusCommand(
  targetName: string | undefined,
  options: GlobalOptions & { watch?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  return connected(target.config.state, async (client) => {
    const run = await latestRun(client, workflowIdOf(target.name));
    if (!io.json) await showSite(target, io);
    if (!run?.running) return showLast(client, target, run, io);
    const record = await askRecord(client, run.handle);
    if (!record) throw workerSilent(target.name);
    if (options.watch) return watch(client, run.handle, record, target, io);
    const now = record.outcome === 'running' ? progressIn(await run.handle.describe()) : '';
    show(record, io, now);
    return exitCodes.done;
  });
}

/** A closed site comes first, whoever closed it. A client on another host does not see the flag. */
async function showSite(target: Target, io: Io): Promise<void> {
  const site = await closureOf(target, Date.now());
  if (site && site.flag.is !== 'absent') io.out(`The site of ${target.name} is ${site.says}\n`);
}

async function watch(
  client: Client,
  handle: Parameters<typeof askRecord>[1],
  record: RunRecord,
  target: Target,
  io: Io,
): Promise<number> {
  io.say(headText(record));
  const listenNoMore = leaveOnInterrupt(runGoesOn(target.name), io);
  try {
    const last = await follow(client, handle, target, io, true);
    if (io.json) io.out(JSON.stringify(runJson(last), null, 2));
    return exitCodeOf(last.outcome);
  } finally {
    listenNoMore();
  }
}

/** What is left to do is told, too, where the run itself was ended from outside and has no record. */
async function showLast(client: Client, target: Target, run: LatestRun | null, io: Io): Promise<number> {
  try {
    return await showRecord(client, target, run, io);
  } finally {
    const due = io.json ? '' : await keepsakesDueText(target, { signal: AbortSignal.timeout(LOOK_MS) });
    if (due) io.out(`\nLEFT: ${due}`);
  }
}

/** Temporal forgets runs after a while; the state folder does not. */
async function showRecord(client: Client, target: Target, run: LatestRun | null, io: Io): Promise<number> {
  const last = run
    ? await keptRecord(client, target, run.handle.workflowId, run)
    : (await recordsOf(target.config.state, target.name))[0];
  if (!last) throw noRecord(target.name);
  if (!io.json) io.out(`Nothing runs for ${target.name}. Its last run:\n`);
  show(last, io);
  return exitCodes.done;
}

/** @param now - what the step that is at work last said of itself */
function show(record: RunRecord, io: Io, now = ''): void {
  if (io.json) return io.out(JSON.stringify({ ...runJson(record), ...(now ? { now } : {}) }, null, 2));
  io.out(runText(record));
  if (now) io.out(`\nNow: ${now}`);
}
