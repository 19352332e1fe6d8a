import { createRequire } from 'node:module';

// Jest's own; it comes with jest, which the project depends on.
const Sequencer = createRequire(createRequire(import.meta.url).resolve('jest'))(
  '@jest/test-sequencer',
).default;

/** Files that take minutes: begun last, one of them would run alone at the end, on one of the cores. */
const SLOW = [
  ...['package', 'kills-servers', 'demo', 'worker-away', 'schema-model', 'kills-closed', 'kills-cancel'],
  ...['surprises', 'blocked', 'look-first', 'end-to-end/kills', 'temporal-cli', 'web-ui', 'catalog-versions'],
];

/** Without times of earlier runs jest begins with the largest files, and a fresh clone has no times. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = SLOW.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return place < 0 ? SLOW.length : place;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
