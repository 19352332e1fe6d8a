import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../src/adapters/lock.js';
import { shell } from '../../../src/adapters/shell.js';

const VERSION = '2.40.3';
const MODULE = 'github.com/docker/compose/v2';
/** Outside of the repository: nothing of ours is in it, and the next checkout needs no other one. */
const cache = join(homedir(), '.cache', 'lockkeeper');
const folder = join(cache, `compose-v${VERSION}`);

/**
 * Compose 2 as the docker CLI's plugin, built once, in six minutes, from the sources that Go's module proxy has: Debian has
 * no package of it. Needs Go.
 *
 * @returns the DOCKER_CONFIG in which the CLI finds it
 */
export async function composeV2(): Promise<string> {
  await mkdir(cache, { recursive: true });
  return withLock(
    `${folder}.lock`,
    async () => {
      const plugin = join(folder, 'cli-plugins', 'docker-compose');
      if (existsSync(plugin)) return folder;
      await build(`${plugin}.new`);
      await rename(`${plugin}.new`, plugin);
      return folder;
    },
    { waitMs: 20 * 60_000 },
  );
}

/** `go install` refuses it, because its go.mod leaves out some versions: it is built as a module of its own. */
async function build(binary: string): Promise<void> {
  const [go, sources] = [join(cache, 'go'), join(cache, 'compose-src')];
  const env = {
    GOPATH: join(go, 'path'),
    GOCACHE: join(go, 'cache'),
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=mod',
  };
  const run = (args: readonly string[], cwd: string) => shell({ file: 'go', args, cwd, env });
  const { stdout } = await run(['mod', 'download', '-json', `${MODULE}@v${VERSION}`], cache);
  await rm(sources, { recursive: true, force: true });
  await cp((JSON.parse(stdout) as { Dir: string }).Dir, sources, { recursive: true });
  await shell({ file: 'chmod', args: ['-R', 'u+w', sources] });
  const named = `-s -w -X ${MODULE}/internal.Version=v${VERSION}`;
  await run(['build', '-trimpath', '-ldflags', named, '-o', binary, './cmd'], sources);
  await rm(sources, { recursive: true });
}
