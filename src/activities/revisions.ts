import type { Plan } from '../domain/plan.js';

/**
 * Which of the plan's revisions are in a database that stands at `now`: those that are one of its revisions,
 * or below one. Alembic stores heads only.
 */
export function appliedOf(plan: Pick<Plan, 'revisions'>, now: readonly string[]): string[] {
  const byId = new Map(plan.revisions.map((each) => [each.revision, each]));
  const applied = new Set<string>();
  const visit = (id: string): void => {
    const revision = byId.get(id);
    if (!revision || applied.has(id)) return;
    applied.add(id);
    revision.down.forEach(visit);
  };
  now.forEach(visit);
  return plan.revisions.map((each) => each.revision).filter((each) => applied.has(each));
}
