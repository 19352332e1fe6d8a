import { proofLevels, type ProofLevel } from './backup.js';
import { whyBadMinutes } from './messages.js';
import { whyBadUpTo } from './phased.js';
import type { Only } from './rollback.js';

/** What `deploy` takes: one JSON object, so that the CLI, `temporal workflow start` and the Web UI can send it. */
export interface DeployRequest {
  target: string;
  /** Name of the release; default: what the target's settings say is next. */
  release?: string;
  /** `auto`: the procedure that the risk calls for. `manual`: a person chooses. `skip`: deploy only. */
  migrate?: 'auto' | 'manual' | 'skip';
  /** Take a backup although the risk does not call for one. */
  backup?: boolean;
  /** Migrate and verify only: the release that runs stays. */
  withoutDeploy?: boolean;
  /** Refuse to start when the target has no health check. */
  healthCheck?: boolean;
  /** `expand of orders-remark`: migrate only as far as this phase of a change needs. */
  upTo?: string;
  requestedBy?: string;
}

/** What `rollback` takes. */
export interface RollbackRequest {
  target: string;
  /** A release that ran before; default: the one before the last deploy. */
  to?: string;
  /** Only the release, or only the schema. */
  only?: Only;
  /** Hashes of plans: no other deploy may be taken back by it. */
  over?: readonly string[];
  requestedBy?: string;
}

/** What `backup` takes. */
export interface BackupRequest {
  target: string;
  requestedBy?: string;
}

/** What `restore` takes. */
export interface RestoreRequest {
  target: string;
  /** An id, its beginning, or `latest`. One of `backup`, `file` and `undo` must be there. */
  backup?: string;
  /** A plain SQL file of pg_dump, on the worker's host, in place of a backup. */
  file?: string;
  /** Swap back the database that the last restore has put aside. */
  undo?: boolean;
  /** Only restore it into a database beside, and leave that open for people to look into. */
  beside?: boolean;
  /** Put back only these tables, `schema.table`, into the live database. */
  tables?: readonly string[];
  /** Give up, too, what is written until nobody can write any more; default: that stops the run. */
  untilClosed?: boolean;
  requestedBy?: string;
}

/** What `prove` and `drill` take. */
export interface ProveRequest {
  target: string;
  /** An id, its beginning, or `latest`, which is the default. */
  backup?: string;
  /** How far; default: L3, and L4 for a drill. */
  level?: ProofLevel;
  requestedBy?: string;
}

/** What a schedule can do: each is the type of a workflow. */
export const scheduledWork = ['backup', 'prove', 'drill', 'expire'] as const;

/** What `scheduled` takes: a Schedule of Temporal starts it. */
export interface ScheduledRequest {
  target: string;
  /** Name of the schedule, for people. */
  schedule: string;
  do: (typeof scheduledWork)[number];
  /** Of `prove` and `drill`. */
  backup?: string;
  level?: ProofLevel;
  /** How long it waits while a change of the target runs; default: not at all. */
  waitMinutes?: number;
}

/**
 * What `maintenance` takes: it closes the site by hand, and sounds an alarm for as long as it is closed longer
 * than planned.
 */
export interface MaintenanceRequest {
  target: string;
  /** For people, one line. */
  reason?: string;
  /** Planned length; default: `closure.minutes` of the target. */
  minutes?: number;
  /** Do not close it: only watch the closure that is there. */
  watch?: boolean;
  requestedBy?: string;
}

/**
 * What is wrong with a request; null when it is well formed. Temporal hands a workflow whatever was sent, and
 * an unforeseen error in a workflow would be tried again for ever.
 */
export function whyBadRequest(sent: unknown, known: readonly string[]): string | null {
  const example = 'one JSON object, such as {"target":"shop"}';
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return `this takes ${example}`;
  const request = sent as Record<string, unknown>;
  if (typeof request['target'] !== 'string' || !request['target'])
    return `"target" is missing: this takes ${example}`;
  const strange = Object.keys(request).filter((key) => !known.includes(key));
  if (strange.length) return `unknown: ${strange.join(', ')}; known are ${known.join(', ')}`;
  for (const key of ['release', 'to', 'reason', 'requestedBy', 'schedule', 'upTo'])
    if (request[key] !== undefined && typeof request[key] !== 'string') return `"${key}" must be a text`;
  const named = whyBadBackup(request, known);
  if (named) return named;
  const truths = ['healthCheck', 'withoutDeploy', 'watch', 'untilClosed', 'undo', 'beside'];
  for (const key of [...(namesBackup(known) ? [] : ['backup']), ...truths])
    if (request[key] !== undefined && typeof request[key] !== 'boolean')
      return `"${key}" must be true or false`;
  if (request['migrate'] !== undefined && !['auto', 'manual', 'skip'].includes(String(request['migrate'])))
    return '"migrate" must be "auto", "manual" or "skip"';
  const wrong = Object.entries(oneOf).find(
    ([key, all]) => request[key] !== undefined && !all.some((each) => each === request[key]),
  );
  if (wrong) return `"${wrong[0]}" must be one of ${wrong[1].join(', ')}`;
  if (request['over'] !== undefined && !isNames(request['over']))
    return '"over" must be a list of plan hashes';
  return whyBadMinutes(request['minutes']) ?? whyBadUpTo(request['upTo']) ?? whyBadSchedule(request, known);
}

const oneOf = { only: ['app', 'schema'], way: ['put-back', 'go-on'] };

/** `restore`, `prove` and `drill` call so the name of one. */
const namesBackup = (known: readonly string[]): boolean =>
  known.includes('untilClosed') || known.includes('level');

function whyBadBackup(request: Record<string, unknown>, known: readonly string[]): string | null {
  if (!namesBackup(known)) return null;
  const { backup, level } = request;
  if (known.includes('untilClosed')) return whyBadRestore(request);
  if (backup !== undefined && !isText(backup)) return WHICH;
  if (level !== undefined && !proofLevels.some((each) => each === level))
    return `"level" must be one of ${proofLevels.join(', ')}`;
  return null;
}

function whyBadSchedule(request: Record<string, unknown>, known: readonly string[]): string | null {
  if (!known.includes('schedule')) return null;
  const { schedule, do: work, waitMinutes } = request;
  if (!schedule) return '"schedule" is missing: the name of the schedule';
  if (!scheduledWork.some((each) => each === work)) return `"do" must be one of ${scheduledWork.join(', ')}`;
  if (waitMinutes !== undefined && !(typeof waitMinutes === 'number' && waitMinutes >= 0))
    return '"waitMinutes" must be a number of minutes';
  return null;
}

function whyBadRestore(request: Record<string, unknown>): string | null {
  const { backup, file, undo, beside, tables } = request;
  if (backup !== undefined && !isText(backup)) return WHICH;
  if (file !== undefined && !isText(file)) return '"file" must be the path of a file of SQL';
  if (tables !== undefined && !isNames(tables)) return '"tables" must be a list of names: schema.table';
  const given = [backup, file, undo || undefined].filter((each) => each !== undefined).length;
  if (given === 0) return WHICH;
  if (given > 1) return 'only one of "backup", "file" and "undo" can be put back';
  if (backup === undefined && (beside || tables)) return '"beside" and "tables" need a "backup"';
  return beside && tables ? 'either "beside" or "tables"' : null;
}

const WHICH = '"backup" must say which: the id of a backup, or "latest"';
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each);
export const deployKeys = [
  ...['target', 'release', 'migrate', 'backup', 'healthCheck', 'withoutDeploy', 'upTo', 'requestedBy'],
] as const;
export const restoreKeys = [
  ...['target', 'backup', 'file', 'undo', 'beside', 'tables', 'untilClosed', 'requestedBy'],
] as const;
export const rollbackKeys = ['target', 'to', 'only', 'over', 'requestedBy'] as const;
export const proveKeys = ['target', 'backup', 'level', 'requestedBy'] as const;
export const scheduledKeys = ['target', 'schedule', 'do', 'backup', 'level', 'waitMinutes'] as const;
export const fixKeys = ['target', 'way', 'requestedBy'] as const;
export const targetKeys = ['target', 'requestedBy'] as const;
export const maintenanceKeys = ['target', 'reason', 'minutes', 'watch', 'requestedBy'] as const;

/** All that changes a target runs under this one id, so that only one thing does at a time. */
export const workflowIdOf = (target: string): string => `lockkeeper:${target}`;

/** Beside it: the alarm of a closure that lasts too long. */
export const alarmIdOf = (target: string): string => `lockkeeper:${target}:maintenance`;

/** What a workflow ends with: small, because it stays in Temporal's history. */
export interface RunResult {
  outcome: string;
  planHash?: string;
  release?: string;
  /** Path of the record, relative to the state folder. */
  record: string;
}
