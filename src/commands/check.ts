import { atLeast, type Risk } from '../domain/risk.js';
import { flagsDisagree } from '../domain/problems/check.js';
import { parserSoon } from './check-sql-ready.js';
import type { GlobalOptions, Io } from './io.js';

export type Format = 'text' | 'json' | 'sarif' | 'github' | 'markdown';

export interface CheckOptions extends GlobalOptions {
  release?: string;
  failOn?: Risk | 'never';
  format?: Format;
  sql?: string[];
  postgres?: string;
  schema?: string;
  inTransaction?: boolean;
  explain?: string | true;
}

/**
 * Checks a target, files of SQL (--sql), or tells a rule (--explain). What each needs is loaded when it is needed: a
 * file of SQL is checked without Temporal, settings and database.
 *
 * @returns 1 when a finding is at or above --fail-on, else 0
 */
export async function checkCommand(
  targetName: string | undefined,
  options: CheckOptions,
  io: Io,
): Promise<number> {
  assertFlags(targetName, options);
  if (options.explain !== undefined) return (await import('./check-explain.js')).explain(options.explain, io);
  if (options.sql) {
    parserSoon();
    return (await import('./check-sql.js')).checkSql(options.sql, options, io);
  }
  return (await import('./check-target.js')).checkTarget(targetName, options, io);
}

function assertFlags(targetName: string | undefined, options: CheckOptions): void {
  const { sql, explain, release, json, format } = options;
  const forFiles = onlyForFiles(options);
  if (sql && (targetName !== undefined || release !== undefined))
    throw flagsDisagree(
      `--sql checks files, and not ${targetName === undefined ? 'a release' : `the target ${targetName}`}`,
      'leave the one or the other out; several files stand behind one --sql',
    );
  if (!sql && explain === undefined && forFiles)
    throw flagsDisagree(
      `${forFiles} is for --sql: a target knows its own`,
      'name the files with --sql, or leave it out',
    );
  if (json && format !== undefined && format !== 'json')
    throw flagsDisagree(`--json and --format ${format} contradict each other`, 'leave one of them out');
}

const onlyForFiles = ({ postgres, schema, inTransaction }: CheckOptions): string | undefined =>
  postgres !== undefined
    ? '--postgres'
    : schema !== undefined
      ? '--schema'
      : inTransaction
        ? '--in-transaction'
        : undefined;

/** `--json` is short for `--format json`. */
export const formatOf = ({ format, json }: CheckOptions): Format => format ?? (json ? 'json' : 'text');

/** What a check without --fail-on fails on: a tool that a CI runs must not be silent about what it calls high. */
const FAIL_ON: Risk = 'high';

/** 1 when a risk is at or above --fail-on, else 0. */
export const exitCodeFor = (all: readonly Risk[], { failOn = FAIL_ON }: CheckOptions): number =>
  failOn !== 'never' && all.some((risk) => atLeast(risk, failOn)) ? 1 : 0;
