import { z } from 'zod';

/** What destructive changes take, kept in the same database. */
export const keepsakes = z
  .strictObject({
    keep: z
      .boolean()
      .default(true)
      .describe(
        'Whether what a change of very high risk takes is kept. Without it only a restore brings it back.',
      ),
    days: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(30)
      .describe(
        'How long it is kept. Then `lockkeeper backup expire` or a schedule that does `expire` drops it.',
      ),
    alarmDays: z
      .number()
      .int()
      .min(0)
      .max(365)
      .default(3)
      .describe('How long before its end people are told.'),
  })
  .prefault({})
  .describe('What destructive changes take is kept in the schema `lockkeeper_keep` of the same database.');
