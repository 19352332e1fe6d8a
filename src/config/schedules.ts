import { z } from 'zod';
import { proofLevels } from '../domain/backup.js';
import { parseCron } from '../domain/cron.js';
import { scheduledWork } from '../domain/requests.js';
import { parseSpan } from '../domain/span.js';
import { isZone } from '../domain/windows.js';

const span = z
  .string()
  .refine((text) => parseSpan(text) !== undefined, 'expected a length of time such as 90s, 15m, 6h or 7d');

const cron = z.string().superRefine((text, context) => {
  const parsed = parseCron(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

const schedule = z
  .strictObject({
    do: z
      .enum(scheduledWork)
      .describe(
        '`backup`: take one. `prove`: restore one and compare it. `drill`: restore the newest, prove it, run the ' +
          'verification queries on it, and measure how long that took. `expire`: delete what `backup.keep` lets go.',
      ),
    cron: cron
      .optional()
      .describe('When, as five fields: minute, hour, day of the month, month, day of the week.'),
    every: span.optional().describe('Instead: how often, such as 6h, counted from midnight of 1970, UTC.'),
    timeZone: z
      .string()
      .refine(isZone, 'expected an IANA time zone such as Europe/Berlin')
      .default('UTC')
      .describe(
        'In which `cron` is read. With summer time an hour is there twice or not at all: UTC has neither.',
      ),
    jitter: span.optional().describe('Begins up to so much later, by chance: spreads many databases.'),
    catchUp: span
      .default('6h')
      .describe('What was missed while Temporal was down is made up for when it is no older than that.'),
    waitMinutes: z
      .number()
      .min(0)
      .max(1_440)
      .default(60)
      .describe('How long it waits while a change of the target runs; then it is skipped, and says so.'),
    pauseOnFailure: z
      .boolean()
      .default(false)
      .describe('Whether a failure pauses the schedule until a person resumes it.'),
    backup: z
      .string()
      .min(1)
      .default('latest')
      .describe('Of `prove` and `drill`: which backup, its id or latest.'),
    level: z.enum(proofLevels).default('L3').describe('Of `prove`: how far.'),
    note: z.string().max(200).default('').describe('For people, one line.'),
  })
  .refine(
    ({ cron: at, every }) => (at === undefined) !== (every === undefined),
    'expected either cron or every',
  );

/** What is done by itself, by name. */
export const schedules = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/, 'expected letters, digits and . _ -'),
    schedule,
  )
  .default({})
  .describe(
    'What is done by itself, by name. `lockkeeper schedule apply` makes them Schedules of Temporal (docs/backups.md).',
  );
