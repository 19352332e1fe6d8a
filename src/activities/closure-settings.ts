import { basename, dirname, join, resolve } from 'node:path';
import { noClosure } from '../domain/problems/closure.js';
import type { Peers } from '../domain/nginx-peers.js';
import type { SnippetSettings } from '../domain/nginx-snippet.js';
import type { Target } from './home.js';

/** The settings of a closure with absolute paths. */
export interface ClosureSettings extends Omit<NonNullable<Target['settings']['closure']>, 'flag' | 'page'> {
  flag: string;
  page: string;
}

/** @throws Problem `no-closure` when the target has none */
export function closureSettings({ name, settings, config }: Target): ClosureSettings {
  const { closure } = settings;
  if (!closure) throw noClosure(name);
  const flag = resolve(config.folder, closure.flag);
  return {
    ...closure,
    flag,
    page: closure.page === undefined ? `${flag}.html` : resolve(config.folder, closure.page),
  };
}

/**
 * What nginx must be told of the target's closure. Holds the secret of the bypass: for nginx's file only.
 *
 * @throws Problem `no-closure`, `missing-secret`, `unreadable-secret`
 */
export function snippetSettings(target: Target): SnippetSettings {
  const { flag, page, seenAs = flag, open, bypass } = closureSettings(target);
  const { health } = target.settings;
  const peers = peersOf(target);
  return {
    target: target.name,
    flag: seenAs,
    page: join(dirname(seenAs), basename(page)),
    open: open ?? (health ? [new URL(health.url).pathname] : []),
    ...(peers === null ? {} : { peers }),
    ...(bypass === undefined ? {} : { bypass: target.secret(bypass, 'closure.bypass') }),
  };
}

/** The two places of the application as nginx must know them; null without `deploy.peers`. */
export function peersOf({ name, settings, config }: Target): Peers | null {
  const given = settings.deploy?.peers;
  if (!given) return null;
  const file = given.seenAs ?? resolve(config.folder, given.file);
  return { target: name, addresses: given.addresses, file };
}
