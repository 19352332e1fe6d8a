import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { backfillIdOf } from '../domain/backfill/request.js';
import type { PhasesRequest } from '../domain/phases/request.js';
import type { Filling, PlannedChange, PlannedPhase, RevisionPhase } from '../domain/phases/settings.js';
import type { PhaseLine } from '../domain/phases/status.js';
import type { Failure } from '../domain/record.js';
import { workflowIdOf, type DeployRequest, type RunResult } from '../domain/requests.js';
import type { BackfillResult } from './backfill.js';
import { childOf, type Came } from './phases-child.js';
import type { PhasesWatch } from './phases-watch.js';

/** What a phase came to. `later`: people want something else, or what it needs is not free. */
export type Acted = { done: Partial<PhaseLine> } | { failure: Failure } | 'later';

export interface PhaseToDo {
  asked: PhasesRequest;
  plan: PlannedChange;
  phase: PlannedPhase;
  /** What ran when it began. */
  running: string | null;
  /** Who said that it shall begin; else who began the change. */
  by: string;
}

/** Does one phase: an ordinary run of the target, or a backfill beside it. */
export async function act(watch: PhasesWatch, todo: PhaseToDo): Promise<Acted> {
  const { phase } = todo.phase;
  if (phase === 'backfill') return fill(watch, todo);
  const { target } = todo.asked;
  const came = await childOf<RunResult>(watch, {
    ...{ workflow: 'deploy', workflowId: workflowIdOf(target), phase },
    request: requestFor(todo),
  });
  return acted(came, ({ planHash, release }) => ({
    says: release ? `release ${release}` : '',
    before: todo.running,
    ...(planHash ? { planHash } : {}),
    ...(release ? { release } : {}),
  }));
}

function requestFor({ asked: { target, change }, phase: { phase, release }, by }: PhaseToDo): DeployRequest {
  const of = { target, requestedBy: by, ...(release === null ? {} : { release }) };
  if (phase === 'deploy') return { ...of, migrate: 'auto' };
  return { ...of, migrate: 'auto', withoutDeploy: true, upTo: `${phase as RevisionPhase} of ${change}` };
}

function acted<T>(came: Came<T>, line: (result: T) => Partial<PhaseLine>): Acted {
  if (!came) return 'later';
  return 'failure' in came
    ? { failure: came.failure }
    : { done: { ...line(came.result), runId: came.runId } };
}

/** One after the other: they are of different tables, and each may take the server's room to work. */
async function fill(watch: PhasesWatch, { asked, plan, by }: PhaseToDo): Promise<Acted> {
  const again = watch.status.lines.some(({ phase, says }) => phase === 'backfill' && says === TAKEN_BACK);
  const ended: string[] = [];
  let runId: string | undefined;
  for (const one of plan.fills) {
    const came = await fillOne(watch, asked.target, one, { again, requestedBy: by });
    if (came === undefined) return 'later';
    if ('failure' in came) {
      if (came.failure.code !== 'backfill-done') return { failure: came.failure };
      ended.push(`${one.name}: ${came.failure.what}`);
      continue;
    }
    runId = came.runId;
    if (came.result.outcome !== 'done' && watch.isInterrupted()) return 'later';
    if (came.result.outcome !== 'done')
      return {
        failure: { code: 'backfill-stopped', what: `backfill ${one.name}: ${came.result.says}`, next: [] },
      };
    ended.push(`${one.name}: ${came.result.changed} rows changed, ${came.result.says}`);
  }
  return { done: { says: ended.join('; ').slice(0, 300), ...(runId ? { runId } : {}) } };
}

/** What stands at a backfill whose rows were left as they are. */
export const TAKEN_BACK = 'taken back: rows stay as they are';

/** `back` and `abandon` stop it; `pause` and `resume` are passed on. */
async function fillOne(
  watch: PhasesWatch,
  target: string,
  { name, settings }: Filling,
  how: { again: boolean; requestedBy: string },
): Promise<Came<BackfillResult>> {
  const workflowId = backfillIdOf(target, name);
  const tell = (word: 'pause' | 'resume' | 'stop', by: string) =>
    void getExternalWorkflowHandle(workflowId)
      .signal(word, { by })
      .catch(() => undefined); // it has ended meanwhile
  const request = {
    target,
    name,
    settings,
    requestedBy: how.requestedBy,
    ...(how.again ? { again: true } : {}),
  };
  watch.pass = tell;
  const stop = new CancellationScope();
  void stop
    .run(async () => {
      const { wanted } = watch;
      await condition(() => wanted.back !== null || wanted.abandon !== null);
      tell('stop', (wanted.back ?? wanted.abandon)?.by ?? 'not said');
    })
    .catch(() => undefined);
  try {
    return await childOf<BackfillResult>(watch, {
      workflow: 'backfill',
      workflowId,
      request,
      phase: 'backfill',
    });
  } finally {
    stop.cancel();
    watch.pass = () => undefined;
  }
}
