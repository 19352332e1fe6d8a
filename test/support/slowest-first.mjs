import { createRequire } from 'node:module';
import { SECONDS } from './in-turns.mjs';

// Jest's own; it comes with jest, which the project depends on.
const Sequencer = createRequire(createRequire(import.meta.url).resolve('jest'))(
  '@jest/test-sequencer',
).default;

/** Seconds of those that always run: begun last, one of them would run alone at the end, on one of the cores. */
const ALWAYS = {
  'end-to-end/web-ui': 112,
  'end-to-end/compose': 60,
  'end-to-end/kills': 60,
  'end-to-end/cli': 40,
};
const KNOWN = Object.entries({ ...SECONDS, ...ALWAYS });

/** Without times of earlier runs jest begins with the largest files, and a fresh clone has no times. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    const seconds = ({ path }) => KNOWN.find(([name]) => path.endsWith(`/${name}.test.ts`))?.[1] ?? 0;
    return super.sort(tests).sort((a, b) => seconds(b) - seconds(a));
  }
}
