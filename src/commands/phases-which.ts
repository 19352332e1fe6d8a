import type { Client } from '@temporalio/client';
import { connected, hasWorker, latestRun, type LatestRun } from '../client.js';
import { phasesIdOf } from '../domain/phases/request.js';
import { noPhases } from '../domain/problems/phased-run.js';
import { workerSilent } from '../domain/problems/temporal.js';
import { wrongUse } from '../domain/problems/use.js';
import { changesOf, homeAt, type Home, type Target } from '../local.js';
import type { GlobalOptions } from './io.js';

/** A change of a target. */
export interface OfChange {
  target: Target;
  change: string;
}

/**
 * Which change is meant by `[target] [CHANGE]`: each may be left out where there is only one.
 *
 * @throws Problem `wrong-use`, `no-target`
 */
export async function whichChange(
  home: Home,
  first: string | undefined,
  second: string | undefined,
  what: string,
): Promise<OfChange> {
  const isChange = second === undefined && first !== undefined && !(first in home.config().targets);
  const target = home.target(isChange ? undefined : first);
  const change = isChange ? first : second;
  if (change !== undefined) return { target, change };
  const open = (await changesOf(target.config.state, target.name)).filter(({ closed }) => !closed);
  if (open.length === 1) return { target, change: open[0]!.change };
  throw wrongUse(
    open.length
      ? `say which change: ${open.map((each) => each.change).join(', ')}`
      : `no change of ${target.name} is under way here: say which`,
    what,
  );
}

interface FoundChange extends OfChange {
  client: Client;
  run: LatestRun;
}

/** @throws Problem `no-phases`, `worker-silent`, those of whichChange; or why Temporal cannot be reached */
export async function withChange<T>(
  [first, second]: readonly (string | undefined)[],
  options: GlobalOptions,
  what: string,
  act: (found: FoundChange) => Promise<T>,
): Promise<T> {
  const of = await whichChange(homeAt(options.config), first, second, what);
  const { target, change } = of;
  return connected(target.config.state, async (client) => {
    const run = await latestRun(client, phasesIdOf(target.name, change));
    if (!run) throw noPhases(target.name, change, await known(target));
    if (!(await hasWorker(client, target.config.taskQueue))) throw workerSilent(target.name);
    return act({ ...of, client, run });
  });
}

const known = async ({ config, name }: Target): Promise<string[]> =>
  (await changesOf(config.state, name)).map(({ change }) => change);
