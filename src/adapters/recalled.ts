import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeAtomically } from './disk.js';

/** Answers that are kept in a folder: of several targets, releases and shells. */
const MOST = 20;

/**
 * What `make` came to before, of exactly the same facts by exactly the same program; else what it comes to now, which
 * is kept. Run from its sources, which may change meanwhile, it keeps nothing.
 *
 * @param folder - where answers of this kind are kept
 * @param facts - all that `make` depends on, as JSON can say it, maps and sets too
 * @param make - answers with JSON, and with nothing else for the same facts
 * @param by - which program this is
 */
export async function recalled<T>(
  folder: string,
  facts: unknown,
  make: () => Promise<T>,
  by: string | undefined = program,
): Promise<T> {
  if (by === undefined) return make();
  const path = join(folder, `${hashOf(by, JSON.stringify(facts, plain))}.json`);
  const kept = await read(path);
  if (kept !== undefined) return JSON.parse(kept) as T;
  const made = await make();
  const text = JSON.stringify(made);
  await writeAtomically(path, `${hashOf(text)}\n${text}`);
  await keepFew(folder);
  return made;
}

/** Removes all but the files that were used last. */
export async function keepFew(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  if (names.length <= MOST) return;
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const old = aged.sort((a, b) => b.at - a.at).slice(MOST);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/** @returns undefined when there is none, or it is not what was written */
async function read(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const end = text.indexOf('\n');
  const answer = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== hashOf(answer)) return undefined;
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  return answer;
}

function hashOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** In the order in which they hold what they hold: another order is another question. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return ['a map', ...value];
  return value instanceof Set ? ['a set', ...value] : value;
}

/** Which program this is: the build, and the parser, which an update of packages may replace beside it. */
const program = identityOf();

function identityOf(): string | undefined {
  try {
    const build = readFileSync(new URL('../.built-from', import.meta.url), 'utf8');
    const parser = createRequire(import.meta.url).resolve('libpg-query/package.json');
    return `${build} ${(JSON.parse(readFileSync(parser, 'utf8')) as { version: string }).version}`;
  } catch {
    return undefined;
  }
}
