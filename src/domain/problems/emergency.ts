import { Problem } from '../problem.js';

/** Everything is to be stopped, and nobody has said how. */
export const nothingStops = (target: string) =>
  new Problem('nothing-stops', {
    what: 'NOT STOPPED: stop it by hand',
    why: `deploy.stop of ${target} in lockkeeper.yaml has no commands`,
    next: ['write them there for the next time'],
    retry: false,
  });

/** The flag is set, and the site answers as if it were not. */
export const stillServed = (target: string, url: string, seen: string) =>
  new Problem('still-served', {
    what: `NOT CLOSED: the flag is set, and ${url} does not heed it`,
    why: seen,
    next: [
      `nginx must include our lines: lockkeeper init --nginx ${target}`,
      'or stop nginx, or take the site from its load balancer',
    ],
    retry: false,
  });
