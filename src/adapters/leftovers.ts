import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyNow, isAlive, type ProcessIdentity } from './process.js';

const GRACE_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * The tools that work for one target, each noted in a file for as long as it runs. A tool has a process group
 * of its own and outlives a worker that is killed: whoever comes next ends it first, or both would do the same.
 */
export class Leftovers {
  readonly #folder: string;
  readonly #noted: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Notes a tool that was just started, at once: a worker that is killed a moment later has noted it. */
  note(pid: number): void {
    const tool = identifyNow(pid);
    if (!tool) return;
    const path = join(this.#folder, `${pid}.json`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(path, JSON.stringify(tool), { mode: 0o600 });
      this.#noted.push(path);
    } catch {
      // A full disk must not stop the step.
    }
  }

  /** Those that were noted by us have ended. */
  async forget(): Promise<void> {
    for (const path of this.#noted) await rm(path, { force: true });
  }

  /**
   * Ends what an earlier worker left running, with all that it started, and waits until it is gone.
   *
   * @returns how many there were
   */
  async end(): Promise<number> {
    let ended = 0;
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      const tool = await read(path);
      if (await isAlive(tool)) {
        await endGroup(tool!.pid);
        ended += 1;
      }
      await rm(path, { force: true });
    }
    return ended;
  }
}

/** @returns undefined when its writer was killed while it wrote */
async function read(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

async function endGroup(leader: number): Promise<void> {
  const until = performance.now() + GRACE_MS;
  let there = send(leader, 'SIGTERM');
  while (there && performance.now() < until) {
    await sleep(LOOK_EVERY_MS);
    there = send(leader, 0);
  }
  if (there) send(leader, 'SIGKILL');
}

/** @returns whether somebody of the group is still there */
function send(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
