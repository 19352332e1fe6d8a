import { z } from 'zod';
import { command, seconds } from './values.js';

const check = z.strictObject({
  name: z.string().min(1).describe('What the check proves, in words: it is what people read when it fails.'),
  sql: z.string().min(1).optional().describe('A query. It runs in a read-only transaction.'),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe('The one value that the query must return.'),
  rows: z.literal(0).optional().describe('0: the query must find nothing.'),
  unchanged: z
    .literal(true)
    .optional()
    .describe(
      'The result must be the same as before the migration. `{mark}` in the query is what `mark` returned.',
    ),
  mark: z
    .string()
    .min(1)
    .optional()
    .describe('A query for one value, taken before the migration, such as `select max(id) from orders`.'),
  command: command.optional().describe('A command that must end with exit code 0.'),
  timeoutSeconds: seconds(60).describe('Longest time that the check may take.'),
});

/** One thing that must hold after the migration: a query and what is expected of it, or a command. */
export const verifyCheck = check.superRefine((given, context) => {
  for (const message of contradictions(given)) context.addIssue({ code: 'custom', message });
});

function contradictions({
  sql,
  value,
  rows,
  unchanged,
  mark,
  command: tool,
}: z.output<typeof check>): string[] {
  const faults: string[] = [];
  const expectations = [value, rows, unchanged].filter((each) => each !== undefined);
  if ((sql === undefined) === (tool === undefined)) faults.push('expected either sql or command');
  else if (sql !== undefined && expectations.length !== 1)
    faults.push('expected one of value, rows: 0 or unchanged: true beside sql');
  else if (tool !== undefined && expectations.length)
    faults.push('expected no value, rows or unchanged beside command');
  if (mark !== undefined && !unchanged) faults.push('expected unchanged: true beside mark');
  if (unchanged && mark && !sql?.includes('{mark}'))
    faults.push('expected {mark} in sql, since a mark is given');
  return faults;
}
