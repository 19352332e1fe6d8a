import { recordsOf } from '../records.js';
import type { Target } from '../home.js';
import type { TakenName } from '../../plan/taken-names.js';

/** What is looked for, as each look needs it. */
export interface OldCodeAsked {
  target: Target;
  /** The release that does not use it any more; null: nobody knows. */
  release: string | null;
  /** When its deploy was over: ISO 8601, UTC. */
  since: string;
  /** When the first of its processes was started: what is older than that is not of it. */
  began: string;
  /** Releases that were deployed since; they are newer. */
  later: readonly Deployed[];
  /** null: nobody knows. */
  taken: readonly TakenName[] | null;
}

/** A release that was deployed by a run. */
export interface Deployed {
  release: string;
  planHash: string;
  /** ISO 8601, UTC. */
  began: string;
  ended: string;
}

/** All that were deployed by runs that went well, the newest first. */
export async function deploysOf({ config, name }: Target): Promise<Deployed[]> {
  const records = await recordsOf(config.state, name);
  return records
    .filter(({ outcome }) => outcome === 'done')
    .flatMap(({ facts }) => {
      const plan = facts.findLast((fact) => fact.kind === 'planned')?.plan;
      const ended = facts.findLast((fact) => fact.kind === 'finished' && fact.step === 'deploy');
      const began = facts.find((fact) => fact.kind === 'started' && fact.step === 'deploy');
      if (!plan || !ended || !began) return [];
      return [{ release: plan.release, planHash: plan.planHash, began: began.at, ended: ended.at }];
    })
    .sort((a, b) => b.ended.localeCompare(a.ended));
}

/** What a record says of the end of a deploy, and who waited for it, differ by moments. */
const MOMENT_MS = 60_000;

/** The deploy of a release that was over at a time, and those after it. */
export function around(
  all: readonly Deployed[],
  release: string | null,
  since: string,
): { own: Deployed | undefined; later: Deployed[] } {
  const until = Date.parse(since) + MOMENT_MS;
  const own = all.find((each) => each.release === release && Date.parse(each.ended) <= until);
  const from = own?.ended ?? since;
  return { own, later: all.filter(({ ended }) => ended > from) };
}
