import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { upstreamsOf } from '../domain/nginx-peers.js';
import { nginxSnippet } from '../domain/nginx-snippet.js';
import { settingsNotWritten } from '../domain/problems/init.js';
import { nginxSteps } from '../init/nginx-steps.js';
import { homeAt, peersOf, snippetSettings } from '../local.js';

/**
 * Writes what nginx needs into the state folder, readable for its owner only: it holds the secret of the bypass.
 *
 * @param where - nginx's own configuration, for people
 * @returns what was written and what is to be done with it, for people
 * @throws Problem `no-closure`, `missing-secret`, `unreadable-secret`, `unfit-for-nginx`, `settings-not-written`
 */
export async function writeNginxFiles(
  config: string | undefined,
  targetName: string | undefined,
  where: string,
): Promise<string[]> {
  const target = homeAt(config).target(targetName);
  const folder = join(target.config.state, 'nginx');
  const server = join(folder, `${target.name}.conf`);
  const peers = peersOf(target);
  const upstreams = peers ? join(folder, `${target.name}-upstreams.conf`) : null;
  const snippet = snippetSettings(target);
  write(folder, server, nginxSnippet(snippet));
  if (peers && upstreams) write(folder, upstreams, upstreamsOf(peers));
  const { url } = target.settings.closure!;
  return nginxSteps({ target: target.name, server, upstreams, where, url, flag: snippet.flag });
}

function write(folder: string, path: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw settingsNotWritten(path, (error as Error).message);
  }
}
