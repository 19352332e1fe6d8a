import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const RELEASES = join(process.cwd(), 'examples/shop/releases');
const releases = readdirSync(RELEASES).sort();

/** What may differ from release to release; all else is a copy. */
const OWN = new Set(['RELEASE', 'shop/main.py', 'shop/models.py']);

const filesOf = (release: string): string[] =>
  readdirSync(join(RELEASES, release), { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.includes('__pycache__') && statSync(join(RELEASES, release, file)).isFile())
    .sort();

const read = (release: string, file: string): string => readFileSync(join(RELEASES, release, file), 'utf8');

describe('the releases of the shop', () => {
  it.each(releases.slice(1))(
    '%s has every file of the release before, and no shared file has drifted',
    (release) => {
      const before = releases[releases.indexOf(release) - 1] ?? '';
      const files = filesOf(release);
      for (const file of filesOf(before)) {
        expect(files).toContain(file);
        if (!OWN.has(file))
          expect({ file, text: read(release, file) }).toEqual({ file, text: read(before, file) });
      }
    },
  );

  it.each(releases)(
    '%s is named in its RELEASE file, and its revisions are named as their files',
    (release) => {
      expect(read(release, 'RELEASE')).toBe(`${release}\n`);
      for (const file of filesOf(release).filter((name) => name.startsWith('migrations/versions/'))) {
        const id = /^revision = "(.+)"$/m.exec(read(release, file))?.[1] ?? '';
        expect(file).toBe(`migrations/versions/${id}.py`);
        expect(id.length).toBeLessThanOrEqual(32);
      }
    },
  );

  it.each(releases)('%s is small enough to be read in one go', (release) => {
    const code = filesOf(release).filter((file) => file.startsWith('shop/'));
    const lines = code.flatMap((file) => read(release, file).trimEnd().split('\n'));
    expect(lines.length).toBeLessThanOrEqual(200);
  });
});
