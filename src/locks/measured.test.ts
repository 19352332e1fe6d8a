import { fileURLToPath } from 'node:url';
import { cases } from '../../scripts/lock-matrix/cases/index.js';
import { compared, faults, known } from '../../scripts/lock-matrix/compare.js';
import { fixtureSchema, predictOffline } from '../../scripts/lock-matrix/offline.js';
import { readRecord, recordedMajors } from '../../scripts/lock-matrix/record.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const majors = recordedMajors(root);

/** What `npm run lock-matrix -- --record` has seen real servers do is what the model says, without a server. */
describe.each(majors)('PostgreSQL %i', (major) => {
  it('does what the model says', async () => {
    const schema = await fixtureSchema(major);
    const { cases: measured } = readRecord(root, major) ?? { cases: {} as Record<string, string> };
    const asked = cases.filter(({ id }) => measured[id] !== undefined);
    const differing = [];
    for (const one of asked)
      differing.push(
        ...[compared(one.id, measured[one.id] ?? '', await predictOffline(one, schema, major))].flatMap(
          (each) => each ?? [],
        ),
      );
    expect(differing.filter(({ id }) => !known[id])).toEqual([]);
    expect(faults(asked.length, differing)).toEqual([]);
  });
});

it('was measured on 15 and 18 at least, with every case that these know', () => {
  expect(majors).toEqual(expect.arrayContaining([15, 18]));
  for (const major of majors) {
    const wanted = cases.filter(({ from, until }) => from <= major && major <= until).map(({ id }) => id);
    expect(Object.keys(readRecord(root, major)?.cases ?? {})).toEqual(wanted);
  }
});

it('has cases with names of their own', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
});
