import { patched } from '@temporalio/workflow';
import { closesSite, type PlanSummary } from '../domain/plan.js';
import { rollbackWouldLose } from '../domain/problems/rollback.js';
import { planChanged } from '../domain/problems/run.js';
import type { StepName } from '../domain/record.js';
import { rollbackKeys, type RollbackRequest, type RunResult } from '../domain/requests.js';
import type { DeployBack } from '../domain/rollback.js';
import type { Noted, StepInput, Undone } from '../domain/steps.js';
import { approval } from './approve.js';
import { failWith } from './failures.js';
import { wellFormed } from './requests.js';
import { releaseBack, schemaBack, schemaForward } from './put-back.js';
import { Run } from './run.js';
import { backUp, checkRollback, health, putKeepsakesBack, startRelease, verify } from './steps.js';

export const rollbackSteps = [
  'check',
  'approve',
  'back up',
  'compare',
  'maintenance on',
  'put the release back',
  'put the schema back',
  'put keepsakes back',
  'verify',
  'health',
  'maintenance off',
] as const;

/**
 * Puts back a release that ran before, and then the schema that it had: in this order, because the release before knows
 * nothing of what was added, while the new one needs it. Over several deploys the schema goes back one by one, the newest
 * first, each with its keepsakes: what one has kept belongs to the schema that the one before it has made.
 *
 * A rollback that would lose what was written since is refused before anything is changed.
 */
export async function rollback(request?: RollbackRequest): Promise<RunResult> {
  const { target, ...asked } = wellFormed(request, rollbackKeys);
  const run = new Run('rollback', target, asked.requestedBy, wordsOf(asked));
  const look = () => checkRollback({ ...run.input, ...asked });
  run.willDo(['check']);

  return run.toEnd(async () => {
    const plan = await run.step('check', async () => {
      await run.site.lookBack();
      return look();
    });
    run.planned(plan);
    const way = wayOf(plan, asked);
    run.willDo(rollbackSteps.filter((step) => way.steps[step] ?? true));
    if (way.steps.approve) await run.step('approve', () => approval(run, plan, asked));
    if (way.closes) await run.step('back up', () => backUp({ ...run.for(plan), direction: 'back' }));
    if (way.steps.compare) await run.step('compare', async () => same(plan, await look()));
    await goBack(run, plan, way);
  });
}

/** All that changes something. */
async function goBack(run: Run, plan: PlanSummary, way: Way): Promise<void> {
  if (way.closes) {
    run.undo('maintenance off', run.site.open);
    await run.step('maintenance on', () => run.site.close('a rollback'));
  }

  if (way.steps['put the release back']) {
    run.undo('deploy again', () => deployAgain(run, plan));
    await run.step('put the release back', () => releaseBack(run.for(plan)));
  }

  for (const { planHash, keepsakes, schemaIsBack } of way.back) {
    const one = { ...plan, planHash };
    if (!schemaIsBack) {
      run.undo('migrate again', () => schemaForward(run, one, way.files));
      await run.step('put the schema back', () => whole(run.target, schemaBack(run, one, way.files)));
    }
    if (keepsakes)
      await run.step('put keepsakes back', () => putKeepsakesBack({ ...run.for(one), ...way.files }));
  }

  const back = () => ({ ...run.for(plan), direction: 'back' as const });
  await run.step('verify', () => verify({ ...back(), marks: { measured: [], note: '' } }));
  if (way.steps.health) await run.step('health', () => health(back()));

  if (way.closes) {
    run.commit();
    await run.step('maintenance off', run.site.open);
  }
  await run.site.openInherited();
}

type Asked = Omit<RollbackRequest, 'target'>;

/** What a run is going to do. */
interface Way {
  closes: boolean;
  back: readonly DeployBack[];
  /** The newest release knows all of them. */
  files: Pick<StepInput, 'filesOf' | 'partOf'>;
  /** Which steps it does or leaves out; the others it does. */
  steps: Partial<Record<StepName, boolean>>;
}

/** Runs that began before go back over one deploy, and ask nobody. */
const OVER_DEPLOYS = 'rollback-over-deploys';

function wayOf(plan: PlanSummary, { only }: Asked): Way {
  const isNew = plan.back !== undefined && patched(OVER_DEPLOYS);
  const { planHash, release, keepsakes } = plan;
  const back = isNew ? plan.back! : [{ planHash, release, keepsakes: keepsakes !== undefined }];
  const closes = isNew ? closesSite(plan.procedure) : plan.risk === 'high' || keepsakes !== undefined;
  const asks = isNew && plan.gate.approvals > 0;
  const [newest] = isNew ? back : [];
  const schema = back.some((each) => !each.schemaIsBack);
  const finishes = back.length > 0 && !schema;
  return {
    ...{ closes, back, files: newest ? { filesOf: newest.planHash, partOf: plan.planHash } : {} },
    steps: {
      ...{ approve: asks, 'back up': closes, compare: isNew && (asks || closes) },
      ...{ 'maintenance on': closes, 'maintenance off': closes, health: only === 'schema' || finishes },
      ...{ 'put the release back': only !== 'schema' && !finishes, 'put the schema back': schema },
      'put keepsakes back': back.some((each) => each.keepsakes),
    },
  };
}

const wordsOf = ({ to, only }: Asked): string => {
  const part = only ? `, the ${only === 'app' ? 'release' : 'schema'} alone` : '';
  return `${to === undefined ? 'rollback of the last deploy' : `rollback to ${to}`}${part}`;
};

/** What was approved is what runs. */
function same(plan: PlanSummary, now: PlanSummary): Noted {
  if (plan.planHash === now.planHash) return { note: 'the plan holds' };
  throw failWith(
    planChanged(plan.planHash, [`what would be taken back is now plan ${now.planHash.slice(0, 12)}`]),
  );
}

async function deployAgain(run: Run, plan: PlanSummary): Promise<Undone> {
  const came = await startRelease(run.for(plan));
  await health(run.for(plan));
  return came;
}

/** Written into since the check: then going back would lose it, and the rollback turns around. */
async function whole(target: string, undone: Promise<Undone>): Promise<Undone> {
  const { left, ...rest } = await undone;
  if (left) throw failWith(rollbackWouldLose(target, [left]));
  return rest;
}
