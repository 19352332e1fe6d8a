import { resolve } from 'node:path';
import { readManifest } from '../adapters/backup/files.js';
import { MOST_JOBS } from '../adapters/backup/pg-tools.js';
import type { RestoreOptions } from '../adapters/backup/restore-beside.js';
import type { Backup } from '../domain/backup.js';
import type { Plan, Standing } from '../domain/plan.js';
import type { Target } from './home.js';
import { readSchema } from './plans.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** Why a backup is restored. */
export type Purpose = 'restore' | 'rehearse' | 'closure' | 'prove' | 'point';

/** What a run calls its copies: by it whoever comes later finds out whose they are. */
export const copiesName = (purpose: Purpose, target: string, runId: string): string =>
  `${purpose} ${target} ${runId}`;

/** The target and run of copies of that name; null when it is no such name. */
export function ownerOf(name: string): { target: string; runId: string } | null {
  const [, target, runId] = /^(?:restore|rehearse|closure|prove|point) (\S+) (\S+)$/.exec(name) ?? [];
  return target && runId ? { target, runId } : null;
}

/**
 * The name that a replaced database gets. The day and the run in it: two restores of one database never meet. At
 * most 63 bytes, in ASCII.
 *
 * @param at - ISO 8601: the day until which it was the live one
 * @param restored - it is one that a restore has put there, and that is taken back
 */
export function keptName(database: string, at: string, runId: string, restored = false): string {
  const day = at.slice(0, 10).replaceAll('-', '');
  const base = database.replace(/[^\x20-\x7e]/g, '_').slice(0, 32);
  const id = runId.replace(/\W/g, '');
  // The first characters are those of a moment, the last ones chance.
  return `${base}_${restored ? 'restored' : 'until'}_${day}_${id.length > 12 ? id.slice(0, 8) + id.slice(-4) : id}`;
}

/** How a target's backup is restored beside its database. */
export async function restoreOptions(
  target: Target,
  { versionTable, standing }: Pick<Plan, 'versionTable'> & { standing: Pick<Standing, 'fingerprint'> },
  { runId, backup }: { runId: string; backup: Backup | null },
  { signal, progress, attempt, onTool }: Work,
  what: Purpose,
): Promise<RestoreOptions> {
  const { tools, knownDefects } = target.settings.backup;
  const manifest = backup ? await readManifest(backup.manifest) : undefined;
  const schema = await readSchema(target.config.state, manifest?.fingerprint ?? standing.fingerprint);
  return {
    name: copiesName(what, target.name, runId),
    ...(tools ? { pgBin: resolve(target.config.folder, tools) } : {}),
    jobs: MOST_JOBS,
    applicationName: sessionName(target.name, what, runId),
    attempt,
    ignore: manifest?.ignore ?? target.settings.ignore,
    versionTable,
    known: knownDefects.map(({ difference }) => difference),
    ...(schema.length ? { schema } : {}),
    signal,
    onProgress: progress,
    ...(onTool ? { onStart: onTool } : {}),
  };
}
