import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { homeAt, type Home } from '../../src/activities/home.js';
import type { Work } from '../../src/activities/work.js';

/** A folder with a lockkeeper.yaml of one target, `shop`, for steps that need no server. */
export class SettingsHome {
  readonly home: Home;

  private constructor(readonly folder: string) {
    this.home = homeAt(this.file);
  }

  static async make(settings: Record<string, unknown> = {}): Promise<SettingsHome> {
    const made = new SettingsHome(await mkdtemp(join(tmpdir(), 'lk-settings-')));
    await made.write(settings);
    return made;
  }

  get file(): string {
    return join(this.folder, 'lockkeeper.yaml');
  }

  write(settings: Record<string, unknown>): Promise<void> {
    const shop = { database: { url: '${NOT_SET}' }, ...settings };
    return writeFile(this.file, stringify({ version: 1, targets: { shop } }));
  }

  remove = (): Promise<void> => rm(this.folder, { recursive: true, force: true });
}

/** Work that nobody watches. */
export const quietWork = (signal = new AbortController().signal): Work => ({
  signal,
  attempt: 1,
  progress: () => undefined,
});
