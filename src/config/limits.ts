import { z } from 'zod';

/** What stops a migration that is at work, besides the stall budget. */
export const limits = z
  .strictObject({
    lagSeconds: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .describe('How far the slowest standby may fall behind. Absent: that stops nothing.'),
    diskFreeGiB: z
      .number()
      .positive()
      .max(1_048_576)
      .optional()
      .describe(
        "What must stay free on the server's disk, where it is this host's and the role may ask for it (`pg_read_all_settings`). Absent: that stops nothing.",
      ),
  })
  .prefault({})
  .describe(
    'What stops a migration while it runs; what was not committed is rolled back, and the run undone.',
  );
