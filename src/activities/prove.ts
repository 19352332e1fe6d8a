import { dropCopy, restoreBeside } from '../adapters/backup/restore-beside.js';
import { manifestOfBackup, readManifest } from '../adapters/backup/files.js';
import { readBackCommand } from '../adapters/backup/pg-tools.js';
import { notingProof } from '../adapters/backup/proofs.js';
import { restoreTools, trusted } from '../adapters/backup/restore-archive.js';
import { onServer } from '../adapters/postgres/databases.js';
import { identity } from '../adapters/postgres/identity.js';
import { usualVersionTable } from '../adapters/postgres/revisions.js';
import { shell, ToolFailed } from '../adapters/shell.js';
import { type Backup, type Proof, type ProofLevel } from '../domain/backup.js';
import { unreadableBackup } from '../domain/problems/backup.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { bytes, count, duration } from '../domain/units.js';
import { backupNamed } from './backups.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { onCopy } from './rehearsal-copy.js';
import { restoreOptions } from './restore-options.js';
import { tidyFirst } from './tidy.js';
import { ownChecks } from './verify.js';
import type { Work } from './work.js';

export interface ProveInput extends RunInput {
  backup: Backup;
}

/**
 * Finds the backup that is meant, so that all steps of the run speak of the same one, and hashes each of its files
 * anew (L1).
 *
 * @throws Problem `no-backups`, `no-such-backup`, `backup-missing`, `backup-damaged`
 */
export async function hashBackup(
  home: Home,
  input: RunInput & { backup: string },
  work: Work,
): Promise<Backup & Noted> {
  const target = home.target(input.target);
  const found = await tidyFirst(home, input, work);
  const { backup } = await backupNamed(target, input.backup);
  const used = await usingBackup(target, backup, holderOf(input), work, () =>
    proved(backup, 'L1', input, async () => {
      await trusted(backup, { signal: work.signal, onProgress: work.progress });
      return {};
    }),
  );
  const words = `${backup.id}: ${bytes(backup.bytes)}, as written, hashed in ${duration(used.result)}`;
  return { ...backup, note: [words, ...found].join('; ') + alarmsIn(used) };
}

/** Reads it to its end (L2). @throws Problem `unreadable-backup`, `pg-restore-unfit` */
export async function readBackup(home: Home, input: ProveInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const { backup } = input;
  const manifest = await manifestOfBackup(backup);
  const options = await optionsFor(target, input, work);
  const session = { applicationName: options.applicationName, signal: work.signal };
  const tools = await onServer(target.url(), session, async (server) =>
    restoreTools(options.pgBin, manifest, await identity(server), work.signal),
  );
  const ms = await proved(backup, 'L2', input, async () => {
    const command = readBackCommand(tools, backup.path);
    await shell(command, {
      signal: work.signal,
      ...(work.onTool ? { onStart: work.onTool } : {}),
    }).catch((error: unknown) => {
      throw error instanceof ToolFailed ? unreadableBackup(backup.path, error.lastWords()) : error;
    });
    return {};
  });
  return { note: `read to its end in ${duration(ms)}` };
}

/**
 * Restores it into a scratch database and compares that with the manifest (L3), and asks the target's verification
 * queries there (L4). The copy is dropped at the end.
 *
 * @throws Problem of `restoreBeside`; `verification-failed`
 */
export async function proveOnCopy(
  home: Home,
  input: ProveInput & { level: ProofLevel },
  work: Work,
): Promise<{ restoreMs: number } & Noted> {
  const target = home.target(input.target);
  const url = target.url();
  const options = await optionsFor(target, input, work);
  const used = await usingBackup(target, input.backup, holderOf(input), work, () =>
    restoreBeside({ url }, input.backup, options),
  );
  const restored = used.result;
  try {
    const notes = [...restored.notes];
    if (input.level === 'L4')
      await proved(input.backup, 'L4', input, async () => {
        notes.push(
          await askChecks(
            onCopy(target, { url: restored.url, variables: () => ({}), where: 'server' }),
            target,
            input,
            work,
          ),
        );
        return { restoreMs: restored.ms, notes };
      });
    const compared = `restored in ${duration(restored.ms)} (${bytes(restored.bytes)}), equal to its manifest to the row`;
    return {
      restoreMs: restored.ms,
      note:
        [compared, recoveryText(target, restored.ms), ...notes].join('; ').slice(0, MOST_NOTE) +
        alarmsIn(used),
    };
  } finally {
    // One that cannot be dropped now is dropped by whoever comes next.
    await dropCopy(url, restored.name, options.applicationName).catch(() => undefined);
  }
}

/** Nobody may delete a backup while it is tried. */
const holderOf = ({ runId }: RunInput) => ({ by: runId, why: 'a proof' });

const MOST_NOTE = 1_000;

/** How long a recovery takes, beside how long a closure is planned to be. */
function recoveryText({ settings: { closure } }: Target, ms: number): string {
  if (!closure) return 'no closure is planned to hold it against';
  const planned = duration(closure.minutes * 60_000);
  return ms > closure.minutes * 60_000
    ? `LONGER than a closure is planned to be (${planned}): going back by a restore would take that long`
    : `a closure is planned for ${planned}`;
}

/** What is compared with before a migration has no before here, and a command would reach the live database. */
async function askChecks(copy: Target, live: Target, input: RunInput, work: Work): Promise<string> {
  const checks = copy.settings.verify.filter(({ unchanged }) => !unchanged);
  await ownChecks(copy, checks, { ...input, marks: { measured: [], note: '' } }, work);
  const left = live.settings.verify.length - checks.length;
  return `${count(checks.length, 'check')} passed${left ? `, ${count(left, 'check')} left out: against before, or a command` : ''}`;
}

/** Does one level, and writes down what came of it. @returns milliseconds */
async function proved(
  backup: Backup,
  level: ProofLevel,
  { runId }: RunInput,
  act: () => Promise<Pick<Proof, 'restoreMs' | 'notes'>>,
): Promise<number> {
  return (await notingProof(backup, { level, run: runId }, act, (more) => more)).ms;
}

async function optionsFor(target: Target, input: ProveInput, work: Work) {
  const { backup } = input;
  const manifest = await readManifest(backup.manifest);
  const about = {
    versionTable: manifest?.versionTable ?? usualVersionTable,
    standing: { fingerprint: manifest?.fingerprint ?? '' },
  };
  return restoreOptions(target, about, { runId: input.runId, backup }, work, 'prove');
}
