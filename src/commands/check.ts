import { atLeast, type Risk } from '../domain/risk.js';
import { flagsDisagree } from '../domain/problems/check.js';
import { exitCodes } from '../domain/exit-codes.js';
import { parserSoon } from './check-sql-ready.js';
import type { GlobalOptions, Io } from './io.js';
import { tell } from './tell.js';

export type Format = 'text' | 'json' | 'sarif' | 'github' | 'markdown';

export interface CheckOptions extends GlobalOptions {
  release?: string;
  failOn?: Risk | 'never';
  format?: Format;
  sql?: string[];
  offline?: boolean;
  from?: string;
  postgres?: string;
  schema?: string;
  inTransaction?: boolean;
  explain?: string | true;
}

/**
 * Checks a target, files of SQL (--sql), or tells a rule (--explain). What each needs is loaded when it is needed: a
 * file of SQL is checked without Temporal, settings and database.
 *
 * @returns 1 when a finding is at or above --fail-on, else 0; 2 when it could not check, whatever the reason
 */
export async function checkCommand(
  targetName: string | undefined,
  options: CheckOptions,
  io: Io,
): Promise<number> {
  try {
    return await checked(targetName, options, io);
  } catch (error) {
    const code = tell(error, formatOf(options) === 'json');
    // 1 is for findings: a CI must not take one for the other.
    return code === exitCodes.failed ? exitCodes.wrongUse : code;
  }
}

async function checked(targetName: string | undefined, options: CheckOptions, io: Io): Promise<number> {
  assertFlags(targetName, options);
  if (options.explain !== undefined) return (await import('./check-explain.js')).explain(options.explain, io);
  if (options.sql) {
    parserSoon();
    return (await import('./check-sql.js')).checkSql(options.sql, options, io);
  }
  if (options.offline) return (await import('./check-offline.js')).checkOffline(targetName, options, io);
  return (await import('./check-target.js')).checkTarget(targetName, options, io);
}

function assertFlags(targetName: string | undefined, options: CheckOptions): void {
  const { sql, explain, release, json, format, offline, from } = options;
  const assumed = onlyWithoutDatabase(options);
  if (sql && (targetName !== undefined || release !== undefined))
    throw flagsDisagree(
      `--sql checks files, and not ${targetName === undefined ? 'a release' : `the target ${targetName}`}`,
      'leave the one or the other out; several files stand behind one --sql',
    );
  if (sql && (offline || from))
    throw flagsDisagree(
      `--sql checks files, and ${offline ? '--offline' : '--from'} is for the revisions of a target`,
      'leave the one or the other out',
    );
  if (from && !offline)
    throw flagsDisagree('--from is for --offline: a database says itself where it stands', 'add --offline');
  if (!sql && !offline && explain === undefined && assumed)
    throw flagsDisagree(
      `${assumed} is for --sql and --offline: a database says that itself`,
      'name the files with --sql, or leave it out',
    );
  if (offline && options.inTransaction)
    throw flagsDisagree('--in-transaction is for --sql: of revisions it is so anyway', 'leave it out');
  if (json && format !== undefined && format !== 'json')
    throw flagsDisagree(`--json and --format ${format} contradict each other`, 'leave one of them out');
}

const onlyWithoutDatabase = ({ postgres, schema, inTransaction }: CheckOptions): string | undefined =>
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
