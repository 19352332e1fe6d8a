import { z } from 'zod';
import { backfillFaults } from '../domain/problems/backfill.js';
import type { BackfillDefinition } from '../domain/backfill/definition.js';
import { parseWindow } from '../domain/windows.js';
import { faultsOf, type SettingPath } from './faults.js';
import { readYaml } from './yaml.js';

const sql = z.string().trim().min(1).max(8_000);
const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const orNull = <T extends z.ZodType>(type: T) => type.nullable().default(null);

const window = z.string().superRefine((text, context) => {
  const parsed = parseWindow(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

const batch = z
  .strictObject({
    targetMs: whole(5, 10_000).default(100).describe('How long one batch should take: its size follows.'),
    first: whole(1, 1_000_000).default(1_000).describe('Rows of the first batch.'),
    least: whole(1, 1_000_000).default(10).describe('Fewest rows of a batch.'),
    most: whole(1, 1_000_000).default(50_000).describe('Most rows of a batch.'),
  })
  .refine(({ least, most }) => least <= most, { message: 'expected at least `least`', path: ['most'] })
  .prefault({});

const p95 = z
  .strictObject({
    ms: z.number().positive().max(600_000).describe('The limit, in milliseconds.'),
    url: orNull(z.url('expected a URL such as http://127.0.0.1:8000/health')).describe(
      'Asked four times a second; how long it takes to answer is what counts.',
    ),
    field: orNull(z.string().min(1)).describe(
      'A number in the JSON of its answer, in milliseconds, that counts in place of that.',
    ),
    query: orNull(sql).describe('A query that gives one number, in milliseconds, in place of `url`.'),
  })
  .refine(({ url, query }) => (url === null) !== (query === null), 'expected either url or query')
  .refine(({ field, url }) => field === null || url !== null, {
    message: 'needs `url`',
    path: ['field'],
  });

const throttle = z
  .strictObject({
    p95: orNull(p95).describe('Latency of the application that it may reach.'),
    lagMs: whole(1, 86_400_000)
      .nullable()
      .default(10_000)
      .describe('How far the slowest standby may be behind.'),
    walMiBPerSecond: orNull(z.number().positive()).describe('Write-ahead log of the whole server.'),
    activeSessions: orNull(whole(1, 100_000)).describe('Other sessions of this database that are at work.'),
    deadPercent: orNull(z.number().positive().max(1_000)).describe('Dead rows of the table, to its rows.'),
    autovacuumBehind: orNull(z.number().min(1).max(1_000)).describe(
      'Dead rows of the table, in multiples of what starts its autovacuum.',
    ),
    freeDisk: orNull(z.strictObject({ path: z.string().min(1), GiB: z.number().positive() })).describe(
      "Least that must be free where the worker sees the database's disk.",
    ),
  })
  .prefault({});

const columns = z.array(z.string().min(1).max(63)).refine((all) => new Set(all).size === all.length, {
  message: 'expected each column once',
});

const python = z.strictObject({
  function: z
    .string()
    .regex(/^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$/, 'expected module:function, such as shop.fills:cents')
    .describe("Of the application's project, as it is imported beside alembic.ini: `shop.fills:cents`."),
  reads: columns.default([]).describe('Columns that it is given of each row, besides the key.'),
  writes: columns.min(1, 'expected at least one column').describe('Columns that it gives back.'),
});

/** A file of settings of one backfill. */
export const backfillSchema = z
  .strictObject({
    table: z.string().min(1).max(200).describe('As SQL has it: `orders`, `public."Orders"`.'),
    set: z
      .record(z.string().min(1), sql)
      .refine((all) => Object.keys(all).length > 0, 'expected at least one column')
      .default({})
      .describe('Column: expression of the columns of its row.'),
    python: orNull(python).describe('A function that gives the values, in place of `set`.'),
    where: orNull(sql).describe('Which rows still need it. Without it every row is changed once.'),
    verify: orNull(sql).describe('What holds for every row at the end.'),
    key: z
      .array(z.string().min(1))
      .default([])
      .describe('Columns of a unique index, where there is no primary key.'),
    batch,
    lockTimeoutMs: whole(1, 60_000).default(100).describe('How long a batch may wait for a row of others.'),
    mostParked: whole(0, 100_000).default(1_000).describe('More rows whose expression fails stop it.'),
    rowsPerSecond: orNull(whole(1, 10_000_000)).describe('The most rows a second.'),
    hours: z
      .array(window)
      .default([])
      .describe('When it may work, such as `Mon-Fri 22:00-05:00 Europe/Berlin`.'),
    throttle,
  })
  .refine(({ set, python: way }) => Object.keys(set).length > 0 !== (way !== null), {
    message: 'expected either set or python',
    path: [],
  });

/**
 * The settings of a backfill as they came with a request.
 *
 * @param from - where they are from, for the message
 * @throws Problem `backfill-faults`, all of them at once
 */
export function backfillOf(settings: unknown, from: string): BackfillDefinition {
  const checked = backfillSchema.safeParse(settings, { reportInput: true });
  if (checked.success) return checked.data;
  throw backfillFaults(
    from,
    faultsOf(checked.error.issues).map(({ path, says }) => `${shown(path)}: ${says}`),
  );
}

/**
 * The settings in a YAML file, as they are sent: without what is their default.
 *
 * @throws Problem `backfill-faults`, each with its line
 */
export function backfillSettings(text: string, path: string): Record<string, unknown> {
  const given = readYaml(text);
  if ('faults' in given) throw backfillFaults(path, given.faults);
  const checked = backfillSchema.safeParse(given.value ?? {}, { reportInput: true });
  if (checked.success) return given.value as Record<string, unknown>;
  throw backfillFaults(
    path,
    faultsOf(checked.error.issues).map(
      ({ path: at, says }) => `line ${given.lineOf(at)}: ${shown(at)}: ${says}`,
    ),
  );
}

const shown = (path: SettingPath): string => path.map(String).join('.') || 'the settings';
