import { existsSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SETTINGS_FILE, settingsOf } from '../config/load.js';
import { settingsExist, settingsNotWritten } from '../domain/problems/init.js';
import { find } from '../init/find.js';
import { look } from '../init/look.js';
import { notesOf, type Notes } from '../init/notes.js';
import { settingsText } from '../init/settings-text.js';
import { writeNginxFiles } from './init-nginx.js';
import type { GlobalOptions, Io } from './io.js';

const SCHEMA = 'schema/lockkeeper.schema.json';

/**
 * Writes lockkeeper.yaml from what is found in its folder, and says what was found, guessed and is missing; where
 * nginx is found, also what it needs. With --nginx only the latter, for the settings that are there.
 *
 * @throws Problem `settings-exist` without --force, `settings-not-written`
 */
export async function initCommand(
  options: GlobalOptions & { force?: boolean; nginx?: string | true },
  io: Io,
): Promise<number> {
  if (options.nginx) return nginxOnly(options, io);
  const path = resolve(options.config ?? process.env['LOCKKEEPER_CONFIG'] ?? SETTINGS_FILE);
  const folder = dirname(path);
  const exists = existsSync(path);
  if (exists && !options.force) throw settingsExist(path);
  const found = find(look(folder));
  const text = settingsText(found, schemaFor(folder));
  settingsOf(text, path); // a file that we could not read ourselves is never written
  const kept = writeNew(path, text, exists);
  const notes = notesOf(found);
  const nginx = found.site ? await writeNginxFiles(path, found.target, found.site.file) : [];
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, path, kept, ...notes, nginx }, null, 2));
  else io.out(told(path, kept, notes, nginx));
  return 0;
}

async function nginxOnly({ config, nginx }: GlobalOptions & { nginx?: string | true }, io: Io) {
  const steps = await writeNginxFiles(config, nginx === true ? undefined : nginx, 'its configuration');
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, nginx: steps }, null, 2) : steps.join('\n'));
  return 0;
}

/** @returns where the old file is kept, or null */
function writeNew(path: string, text: string, exists: boolean): string | null {
  const kept = exists ? freeName(`${path}.bak`) : null;
  try {
    if (kept) renameSync(path, kept);
    writeFileSync(path, text, { flag: 'wx' });
    return kept;
  } catch (error) {
    if (kept && existsSync(kept) && !existsSync(path)) renameSync(kept, path);
    throw settingsNotWritten(path, (error as Error).message);
  }
}

/** An older copy is never overwritten. */
function freeName(path: string): string {
  let name = path;
  for (let n = 2; existsSync(name); n += 1) name = `${path}.${n}`;
  return name;
}

/** Seen from the settings where the package is installed in the same project, else where the package lies. */
function schemaFor(folder: string): string {
  const local = join(folder, 'node_modules', 'lockkeeper', SCHEMA);
  if (existsSync(local)) return `./${relative(folder, local)}`;
  return realpathSync(fileURLToPath(new URL('../..', import.meta.url))) + `/${SCHEMA}`;
}

const told = (
  path: string,
  kept: string | null,
  { found, guessed, missing }: Notes,
  nginx: readonly string[],
): string =>
  [
    `${path} is written${kept ? `; the old one is ${kept}` : ''}.`,
    ...section('Found', found),
    ...section('Guessed: look at these', guessed),
    ...section('Not found: fill in what you need', missing),
    ...(nginx.length ? ['', ...nginx] : []),
    '',
    'Next: lockkeeper doctor',
    'Keep .lockkeeper/ out of git: backups and logs will lie in it.',
  ].join('\n');

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length ? ['', title, ...lines.map((line) => `  - ${line}`)] : [];
