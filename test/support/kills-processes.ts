import { listed } from '../../src/stack/process.js';

/** Processes that work in a folder, by a part of their command line. */
export async function processesIn(folder: string, part: string): Promise<number[]> {
  const all = await listed();
  return all
    .filter((each) => each.folder.startsWith(folder) && each.command.includes(part))
    .map(({ pid }) => pid);
}

/** kill -9. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
}
