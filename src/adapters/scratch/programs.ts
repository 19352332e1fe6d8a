import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { noServerPrograms } from '../../domain/problems/rehearsal-place.js';
import { run } from '../run.js';
import { postgresIn, venvFolder } from '../venv.js';

/** What a server is made and started with. */
const NEEDED = ['initdb', 'postgres'] as const;

/**
 * The folder with initdb and postgres of a major version: the one of the settings, one of PATH, one where systems
 * install them, or the PostgreSQL in our own Python environment.
 *
 * @param folder - of the settings; it is looked into first, and may be without a server
 * @throws Problem `no-server-programs`
 */
export async function serverPrograms(folder: string | undefined, major: number): Promise<string> {
  const seen: string[] = [];
  for (const each of new Set(places(folder, major))) {
    if (!NEEDED.every((name) => existsSync(join(each, name)))) continue;
    const { stdout } = await run(join(each, 'postgres'), ['--version']);
    const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
    if (version && Number.parseInt(version, 10) === major) return each;
    if (version) seen.push(`${version} in ${each}`);
  }
  throw noServerPrograms(major, seen);
}

function places(folder: string | undefined, major: number): string[] {
  const embedded = postgresIn(venvFolder());
  return [
    ...(folder ? [folder] : []),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((each) => each.startsWith('/')),
    ...[`/usr/lib/postgresql/${major}/bin`, `/usr/pgsql-${major}/bin`],
    ...(embedded ? [embedded] : []),
  ];
}
