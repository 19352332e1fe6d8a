import { z } from 'zod';
import { isReleaseName } from '../domain/release-name.js';
import { isChangeName } from '../domain/phased.js';
import { changeFaults } from '../domain/problems/phased-run.js';
import { MOST_DAYS, phaseNames, spanIn, type PhaseName } from '../domain/phases/settings.js';
import { backfillSchema } from './backfill.js';
import { faultsOf, type SettingPath } from './faults.js';
import { readYaml } from './yaml.js';

const span = z
  .string()
  .refine((text) => spanIn(text) !== undefined, `expected 0s, 30m, 12h, 7d, and at most ${MOST_DAYS} days`);

const release = z.string().refine(isReleaseName, 'expected the name of a release').optional();

const phase = (after: string, ask: boolean) => ({
  release: release.describe(
    'Whose revision files are run, or which is started. Without it: the release that is next when its turn comes.',
  ),
  after: span.default(after).describe('How long after the end of the phase before: `0s`, `12h`, `7d`.'),
  ask: z.boolean().default(ask).describe('Whether somebody must say `lockkeeper phases go` besides.'),
});

const plain = () => z.strictObject(phase('0s', false)).prefault({});

/** One backfill's settings, in place. */
const filling = z
  .record(z.string(), z.unknown())
  .superRefine((given, context) => {
    const checked = backfillSchema.safeParse(given);
    for (const { path, message } of checked.error?.issues ?? [])
      context.addIssue({ code: 'custom', message, path: [...path] });
  })
  .describe('What a file of `lockkeeper backfill start` says: docs/backfill.md.');

/** A file of one change. */
export const changeSchema = z.strictObject({
  change: z
    .string()
    .refine(isChangeName, 'expected 1 to 40 of a-z, 0-9 and . _ -')
    .describe('Its name: what `# lockkeeper: phase expand of NAME` says in its revisions.'),
  release: release.describe('The release of all phases that name none.'),
  expand: plain().describe('Adds what is new. Its revisions run with the release before the code.'),
  deploy: plain().describe('Starts the release that uses what is new.'),
  backfill: z
    .strictObject({
      after: phase('0s', false).after,
      ask: phase('0s', false).ask,
      none: z.boolean().default(false).describe('There is no data to move.'),
      settings: z
        .union([filling, z.array(filling).min(1).max(5)])
        .optional()
        .describe(
          'Of one backfill, or of several. Without it: CHANGE.backfill.yaml beside the revisions, as `phases new` writes it.',
        ),
    })
    .refine(({ none, settings }) => !(none && settings), 'expected either none or settings')
    .prefault({})
    .describe('Moves the data.'),
  constrain: plain().describe('Binds what is new by constraints.'),
  contract: z
    .strictObject({
      ...phase('7d', true),
      proofEvery: span
        .refine((text) => (spanIn(text) ?? 0) >= 10_000, 'expected at least 10s')
        .default('10m')
        .describe('How long between two looks for old code.'),
    })
    .prefault({})
    .describe('Takes away what is old, once no old code is left.'),
});

export type ChangeSettings = z.output<typeof changeSchema>;

/**
 * The settings of a change as they came with a request.
 *
 * @param given - all but its name
 * @throws Problem `change-faults`, all of them at once
 */
export function changeOf(change: string, given: unknown = {}): ChangeSettings {
  const checked = changeSchema.safeParse({ ...(given as object), change }, { reportInput: true });
  if (checked.success) return checked.data;
  throw changeFaults(`the change ${change}`, shownFaults(checked.error.issues));
}

/** Which phases the settings speak of: those must have something to do. */
export const spokenOf = (given: Readonly<Record<string, unknown>> = {}): PhaseName[] =>
  phaseNames.filter((name) => given[name] !== undefined);

/**
 * A change file, as it is sent: its name, and the rest without what is its default.
 *
 * @throws Problem `change-faults`, each with its line
 */
export function changeFile(
  text: string,
  path: string,
): { change: string; settings: Record<string, unknown> } {
  const given = readYaml(text);
  if ('faults' in given) throw changeFaults(path, given.faults);
  const checked = changeSchema.safeParse(given.value ?? {}, { reportInput: true });
  if (!checked.success) {
    const line = (at: SettingPath) => `line ${given.lineOf(at)}: `;
    throw changeFaults(path, shownFaults(checked.error.issues, line));
  }
  const { change, ...settings } = given.value as Record<string, unknown>;
  return { change: String(change), settings };
}

const shownFaults = (
  issues: Parameters<typeof faultsOf>[0],
  line: (path: SettingPath) => string = () => '',
): string[] =>
  faultsOf(issues).map(
    ({ path, says }) => `${line(path)}${path.map(String).join('.') || 'the file'}: ${says}`,
  );
