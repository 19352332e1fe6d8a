import { readdir, readFile } from 'node:fs/promises';

/** Processes that were started in the folder, or of files in it. */
export async function processesIn(place: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(place)).map((line) => line.replaceAll('\0', ' '));
}
