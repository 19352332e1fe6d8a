import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { noSqlFiles, sqlNotReadable } from '../domain/problems/check.js';
import { globbed, isGlob } from './glob.js';

/** Standard input. */
export const STDIN = '-';

/**
 * The files that were named: a folder stands for all *.sql in and below it, a pattern (`*`, `?`, `**`) for what
 * fits it, `-` for standard input. Each once, in the order given; those of a folder by name.
 *
 * @throws Problem `sql-not-readable` naming all that are not there; `no-sql-files`
 */
export function sqlFiles(given: readonly string[]): string[] {
  const faults: string[] = [];
  const files = given.flatMap((name) => {
    const found = filesOf(name);
    if (typeof found !== 'string') return found;
    faults.push(found);
    return [];
  });
  if (faults.length) throw sqlNotReadable(faults);
  if (!files.length) throw noSqlFiles(given);
  return [...new Set(files)];
}

/** @returns the files; why there are none, as text */
function filesOf(name: string): string[] | string {
  if (name === STDIN) return [STDIN];
  try {
    return statSync(name).isDirectory() ? below(name) : [name];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return message;
    if (!isGlob(name)) return `${name || "''"}: there is no such file`;
    const found = globbed(name);
    return found.length ? found : `${name}: nothing fits this pattern`;
  }
}

const below = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.sql') && !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
