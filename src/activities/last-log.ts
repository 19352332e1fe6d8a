import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readPiece } from '../adapters/disk.js';
import type { SeenLog } from '../domain/live.js';
import type { Target } from './home.js';

/** Steps that move the schema. */
const LOGS = ['migrate.log', 'put-the-schema-back.log'];
const LAST_BYTES = 65_536;
const FIRST_BYTES = 1_024;
const LINES = 12;

/** The last lines that the newest migration of this target has logged; null: none has, as far as this folder knows. */
export async function lastLog(target: Target): Promise<SeenLog | null> {
  const folder = join(target.config.state, 'logs');
  const runs = await readdir(folder).catch(() => []);
  const found = await Promise.all(runs.flatMap((run) => LOGS.map((name) => logAt(join(folder, run, name)))));
  const newest = found.flatMap((log) => log ?? []).sort((a, b) => b.changed - a.changed);
  for (const { path, size } of newest) {
    const first = await readPiece(path, 0, FIRST_BYTES);
    if (targetOf(first.toString()) === target.name) return { path, lines: await lastLines(path, size) };
  }
  return null;
}

const logAt = (path: string): Promise<{ path: string; size: number; changed: number } | null> =>
  stat(path).then(
    ({ size, mtimeMs }) => ({ path, size, changed: mtimeMs }),
    () => null,
  );

/** The first line of a log says whose it is. */
function targetOf(text: string): string | undefined {
  const [line = ''] = text.split('\n');
  try {
    return (JSON.parse(line) as { target?: string }).target;
  } catch {
    return undefined; // a log of an earlier version
  }
}

async function lastLines(path: string, size: number): Promise<string[]> {
  const from = Math.max(0, size - LAST_BYTES);
  const text = (await readPiece(path, from, LAST_BYTES)).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .slice(from > 0 ? 1 : 0)
    .slice(-LINES);
}
