import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A process of this host, with where it works. */
export interface HostProcess {
  pid: number;
  parent: number;
  /** Name of its program. */
  name: string;
  arguments: readonly string[];
  /** null: of another user, and not shown to ours. */
  folder: string | null;
  /** ISO 8601, UTC. */
  since: string;
}

/** proc(5): of the kernel's clock, which is 100 wherever PostgreSQL and Node run. */
const TICKS = 100;

/** Whether this system tells what its processes do. */
export const tellsProcesses = process.platform === 'linux';

/** All processes, as /proc has them; those that end meanwhile are left out. */
export async function processesHere(): Promise<HostProcess[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const bootedAt = Number(/^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1]);
  const all = await Promise.all(names.map((name) => processIn(name, bootedAt).catch(() => null)));
  return all.filter((each) => each !== null);
}

async function processIn(name: string, bootedAt: number): Promise<HostProcess | null> {
  const folder = join('/proc', name);
  const [stat, line] = await Promise.all(
    ['stat', 'cmdline'].map((file) => readFile(join(folder, file), 'utf8')),
  );
  // A thread of the kernel has no arguments.
  if (!stat || !line) return null;
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  return {
    pid: Number(name),
    parent: Number(fields[1]),
    name: stat.slice(open + 1, close),
    arguments: line.split('\0').filter(Boolean),
    folder: await readlink(join(folder, 'cwd')).then(
      (path) => path.replace(/ \(deleted\)$/, ''),
      () => null,
    ),
    since: new Date((bootedAt + Number(fields[19]) / TICKS) * 1_000).toISOString(),
  };
}
