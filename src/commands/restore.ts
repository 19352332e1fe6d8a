import { wrongUse } from '../domain/problems/use.js';
import type { RestoreRequest } from '../domain/requests.js';
import { besidesOf, dropBeside, homeAt, knownBackups, lostOf, restoreTo } from '../local.js';
import { backupsJson, backupsText } from '../report/backups.js';
import { besidesText, lostListText } from '../report/besides.js';
import { lineOf } from './backup-list.js';
import type { GlobalOptions, Io } from './io.js';
import { applyCommand } from './restore-apply.js';
import { startRun } from './start.js';
import { commandWork } from './work.js';

export interface RestoreCommandOptions extends GlobalOptions {
  backup?: string;
  file?: string;
  undo?: boolean;
  beside?: boolean;
  /** false: `--no-swap`. */
  swap?: boolean;
  table?: readonly string[];
  to?: string;
  drop?: string;
  lost?: string;
  yes?: boolean;
  leaveConflicts?: boolean;
  untilClosed?: boolean;
  detach?: boolean;
}

/**
 * Puts the database back from a backup; without one that is named it shows which there are, and what restores have
 * left.
 */
export async function restoreCommand(
  first: string | undefined,
  second: string | undefined,
  options: RestoreCommandOptions,
  io: Io,
): Promise<number> {
  if (options.lost !== undefined || (first === 'apply' && second !== undefined))
    return applyCommand(first === 'apply' ? second : first, options, io);
  if (second !== undefined) throw wrongUse(`too many arguments: ${second}`, 'restore');
  const { drop, to, backup = 'latest' } = options;
  const target = () => homeAt(options.config).target(first);
  if (drop !== undefined) return said(io, await dropBeside(target(), drop));
  if (to !== undefined) {
    const work = commandWork(io, { verbose: !io.json });
    return said(io, await restoreTo(target(), { backup, to }, work));
  }
  const request = requestOf(options);
  if (!request) return list(first, options, io);
  return startRun<RestoreRequest>(first, options, io, {
    workflow: 'restore',
    request,
    summary: (name) => `restore ${name} from ${sourceOf(options)}`,
    detach: options.detach,
  });
}

function said(io: Io, words: string): number {
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, done: words }) : words);
  return 0;
}

const sourceOf = ({ backup = 'latest', file, undo }: RestoreCommandOptions): string =>
  undo
    ? 'the database that the last restore has replaced'
    : file
      ? `the file ${file}`
      : `the backup ${backup}`;

/** @returns undefined when nothing is asked for */
function requestOf(options: RestoreCommandOptions): Omit<RestoreRequest, 'target'> | undefined {
  const { backup, file, undo, table, untilClosed } = options;
  const beside = options.beside || options.swap === false;
  if (backup === undefined && file === undefined && !undo && !beside && !table) return undefined;
  const latest = file === undefined && !undo ? { backup: backup ?? 'latest' } : {};
  return {
    ...(backup === undefined ? latest : { backup }),
    ...(file === undefined ? {} : { file }),
    ...(undo ? { undo } : {}),
    ...(beside ? { beside } : {}),
    ...(table ? { tables: table } : {}),
    ...(untilClosed ? { untilClosed } : {}),
  };
}

async function list(first: string | undefined, { config }: GlobalOptions, io: Io): Promise<number> {
  const target = homeAt(config).target(first);
  const backups = (await knownBackups(target)).map(lineOf);
  const lost = await lostOf(target);
  // The backups are worth showing although the server is away.
  const besides = await besidesOf(target).catch((error: Error) => error.message);
  if (io.json) {
    io.out(JSON.stringify({ ...backupsJson(target.name, backups), databases: besides, lost }, null, 2));
    return 0;
  }
  io.out(backupsText(target.name, backups, Date.now()));
  const { name } = target;
  io.out(`\nPut the database back to one of them: lockkeeper restore ${name} --backup <id|latest>`);
  for (const text of [besidesText(name, besides), lostListText(name, lost)]) if (text) io.out(`\n${text}`);
  return 0;
}
