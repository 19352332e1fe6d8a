import type { PythonWay } from '../../domain/backfill/definition.js';
import { Problem } from '../../domain/problem.js';
import { functionUnfit, noFunction } from '../../domain/problems/backfill-function.js';
import type { BridgeResult, Leave, RowsAsk, RowTexts } from '../alembic/events.js';
import { problemOf } from '../alembic/failure.js';
import type { AlembicProject } from '../alembic/project.js';
import { talk } from '../alembic/talk.js';
import type { ValueColumn } from './columns.js';
import { DIED, Refused } from './refusals.js';

/** What a function is given of a row, and gives back. */
export interface RowShape {
  /** The key, then what else it reads. */
  reads: readonly ValueColumn[];
  writes: readonly ValueColumn[];
  /** Columns of the key. */
  width: number;
}

interface Asked {
  ask: RowsAsk;
  leave: (leave: Leave) => void;
}

/** One Python process: as long as there are rows and nobody ends it. */
interface Running {
  /** What it asks next. Rejected once it has ended. */
  next: () => Promise<Asked>;
  /** Settled when it has ended. */
  over: Promise<unknown>;
  end: AbortController;
}

/** A function of the user in a Python process of its own, which is begun anew when it has died. */
export class RowFunction {
  #running: Running | undefined;
  #asked: Asked | undefined;

  /** @param longestMs - that one batch may take */
  constructor(
    private readonly project: AlembicProject,
    private readonly way: PythonWay,
    private readonly shape: RowShape,
    private readonly options: { longestMs: number; signal: AbortSignal },
  ) {}

  /**
   * Starts Python and loads the function, where that is not done yet.
   *
   * @throws Problem `backfill-no-function`, and those of a project whose Python does not start
   */
  async load(): Promise<Asked> {
    this.#running ??= begin(this.project, this.way, this.shape, this.options.signal);
    return (this.#asked ??= await this.#next(this.#running));
  }

  /**
   * @param rows - values of `reads`
   * @returns for each row the values of `writes`, or null for one that stays
   * @throws Refused when the function raised, took too long or died with its process; Problem `backfill-function`
   */
  async call(rows: readonly RowTexts[]): Promise<(RowTexts | null)[]> {
    const { leave } = await this.load();
    this.#asked = undefined;
    leave({ do: 'go', rows });
    const { ask } = (this.#asked = await this.#inTime(this.#running!));
    if (ask.raised !== undefined) throw new Refused('row', 'python', ask.raised);
    if (ask.unfit !== undefined) throw functionUnfit(this.way.function, ask.unfit);
    return JSON.parse(ask.returned ?? '[]') as (RowTexts | null)[];
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (this.#asked) this.#asked.leave({ do: 'go' });
    else running?.end.abort();
    this.#running = this.#asked = undefined;
    await running?.over.catch(() => undefined);
  }

  async #inTime(running: Running): Promise<Asked> {
    const { longestMs } = this.options;
    let late = false;
    const timer = setTimeout(() => ((late = true), running.end.abort()), longestMs);
    try {
      return await this.#next(running);
    } catch (error) {
      if (late) throw new Refused('slow', 'python', `the function took longer than ${longestMs} ms`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(running: Running): Promise<Asked> {
    try {
      return await running.next();
    } catch (error) {
      this.#running = this.#asked = undefined;
      this.options.signal.throwIfAborted();
      if (error instanceof Problem && error.code === 'bridge-died')
        throw new Refused('wait', DIED, error.told.why ?? 'Python ended');
      throw error;
    }
  }
}

/** In a container what lies on the host does not count: people are told of which image it is. */
function failed(said: Extract<BridgeResult, { event: 'failed' }>, { container }: AlembicProject): Problem {
  const problem = problemOf(said);
  const where = container?.where;
  return where && said.kind === 'no-function'
    ? noFunction(said.function, problem.told.why ?? '', where)
    : problem;
}

function begin(
  project: AlembicProject,
  { function: name }: PythonWay,
  shape: RowShape,
  signal: AbortSignal,
): Running {
  const end = new AbortController();
  let waiting: { resolve: (asked: Asked) => void; reject: (error: unknown) => void } | undefined;
  let [come, ended]: [Asked | undefined, { error: unknown } | undefined] = [undefined, undefined];
  const over = talk(
    project,
    'rows',
    { function: name, handshake: true, ...shape },
    {
      signal: AbortSignal.any([signal, end.signal]),
      answer: (ask) =>
        new Promise<Leave>((leave) => {
          const asked = { ask: ask as RowsAsk, leave };
          if (waiting) waiting.resolve(asked);
          else come = asked;
          waiting = undefined;
        }),
    },
  ).then((said) => {
    if (said.event === 'failed') throw failed(said, project);
  });
  const settle = (error: unknown) => {
    ended = { error };
    waiting?.reject(error);
  };
  over.then(() => settle(new Error('the bridge has ended')), settle);
  const next = () =>
    new Promise<Asked>((resolve, reject) => {
      if (come) resolve(come);
      else if (ended) reject(ended.error as Error);
      else waiting = { resolve, reject };
      come = undefined;
    });
  return { next, over, end };
}
