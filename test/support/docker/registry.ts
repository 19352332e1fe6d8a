import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../free-port.js';
import { until } from '../project.js';

export interface Registry {
  /** `127.0.0.1:5000`: what names of its images begin with. */
  at: string;
  stop: () => Promise<void>;
}

/** Debian's docker-registry, on loopback. @param folder - where it keeps what it has */
export async function startRegistry(folder: string): Promise<Registry> {
  const at = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  const storage = { filesystem: { rootdirectory: join(folder, 'registry') } };
  await writeFile(config, stringify({ version: 0.1, storage, http: { addr: at } }));
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const answers = () =>
    fetch(`http://${at}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, 30_000, 'the registry');
  return {
    at,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
