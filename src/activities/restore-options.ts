import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readManifest } from '../adapters/backup/files.js';
import type { RestoreOptions } from '../adapters/backup/restore-beside.js';
import type { Backup } from '../domain/backup.js';
import type { Plan } from '../domain/plan.js';
import type { Target } from './home.js';
import { readSchema } from './plans.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** How a target's backup is restored beside its database. @param what - what it is restored for */
export async function restoreOptions(
  target: Target,
  { versionTable, standing }: Plan,
  { runId, backup }: { runId: string; backup: Backup },
  { signal, progress, attempt, onTool }: Work,
  what: string,
): Promise<RestoreOptions> {
  const { tools } = target.settings.backup;
  const manifest = await readManifest(backup.manifest);
  const schema = await readSchema(target.config.state, manifest?.fingerprint ?? standing.fingerprint);
  return {
    name: `${what} ${target.name} ${runId}`,
    ...(tools ? { pgBin: resolve(target.config.folder, tools) } : {}),
    jobs: Math.min(availableParallelism(), MOST_JOBS),
    applicationName: sessionName(target.name, what, runId),
    attempt,
    ignore: target.settings.ignore,
    versionTable,
    ...(schema.length ? { schema } : {}),
    signal,
    onProgress: progress,
    ...(onTool ? { onStart: onTool } : {}),
  };
}

/** More would take the server away from the site, if that is open. */
const MOST_JOBS = 4;
