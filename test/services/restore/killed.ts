/** A worker that dies: does one thing, and kills itself with -9 in the middle, when a given word is told. */
import type { Backup } from '../../../src/domain/backup.js';
import { restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import { homeAt } from '../../../src/activities/home.js';
import { rehearse as rehearsePlan, type RehearseInput } from '../../../src/activities/rehearse.js';
import { proveBackup } from '../../../src/activities/restore-prove.js';
import { applyRows } from '../../../src/activities/restore-apply.js';
import { swapDatabases } from '../../../src/adapters/postgres/swap.js';
import type { StepInput } from '../../../src/domain/steps.js';

interface Doomed {
  dieAt: string;
  url: string;
  swap?: { restored: string; keepAs: string };
  restore?: { backup: Backup; name: string; pgBin: string };
  rehearse?: { settings: string; input: RehearseInput };
  prove?: { settings: string; input: StepInput };
  apply?: { settings: string; target: string; lost: string };
}

const { dieAt, url, swap, restore, rehearse, prove, apply } = JSON.parse(process.argv[2] ?? '{}') as Doomed;
const onProgress = (text: string) => {
  if (text.startsWith(dieAt)) process.kill(process.pid, 'SIGKILL');
};
const common = { applicationName: 'lockkeeper:test:restore', onProgress };
if (swap) await swapDatabases({ ...common, url, ...swap });
if (restore)
  await restoreBeside({ url }, restore.backup, {
    ...common,
    ...restore,
    jobs: 2,
    attempt: 1,
    signal: new AbortController().signal,
  });
const work = { signal: new AbortController().signal, progress: onProgress, attempt: 1 };
if (rehearse) await rehearsePlan(homeAt(rehearse.settings), rehearse.input, work);
if (prove) await proveBackup(homeAt(prove.settings), prove.input, work);
if (apply)
  await applyRows(
    homeAt(apply.settings).target(apply.target),
    { lost: apply.lost, dryRun: false, leaveConflicts: false },
    work,
  );
