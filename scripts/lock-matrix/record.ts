import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from './measure.js';

/** What was measured on one server. */
export interface Recorded {
  /** Such as `15.18`. */
  server: string;
  cases: Readonly<Record<string, Measured>>;
}

const folder = (root: string): string => join(root, 'src', 'locks', 'measured');

export const recordedMajors = (root: string): number[] =>
  readdirSync(folder(root))
    .map((file) => Number(/^(\d+)\.json$/.exec(file)?.[1] ?? 0))
    .filter((major) => major > 0)
    .sort((a, b) => a - b);

export function readRecord(root: string, major: number): Recorded | undefined {
  const path = join(folder(root), `${major}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Recorded) : undefined;
}

export function writeRecord(root: string, major: number, recorded: Recorded): void {
  writeFileSync(join(folder(root), `${major}.json`), `${JSON.stringify(recorded, null, 2)}\n`);
}

/** Cases that this server answers otherwise than the one of the record did. */
export const changedSince = (
  recorded: Recorded | undefined,
  cases: Readonly<Record<string, Measured>>,
): string[] =>
  Object.entries(cases).flatMap(([id, measured]) => {
    const was = recorded?.cases[id];
    return was === undefined || was === measured ? [] : [`  ${id}\n    was  ${was}\n    is   ${measured}`];
  });
