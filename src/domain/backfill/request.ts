import type { Stretch } from './eta.js';

/** What the workflow `backfill` takes. */
export interface BackfillRequest {
  target: string;
  /** Of the backfill: also the end of its workflow id. */
  name: string;
  /** What a file of settings says of it: docs/backfill.md. */
  settings: Readonly<Record<string, unknown>>;
  /** Begin anew, whatever was done of it. */
  again?: boolean;
  /** The most rows a second, in place of what the settings say. */
  rowsPerSecond?: number;
  requestedBy?: string;
  /** Of itself, after a continue-as-new. */
  carried?: BackfillCarried;
}

/** What one run hands to the next. */
export interface BackfillCarried {
  paused: boolean;
  rowsPerSecond: number | null;
  stretches: readonly Stretch[];
  notes: readonly string[];
  said: readonly string[];
}

/** It lives beside the target's run: it changes rows only, in short transactions, and gives way to that run. */
export const backfillIdOf = (target: string, name: string): string => `lockkeeper:${target}:backfill:${name}`;

const keys = ['target', 'name', 'settings', 'again', 'rowsPerSecond', 'requestedBy', 'carried'];
const example =
  '{"target":"shop","name":"cents","settings":{"table":"orders","set":{"cents":"total * 100"}}}';
/** A workflow's input stays small. */
const MOST_CHARS = 16_384;

/** What is wrong with a request; null when it is well formed. Its settings are read by the activity. */
export function whyBadBackfill(sent: unknown): string | null {
  if (!isObject(sent)) return `this takes one JSON object, such as ${example}`;
  const { target, name, settings, again, rowsPerSecond } = sent;
  if (typeof target !== 'string' || !target) return `"target" is missing: this takes ${example}`;
  if (typeof name !== 'string' || !isBackfillName(name))
    return '"name" must be 1 to 40 letters, digits and . _ - that begin with a letter or digit';
  const strange = Object.keys(sent).filter((key) => !keys.includes(key));
  if (strange.length) return `unknown: ${strange.join(', ')}; known are ${keys.slice(0, -1).join(', ')}`;
  if (!isObject(settings)) return `"settings" is missing: this takes ${example}`;
  if (JSON.stringify(settings).length > MOST_CHARS)
    return `"settings" is longer than ${MOST_CHARS} characters: put the expression into a function of the database`;
  if (again !== undefined && typeof again !== 'boolean') return '"again" must be true or false';
  return rowsPerSecond === undefined ? null : whyBadRate(rowsPerSecond);
}

export const isBackfillName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(name);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Highest rate that can be asked for. */
const MOST_RATE = 10_000_000;

/** What is wrong with a rate; null when it is well formed. 0 takes the limit away. */
export const whyBadRate = (rate: unknown): string | null =>
  Number.isInteger(rate) && Number(rate) >= 0 && Number(rate) <= MOST_RATE
    ? null
    : `"rowsPerSecond" must be a whole number up to ${MOST_RATE}; 0 is no limit`;
