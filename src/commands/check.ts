import { asStateProblem } from '../domain/problems/state.js';
import { atLeast, type Risk } from '../domain/risk.js';
import { fetchRelease, homeAt, planFor } from '../local.js';
import { checkJson } from '../report/check-json.js';
import { checkText } from '../report/check.js';
import type { GlobalOptions, Io } from './io.js';
import { releaseOption } from './release-option.js';
import { commandWork } from './work.js';

export interface CheckOptions extends GlobalOptions {
  release?: string;
  failOn?: Risk;
}

/**
 * Says what would run, and how dangerous it is. Needs no Temporal, changes nothing.
 *
 * @returns 1 when the risk is at or above --fail-on, else 0
 */
export async function checkCommand(
  targetName: string | undefined,
  options: CheckOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const work = commandWork(io);
  const request = { target: target.name, runId: 'check', ...releaseOption(options) };
  const plan = await fetchRelease(homeAt(options.config), request, work)
    .then((release) => planFor(target, release, work))
    .catch((error: unknown) => {
      throw asStateProblem(error, target.config.state);
    });
  io.out(io.json ? JSON.stringify(checkJson(plan), null, 2) : checkText(plan));
  return options.failOn && plan.revisions.length && atLeast(plan.risk, options.failOn) ? 1 : 0;
}
