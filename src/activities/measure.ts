import { createHash } from 'node:crypto';
import { readOnly } from '../adapters/postgres/query.js';
import type { VerifyCheck } from '../config/schema.js';
import type { Measured } from '../domain/steps.js';
import type { Target } from './home.js';
import { sessionName } from './standing.js';

/** Rows that a check's result may have. Whoever compares more compares a hash or a sum. */
const MOST_ROWS = 10_000;

/** Measures what must be the same after the migration: each under a mark, so that new rows do not count. */
export async function measureAll(target: Target, signal: AbortSignal): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const check of target.settings.verify.filter((each) => each.unchanged)) {
    const mark = check.mark ? await oneValue(target, check.mark, check, signal) : null;
    measured.push({ check: check.name, mark, value: await measure(target, check, mark, signal) });
  }
  return measured;
}

/** A check's result as text, or its hash when it is long. */
export async function measure(
  target: Target,
  check: VerifyCheck,
  mark: string | null,
  signal: AbortSignal,
): Promise<string> {
  const sql = (check.sql ?? '').replaceAll('{mark}', mark === null ? 'NULL' : quoted(mark));
  const { rows } = await ask(target, sql, check, signal);
  const text = rows.map((row) => row.map((each) => each ?? 'NULL').join(' | ')).join('\n');
  return text.length <= 200 ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The first value of the first row. */
export async function oneValue(
  target: Target,
  sql: string,
  check: VerifyCheck,
  signal: AbortSignal,
): Promise<string | null> {
  const { rows } = await ask(target, sql, check, signal);
  return rows[0]?.[0] ?? null;
}

/** Asks a check's query, in a read-only transaction and no longer than the check may take. */
export const ask = (target: Target, sql: string, { timeoutSeconds }: VerifyCheck, signal: AbortSignal) =>
  readOnly(target.url(), sql, {
    maxRows: MOST_ROWS,
    timeoutMs: timeoutSeconds * 1000,
    applicationName: sessionName(target.name, 'verify'),
    signal,
  });

/** As an SQL literal without a type, so that PostgreSQL reads it as what it is compared with. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
