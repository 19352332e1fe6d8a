import { z } from 'zod';

const budget = (byDefault: number, what: string) =>
  z.number().int().min(100).max(3_600_000).default(byDefault).describe(what);

/** How a migration gets its locks; part of `alembic`. */
export const locks = {
  lockTimeoutMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(100)
    .describe(
      'How long one attempt may queue for a lock, and keep others waiting behind it. It is made when nobody is seen in the way.',
    ),
  tries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(5)
    .describe(
      'How often a migration is begun that did not get a lock on rows, or one that could not be foreseen.',
    ),
  waitMinutes: z
    .number()
    .min(0)
    .max(1_440)
    .default(10)
    .describe(
      'How long it waits for somebody who holds a lock and does not end, with nobody waiting behind it. Then people are asked.',
    ),
  stallBudgetMs: z
    .strictObject({
      low: budget(1_000, 'The same for low risk.'),
      medium: budget(3_000, 'The same for medium risk.'),
      high: budget(60_000, 'The same for high risk, where the site is closed.'),
      'very-high': budget(60_000, 'The same for very high risk, where the site is closed.'),
    })
    .prefault({})
    .describe(
      'Stall budget: how long a migration may make queries of the application wait, in all, by risk. Part of the plan.',
    ),
};
