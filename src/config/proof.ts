import { z } from 'zod';

/** A difference that pg_dump makes of this database each time, such as an invalid index that it leaves out. */
const knownDefect = z.strictObject({
  difference: z
    .string()
    .min(1)
    .describe(
      'The words in which the proof names it; `*` is any text. Such as `index orders_old_ix on public.orders: *`.',
    ),
  owner: z.string().min(1).describe('Who has looked at it, and sees to it.'),
  why: z.string().min(1).describe('Why it does not matter for a restore.'),
});

/** How backups of a target are proved: fields of its `backup`. */
export const proofSettings = {
  contentHash: z
    .boolean()
    .default(false)
    .describe(
      'Hash the values of each table as well, from the same snapshot: a proof then finds a value that is another, ' +
        'not only a row that is missing. Takes about as long as one more COPY of everything.',
    ),
  knownDefects: z
    .array(knownDefect)
    .default([])
    .describe('Differences between a restored copy and its backup that do not speak against the backup.'),
  alarmAfterHours: z
    .number()
    .positive()
    .max(87_600)
    .optional()
    .describe(
      'An alarm when the last backup that was restored and compared is older, in hours; without it there is none.',
    ),
};
