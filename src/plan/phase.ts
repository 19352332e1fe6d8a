import type { Finding } from '../domain/plan.js';
import type { ContractStep, JudgedStep, Mentions, Phase, PlanPhase } from '../domain/phase.js';
import { wordOf } from '../domain/phase.js';
import { followColumns, type NewColumns } from '../rules/added-columns.js';
import { contextOf } from '../rules/context.js';
import runningReleaseUses from '../rules/running-release-uses.js';
import { touchesOnlyNew } from '../rules/touched.js';
import { apply } from '../schema/apply.js';
import { emptySchema } from '../schema/empty.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, addedColumn, read } from '../sql/ast.js';
import type { Parsed } from '../sql/parse.js';
import { parse } from '../sql/parse.js';
import { about, whereOf } from './about.js';
import { takenBy } from './contract-steps.js';
import type { PendingRevision } from './facts.js';

/** A revision with its SQL as far as it is known. */
export interface PhasedRevision {
  revision: PendingRevision;
  /** null where nothing of it is known. */
  up: readonly Parsed[] | null;
}

/** The contract steps of all pending revisions, to look for them in the running release. */
export async function contractStepsOf(revisions: readonly PendingRevision[]): Promise<ContractStep[]> {
  const read: PhasedRevision[] = [];
  for (const revision of revisions)
    read.push({ revision, up: await parse(revision.upSql ?? revision.partly?.upSql ?? '') }); // no step is in none
  return phasesOf(read).flatMap(({ steps }) => steps);
}

/** Each revision's phase and contract steps. What the run itself has made is nobody's yet. */
export function phasesOf(revisions: readonly PhasedRevision[]): { phase: Phase; steps: ContractStep[] }[] {
  const schema = emptySchema();
  const { newTables } = contextOf(schema);
  const columns: NewColumns = new Map();
  return revisions.map(({ revision, up }) => {
    let expands = false; // what is not known may take anything away: contract
    const steps: ContractStep[] = [];
    for (const { node } of (up ?? []).flatMap((part) => ('node' in part ? [part] : []))) {
      for (const action of actionsOf(node)) {
        const known = !touchesOnlyNew(action, newTables);
        const taken = known ? takenBy(action, columns) : [];
        steps.push(...taken.map((one) => ({ revision: revision.revision, ...one })));
        expands ||= adds(action);
        if (known) followColumns(columns, action);
        apply(schema, action);
      }
    }
    const unknown = up === null || revision.partly !== undefined;
    return { phase: steps.length > 0 || unknown ? 'contract' : expands ? 'expand' : 'neutral', steps };
  });
}

const adds = (action: Node): boolean =>
  addedColumn(action) !== undefined ||
  (read(action, 'AlterEnumStmt') !== undefined && !read(action, 'AlterEnumStmt')?.oldVal) ||
  [
    'CreateStmt',
    'CreateTableAsStmt',
    'ViewStmt',
    'CreateEnumStmt',
    'CreateDomainStmt',
    'CreateSeqStmt',
    'CreateFunctionStmt',
  ].some((kind) => kind in action);

const order: readonly Phase[] = ['neutral', 'expand', 'contract'];

/** The phase of the whole run, and what its contract steps take from the running release. */
export const phaseOf = (
  phases: readonly { phase: Phase; steps: readonly ContractStep[] }[],
  mentions: Mentions | null,
): PlanPhase => ({
  phase: phases.reduce<Phase>(
    (worst, { phase }) => (order.indexOf(phase) > order.indexOf(worst) ? phase : worst),
    'neutral',
  ),
  steps: phases.flatMap(({ steps }) => steps).map((step) => judged(step, mentions)),
});

function judged(step: ContractStep, mentions: Mentions | null): JudgedStep {
  const found = mentions?.found[wordOf(step)];
  return { ...step, usage: found?.usage ?? 'not known', places: found?.places ?? [] };
}

/** What the running release may still use, with where it says so. */
export const findingsOnUse = (
  revision: PendingRevision,
  steps: readonly JudgedStep[],
  running: string | null,
): Finding[] =>
  steps
    .filter((step) => step.revision === revision.revision && /^(yes|maybe)$/.test(step.usage))
    .map(({ what, usage, places }) => ({
      ...about(
        runningReleaseUses,
        whereOf(revision),
        `it ${what}, which ${running} ${usage === 'yes' ? 'uses' : 'may use'}: ${places.join(', ')}`,
      ),
      breaksRunning: true,
    }));
