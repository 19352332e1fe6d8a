import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { manifestOfBackup } from '../adapters/backup/files.js';
import type { Restored, RestoreOptions } from '../adapters/backup/restore-beside.js';
import { noteProof, proofsOf } from '../adapters/backup/proofs.js';
import { type Live, reuse } from '../adapters/backup/restore-private.js';
import { sameArchive } from '../adapters/backup/same-archive.js';
import { run } from '../adapters/run.js';
import type { ScratchServer } from '../adapters/scratch/server.js';
import { keepTemplate, type Template, templatesOf } from '../adapters/scratch/template.js';
import { type Backup, lastProven } from '../domain/backup.js';
import type { Target } from './home.js';
import {} from './rehearsal-copy.js';
import { GIB } from '../domain/units.js';

/** What a rehearsal's copy would be made of. */
export interface Wanted {
  backup: Backup;
  live: Live;
  /** Folder with the programs of the server. */
  programs: string;
  /** Roles that may connect to the copy. */
  users: ReadonlySet<string>;
}

/** What stands for a copy, and the one that was kept of the same. */
export interface Known {
  key: string;
  template: Template | undefined;
}

/**
 * Looks for a kept copy that is what restoring would make: of the same archive, with the same roles and settings, by
 * the same version of PostgreSQL, compared by the same rules.
 *
 * @returns undefined where none is to be kept, or where tablespaces lie outside of the data folder
 */
export async function knownTemplate(
  { name, config, settings }: Target,
  { backup, live, programs, users }: Wanted,
  { ignore, versionTable, known }: RestoreOptions,
): Promise<Known | undefined> {
  if (settings.rehearsal.template.diskGiB === undefined || live.globals.tablespaces.length) return undefined;
  const archive = await sameArchive(backup, await manifestOfBackup(backup));
  const { stdout: version } = await run(join(programs, 'postgres'), ['--version']);
  const { database, superuser, kind, globals, properties } = live;
  const rules = [ignore, versionTable, known];
  const all = [archive, version, database, superuser, kind, globals, properties, [...users].sort(), rules];
  const key = createHash('sha256').update(JSON.stringify(all)).digest('hex');
  const found = (await templatesOf(config.state, name)).find(({ note }) => note.key === key);
  // What has spoken against its backup since speaks against the copy.
  const template = found && lastProven(await proofsOf(found.note.backup)) ? found : undefined;
  return { key, template };
}

/**
 * Takes a server that began with a kept copy for what a restore would have made. A backup that it was not made of is
 * proved by it: its archive is the same, byte for byte.
 */
export async function takeKept(
  server: ScratchServer,
  { note }: Template,
  { backup, live, users }: Wanted,
  options: RestoreOptions,
): Promise<Restored> {
  const began = performance.now();
  const restored = await reuse(server, live, users, options);
  if (note.backup.id !== backup.id)
    await noteProof(backup, {
      ...{ level: 'L3', run: options.name, at: new Date().toISOString() },
      ...{ ms: Math.round(performance.now() - began), restoreMs: note.restored.ms },
      notes: [`not restored itself: its archive is that of ${note.backup.id}, whose restored copy was kept`],
    }).catch(() => undefined); // whoever rehearses does not need it: only lists and alarms show it
  return { ...restored, ms: note.restored.ms, notes: note.restored.notes };
}

/** Keeps what was just restored and compared, before anything else happens to it. @returns what came of it, in words */
export async function keepRestored(
  target: Target,
  server: ScratchServer,
  { backup }: Wanted,
  { key }: Known,
  restored: Restored,
  { signal, onProgress }: RestoreOptions,
): Promise<string> {
  const { diskGiB = 0 } = target.settings.rehearsal.template;
  const { id, manifest } = backup;
  const { ms, bytes, notes } = restored;
  onProgress('keeping the copy');
  return server.pausing((data, programs) =>
    keepTemplate(
      data,
      { key, backup: { id, manifest }, password: server.password, restored: { ms, bytes, notes } },
      {
        ...{ state: target.config.state, target: target.name, programs, folder: server.folder },
        ...{ limit: diskGiB * GIB, signal, onProgress },
      },
    ),
  );
}
