import { jest } from '@jest/globals';
import * as real from 'node:fs/promises';

/** Thrown where a process was killed: nothing that it would have done after that is done. */
export class Killed extends Error {}

type Call = (...args: unknown[]) => Promise<unknown>;

/** What changes something on the disk. */
const CHANGES = ['rm', 'rmdir', 'rename', 'link', 'mkdir', 'open', 'writeFile'] as const;

/**
 * A disk on which a process can be killed at any of its changes. To be used before what is tested is imported; it has
 * its own `import()` then.
 */
export class CrashingFiles {
  #left = Infinity;
  #dead = false;

  constructor() {
    const fakes = Object.fromEntries(
      CHANGES.map((name) => [
        name,
        async (...args: unknown[]) => {
          // Reading does no harm; after death even that is not done.
          const changes = name !== 'open' || (args[1] !== undefined && args[1] !== 'r');
          if (this.#dead || (changes && (this.#left -= 1) < 0)) {
            this.#dead = true;
            throw new Killed(`killed before ${name} ${String(args[0])}`);
          }
          return (real[name] as unknown as Call)(...args);
        },
      ]),
    );
    jest.unstable_mockModule('node:fs/promises', () => ({ ...real, ...fakes }));
  }

  /** Is killed after so many changes. */
  async killedAfter(changes: number, act: () => Promise<unknown>): Promise<boolean> {
    [this.#left, this.#dead] = [changes, false];
    try {
      await act();
      return false;
    } catch (error) {
      if (!this.#dead) throw error;
      return true;
    } finally {
      [this.#left, this.#dead] = [Infinity, false];
    }
  }
}
