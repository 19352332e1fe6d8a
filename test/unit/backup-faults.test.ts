import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const isThere = (path: string): boolean =>
  existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));

const rows = read('docs/backup-faults.md')
  .split('\n')
  .flatMap((line) => {
    const [, number, , , tests] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return /^\d+$/.test(number ?? '') ? [{ row: Number(number), tests: tests ?? '' }] : [];
  });

/** Tests that a row names: file and the beginning of what the test says. */
const named = rows.flatMap(({ row, tests }) =>
  tests.split('; ').map((each) => {
    const [, file = '', says = ''] = /^`([^`]+)` (.+)$/.exec(each) ?? [];
    const path = file.startsWith('src/') ? file : `test/${file}`;
    return { row, path: [`${path}.test.ts`, `${path}.ts`].find(isThere) ?? file, says };
  }),
);

describe('the page of faults', () => {
  it('has all forty, in their order', () => {
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it.each(named)('row $row: $path has the test "$says"', ({ path, says }) => {
    expect(isThere(path)).toBe(true);
    expect(says).not.toBe('');
    expect(read(path).split(/['"`]/).join('"')).toContain(`"${says.replaceAll(/['"`]/g, '"')}`);
  });

  it('names each case of the matrices by its number', () => {
    const matrices = ['backup/fault-cases-database', 'backup/fault-cases-server', 'backup/fault-cases-tools']
      .concat(['restore/fault-rows', 'restore/kill-cases', 'restore/role-cases', 'restore/server-cases'])
      .map((file) => `services/${file}`);
    const missing = matrices.flatMap((file) =>
      [...read(`test/${file}${isThere(`test/${file}.ts`) ? '' : '.test'}.ts`).matchAll(/^ +row: (\d+),/gm)]
        .map((match) => Number(match[1]))
        .filter((row) => !named.some((each) => each.row === row && each.path.startsWith(`test/${file}.`)))
        .map((row) => `${file}: row ${row}`),
    );
    expect(missing).toEqual([]);
  });
});
