import type { BridgeAsk, Leave } from '../adapters/alembic/events.js';
import type { Forbidden } from '../adapters/alembic/migrate.js';
import type { Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import type { Way } from '../domain/problems/rehearsal.js';
import type { StepInput } from '../domain/steps.js';
import type { Home, Target } from './home.js';
import { keeping } from './keeping.js';
import { keepTheRest, keepWhatGoes, putKeepsakesBack } from './keepsakes.js';
import type { Copy, CopyInput } from './rehearsal-copy.js';
import type { Work } from './work.js';

/** What a plan is taken forward and back on. */
export interface Stage {
  home: Home;
  /** The target on its copy, as `onCopy` makes it. */
  target: Target;
  copy: Copy;
  plan: Plan;
  input: CopyInput;
  forbid: Forbidden | undefined;
}

/** The copy in the target's place. */
export const homeOfCopy = ({ home, target }: Stage): Home => ({
  config: () => home.config(),
  target: () => target,
});

const inputOf = ({ input: { target, runId, planHash } }: Stage): StepInput => ({ target, runId, planHash });

/** Keeps what the plan takes, by the very code that does it in the real run. */
export async function keepOnCopy(stage: Stage, work: Work): Promise<void> {
  if (!stage.plan.keepsakes) return;
  await keepWhatGoes(homeOfCopy(stage), { ...inputOf(stage), owner: 'rehearsal' }, work);
  await keepTheRest(homeOfCopy(stage), inputOf(stage), work);
}

/** A downgrade that does not bring the table back is told of by what is compared. */
export async function putBackOnCopy(stage: Stage, work: Work): Promise<void> {
  if (!stage.plan.keepsakes) return;
  try {
    await putKeepsakesBack(homeOfCopy(stage), inputOf(stage), work);
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'keepsake-moved')) throw error;
  }
}

/** What is moved a second time has another name. */
export const leaveOnCopy = ({ plan, input }: Stage, way: Way): ((ask: BridgeAsk) => Leave | Promise<Leave>) =>
  keeping(plan, `${input.runId}${way === 'forward' ? '' : 'x'}`, () => ({ do: 'go' }));
