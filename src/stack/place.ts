import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

export { venvFolder } from '../adapters/venv.js';

/** Where all that belongs to one project's servers lies. */
export interface Place {
  /** The folder of lockkeeper.yaml, without symbolic links. */
  home: string;
  /** `.lockkeeper` in it. */
  folder: string;
  state: string;
  lock: string;
  logs: string;
  postgres: string;
  temporal: string;
  nginx: string;
}

export function placeOf(home: string): Place {
  const real = realpathSync(resolve(home));
  const folder = join(real, '.lockkeeper');
  return {
    home: real,
    folder,
    state: join(folder, 'stack.json'),
    lock: join(folder, 'stack.lock'),
    logs: join(folder, 'logs'),
    postgres: join(folder, 'postgres'),
    temporal: join(folder, 'temporal'),
    nginx: join(folder, 'nginx'),
  };
}
