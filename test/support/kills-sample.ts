import { randomInt } from 'node:crypto';
import { randomFrom } from './random.js';

export const whole = process.env.LOCKKEEPER_MATRIX === 'whole';
export const seed = Number(process.env.LOCKKEEPER_SEED ?? randomInt(1_000_000));

/** How much longer than in a sample everything may take: the whole matrix keeps a machine busy for an hour. */
export const patience = whole ? 4 : 1;

/** For whoever looks into a failure: a regular expression that the case, as JSON, must match. */
const only = process.env.LOCKKEEPER_CASES;

/** Some of the cases, others each time; all of them for the whole matrix. Says which. */
export function sample<C>(every: readonly C[], size: number): C[] {
  const all = only ? every.filter((each) => new RegExp(only).test(JSON.stringify(each))) : every;
  const random = randomFrom(seed);
  const shuffled = all.map((each) => ({ each, by: random() })).sort((a, b) => a.by - b.by);
  const chosen = whole ? [...all] : shuffled.slice(0, size).map(({ each }) => each);
  process.stderr.write(`${chosen.length} of ${all.length} cases, LOCKKEEPER_SEED=${seed}\n`);
  return chosen;
}

/** What burns the processor is done by so many at a time; most of a case is waiting. */
const BUSY = 3;
const AT_ONCE = whole ? 6 : 12;

export type Busy = <T>(work: () => Promise<T>) => Promise<T>;

/** Does all cases side by side, from the moment when the first result is asked for. */
export function together<C, R>(
  cases: readonly C[],
  act: (each: C, busy: Busy) => Promise<R>,
  atOnce = AT_ONCE,
): (index: number) => Promise<R> {
  let results: Promise<PromiseSettledResult<R>>[] | undefined;
  const [busy, some] = [limited(BUSY), limited(atOnce)];
  return async (index) => {
    results ??= cases.map((each) => settled(some(() => act(each, busy))));
    const result = await results[index]!;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  };
}

/** A failure that nobody waits for yet must not end the process. */
const settled = async <R>(work: Promise<R>): Promise<PromiseSettledResult<R>> =>
  (await Promise.allSettled([work]))[0]!;

function limited(size: number): Busy {
  const waiting: (() => void)[] = [];
  let free = size;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
