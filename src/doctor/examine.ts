import { Problem } from '../domain/problem.js';
import { asStateProblem } from '../domain/problems/state.js';
import type { Target, Work } from '../local.js';
import { examinations, type Finding } from './examinations.js';

/** Does all examinations, in their order. What one fault is the cause of is told once. */
export async function examine(
  target: Target,
  work: Work,
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [what, look] of examinations) {
    work.signal.throwIfAborted();
    const finding = await look(target, work).then(
      (result) => result && { what, ...result },
      (error: unknown) => faultOf(what, error, target, found),
    );
    if (!finding) continue;
    found.push(finding);
    onFinding(finding);
  }
  return found;
}

function faultOf(what: string, error: unknown, { config }: Target, found: readonly Finding[]): Finding {
  const problem = asStateProblem(error, config.state);
  const says = (problem as Error).message.replace(/\s*\n\s*/g, ' ');
  const isOfState = problem instanceof Problem && problem.code === 'state-not-writable';
  const told = found.filter(({ state }) => state === 'fault');
  const cause = told.find((each) => each.says === says || (isOfState && each.what === 'state folder'));
  if (cause) return { what, state: 'unknown', says: `not to be told before this is mended: ${cause.what}` };
  return { what, state: 'fault', says, next: problem instanceof Problem ? problem.told.next : [] };
}
