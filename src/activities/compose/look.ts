import { docker } from '../../adapters/compose/docker.js';
import { shortId } from '../../domain/image.js';
import type { Target } from '../home.js';
import type { Work } from '../work.js';
import { runningContainer } from './names.js';
import { composeOf } from './target.js';

export interface ComposeStanding {
  says: string;
  /** What works, and could be better. */
  lacks: readonly string[];
}

/**
 * What there is of docker and compose, and how the services stand. Changes nothing.
 *
 * @returns null where the target is not started by compose
 * @throws Problem of `composeOf`; `docker-unreachable`, `docker-no-rights`
 */
export async function composeStanding(target: Target, { signal }: Work): Promise<ComposeStanding | null> {
  const of = await composeOf(target, signal);
  if (!of) return null;
  const { place, tool, name } = of.project;
  const engine = await docker(place, ['version', '--format', '{{.Server.Version}}']);
  const services = await Promise.all(
    of.services.map(async (service) => {
      const container = await runningContainer({ ...of, pair: null }, service);
      return `${service} ${container ? `${container.status} (${shortId(container.image)})` : 'not there'}`;
    }),
  );
  const unchecked = of.services.filter((service) => {
    const { healthcheck } = of.composed.services[service] ?? {};
    return !healthcheck || healthcheck.disable;
  });
  return {
    says: `compose ${tool.version}, engine ${engine}, project ${name}: ${services.join(', ')}`,
    lacks: unchecked.length
      ? [
          `${unchecked.join(', ')} has no health check in the compose file: health.url alone tells whether it is well`,
        ]
      : [],
  };
}
