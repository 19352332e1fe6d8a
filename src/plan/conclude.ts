import type { RehearsalConclusion } from '../domain/conclusion.js';
import type { Plan } from '../domain/plan.js';
import { planHashOf } from './canonical.js';

/** The plan with what its rehearsal showed: a new plan, with a hash of its own. */
export function concluded({ planHash: _, ...content }: Plan, rehearsal: RehearsalConclusion): Plan {
  const final = { ...content, rehearsal };
  return { ...final, planHash: planHashOf(final) };
}
