import type { Measured } from './measure.js';
import type { Outcome } from './strategies.js';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** For people who watch: one run. */
export function line(of: Measured): string {
  const after =
    of.afterReader === undefined ? '' : `, ${Math.round(of.afterReader)} ms after a reader had left`;
  const done = of.outcome.done ? `done in ${seconds(of.took)}${after}` : of.outcome.why;
  return (
    `worst ${Math.round(of.worst)} ms above idle (99 % in ${of.idleP99.toFixed(1)} ms, slowest ${Math.round(of.idleWorst)}), ` +
    `p99 ${Math.round(of.p99)} ms, ${of.slow} above 250 ms, stalled ${seconds(of.stalled)}; ${done}${of.starved ? ', once all readers were gone' : ''}`
  );
}

/** A row of the table in README.md: the worst of all seeds. */
export function row(name: string, all: readonly Measured[]): string {
  const most = (of: (each: Measured) => number) => Math.max(...all.map(of));
  const slow = all.reduce((sum, each) => sum + each.slow, 0);
  const cells = [
    ...[name, `${Math.round(most(({ worst }) => worst))} ms`, `${Math.round(most(({ p99 }) => p99))} ms`],
    ...[String(slow), seconds(most(({ stalled }) => stalled)), outcomes(all)],
  ];
  return `| ${cells.join(' | ')} |`;
}

export const heading = (about: string): string =>
  `| ${about} | worst above idle | p99 | above 250 ms | stalled | came out |\n|---|--:|--:|--:|--:|---|`;

function outcomes(all: readonly Measured[]): string {
  const done = all.filter(({ outcome }) => outcome.done);
  const starved = done.filter(({ starved: each }) => each).length;
  const after = done.map(({ afterReader }) => afterReader ?? 0);
  const words = done.length
    ? [
        `done, ${seconds(Math.max(...after))} after a reader had left${starved ? `; ${starved} once all were gone` : ''}`,
      ]
    : [];
  const not = all.flatMap(({ outcome }) => (outcome.done ? [] : [shortly(outcome)]));
  const counted = [...new Set(not)].map(
    (why) => `${count(not.filter((each) => each === why).length, all.length)}${why}`,
  );
  return [...words.map((text) => `${count(done.length, all.length)}${text}`), ...counted].join('; ');
}

const count = (some: number, all: number): string => (all === 1 ? '' : `${some} of ${all} `);

const shortly = (outcome: Outcome & { done: false }): string =>
  outcome.stopped ? 'stopped, with the names of the readers' : outcome.why.slice(0, 60);
