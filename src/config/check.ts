import { z } from 'zod';
import { risks } from '../domain/risk.js';
import { faultsOf } from './faults.js';

const file = z
  .string()
  .min(1)
  .regex(
    /\.m?js$/,
    'expected a file that ends with .mjs or .js; Node loads no TypeScript, so compile it first',
  );

/** How changes are judged besides the catalogue. Nothing here can lower a risk. */
export const check = z
  .strictObject({
    raise: z
      .record(z.string(), z.enum(risks))
      .default({})
      .describe(
        'By rule, the least risk of what it finds, such as `index-blocks-writes: high`. Never lower than its own.',
      ),
    largeTableGiB: z
      .number()
      .positive()
      .max(1_048_576)
      .optional()
      .describe(
        'What indexes, reads or writes anew a larger table while others wait for it is of high risk. Counted with indexes, TOAST and partitions; absent: sizes raise nothing.',
      ),
    busyTables: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Tables that are always in use, such as `orders` or `events_*`: what blocks one is one class graver.',
      ),
    rules: z
      .array(file)
      .default([])
      .describe('Files with rules of your own, relative to this file (docs/check.md).'),
  })
  .prefault({})
  .describe('How changes are judged, besides the rules that there are. A risk can only be raised.');

const text = z.string().min(1);
const yes = z.literal(true).optional();

/** What a file of `check.rules` must export. Examples are for people, and may be left out. */
const ownRule = z.looseObject({
  id: z
    .string()
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      'expected small letters, digits and hyphens, such as no-truncate',
    ),
  risk: z.enum(risks),
  effect: text,
  blocks: text,
  instead: z.looseObject({ says: text, sql: z.string().default(''), alembic: z.string().default('') }),
  on: z.array(text).optional(),
  dataLoss: yes,
  breaksRunning: yes,
  alsoNew: yes,
  bad: z.string().default(''),
  good: z.string().default(''),
  check: z.custom<(...args: never[]) => unknown>(
    (value) => typeof value === 'function',
    'expected a function',
  ),
});

/** What a module exports as a rule, whole; what is wrong with it as text, a line each. */
export function readOwnRule(value: unknown): { rule: z.output<typeof ownRule> } | { faults: string[] } {
  const read = ownRule.safeParse(value, { reportInput: true });
  return read.success
    ? { rule: read.data }
    : {
        faults: faultsOf(read.error.issues).map(
          ({ path, says }) =>
            `${path.join('.') || 'default export'}: ${says.replaceAll('settings (name: value)', 'an object')}`,
        ),
      };
}
