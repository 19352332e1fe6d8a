import type { VerifyCheck } from '../config/schema.js';
import { Problem } from '../domain/problem.js';
import { verificationFailed } from '../domain/problems/commands.js';
import type { Marks, Noted, RunInput, StepInput } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import { ask, measure, oneValue } from './measure.js';
import { readPlan } from './plans.js';
import { revisionsOf, sameRevisions } from './standing.js';
import type { Work } from './work.js';

/**
 * Proves that the database is at the revisions it should be at, and that the target's own checks hold. All
 * are tried, so that all faults are told at once. On the way back only the revisions are looked at: the checks
 * are those of the new release.
 *
 * @throws Problem `verification-failed`
 */
export async function verify(
  home: Home,
  input: StepInput & { marks: Marks; unmeasured?: boolean },
  work: Work,
): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const wanted = input.direction === 'back' ? plan.from : plan.to;
  const { revisions } = await revisionsOf(target, plan.versionTable, work.signal);
  const at = `at ${revisions.join(', ') || 'base'}`;
  if (!sameRevisions(revisions, wanted))
    throw verificationFailed([`the database is ${at}, not at ${wanted.join(', ') || 'base'}`]);
  if (input.direction === 'back') return { note: at };

  const { verify: all } = target.settings;
  // Nobody has measured what they would compare with.
  const checks = input.unmeasured ? all.filter(({ unchanged }) => !unchanged) : all;
  await ownChecks(target, checks, input, work);
  return { note: `${at}, ${count(checks.length, 'check')} passed` };
}

/** Makes checks of the target, all of them, so that all faults are told at once. @throws Problem `verification-failed` */
export async function ownChecks(
  target: Target,
  checks: readonly VerifyCheck[],
  input: RunInput & { marks: Marks },
  work: Work,
): Promise<void> {
  const failed: string[] = [];
  for (const check of checks) {
    work.progress(check.name);
    const why = await whatIsWrong(target, check, input, work);
    if (why) failed.push(`${check.name}: ${why}`);
  }
  if (failed.length) throw verificationFailed(failed);
}

async function whatIsWrong(
  target: Target,
  check: VerifyCheck,
  { runId, marks }: RunInput & { marks: Marks },
  work: Work,
): Promise<string | null> {
  try {
    if (check.command !== undefined) {
      const options = {
        target,
        runId,
        step: 'verify',
        environment: {},
        timeoutSeconds: check.timeoutSeconds,
      };
      await runCommands([check.command], options, work);
      return null;
    }
    if (check.unchanged) return await whatChanged(target, check, marks, work.signal);
    if (check.rows === 0) return await whatWasFound(target, check, work.signal);
    const value = await oneValue(target, check.sql ?? '', check, work.signal);
    return value === String(check.value) ? null : `it is ${value ?? 'NULL'}, not ${String(check.value)}`;
  } catch (error) {
    if (error instanceof Problem && !error.told.retry) return error.message;
    throw error;
  }
}

async function whatChanged(
  target: Target,
  check: VerifyCheck,
  marks: Marks,
  signal: AbortSignal,
): Promise<string | null> {
  const before = marks.measured.find((each) => each.check === check.name);
  if (!before) return 'it was not measured before the migration: the settings were changed during the run';
  const now = await measure(target, check, before.mark, signal);
  return now === before.value ? null : `it was ${before.value} before, and is ${now} now`;
}

async function whatWasFound(target: Target, check: VerifyCheck, signal: AbortSignal): Promise<string | null> {
  const { rows } = await ask(target, check.sql ?? '', check, signal);
  if (!rows.length) return null;
  return `${count(rows.length, 'row')} found, such as (${rows[0]!.map((each) => each ?? 'NULL').join(', ')})`;
}
