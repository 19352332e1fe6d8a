import { stallTexts } from '../domain/blocked-text.js';
import type { Finding, JudgedStep, Plan, PlanPhase } from '../domain/plan.js';
import { count } from '../domain/units.js';

const SHOWN = 3;

/** What only the run as a whole tells: what it means for the running release, and locks held over revisions. */
export function runLines(plan: Plan): string[] {
  const { phase, heldThrough = [], running, revisions, findings } = plan;
  if (revisions.length === 0) return [];
  return [
    ...findings.filter((one) => one.revision === undefined).map(ofProject),
    ...(phase ? [`Phase: ${phase.phase}${whatIsTaken(phase, running)}`] : []),
    ...(heldThrough.length > 0 ? [held(heldThrough, revisions.length)] : []),
    ...stallTexts(plan),
  ];
}

/** A finding that is of no revision, such as a start command. */
const ofProject = ({ message, file, line, risk, rule }: Finding): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${message} (${risk}) [${rule}]`;

function whatIsTaken({ phase, steps }: PlanPhase, running: string | null): string {
  if (steps.length === 0) return phase === 'contract' ? ' as far as is known: not all of it is' : '';
  const shown = steps.slice(0, SHOWN).map(({ what }) => what);
  const more = steps.length > SHOWN ? ` and ${steps.length - SHOWN} more` : '';
  return `, ${shown.join(', ')}${more}; ${usageOf(steps, running ?? 'the running release')}`;
}

function usageOf(steps: readonly JudgedStep[], release: string): string {
  const used = steps.filter(({ usage }) => usage === 'yes' || usage === 'maybe').length;
  if (used > 0) return `${release} still speaks of ${used === steps.length ? 'it' : `${used} of these`}`;
  return steps.some(({ usage }) => usage === 'not known')
    ? `whether ${release} still uses it is not known`
    : `no file of ${release} speaks of it`;
}

function held(locks: NonNullable<Plan['heldThrough']>, revisions: number): string {
  const shown = locks
    .slice(0, SHOWN)
    .map(({ name, lock, from, to }) => `${lock} on ${name} from ${from} to ${to}`);
  const more = locks.length > SHOWN ? ` and ${locks.length - SHOWN} more` : '';
  return `One transaction for ${count(revisions, 'revision')} holds to its end: ${shown.join(', ')}${more}`;
}
