import { tmpdir } from 'node:os';
import {
  closedFolder,
  removeFlags,
  removeForNginx,
  writeFlag,
  writeForNginx,
} from '../adapters/closure/flag.js';
import { look, seenText, untilSeen, type Seen } from '../adapters/closure/probe.js';
import { STATE_PATH, type Closure, type Scope } from '../domain/closure.js';
import { maintenancePage } from '../domain/maintenance-page.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems/closure.js';
import type { ClosureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import type { Target } from './home.js';
import type { Work } from './work.js';

/** What closes and opens a site, without asking whose it is. */
export interface Switching {
  target: Target;
  settings: ClosureSettings;
  runId: string;
  work: Work;
}

/** How long nginx may take to answer as closed: it looks for the file at each request. */
export const CONFIRM_MS = 3_000;

/** Closes nginx's way, with pages that have the planned end. @returns whether it was written */
export async function setFlag(
  { flag, page }: ClosureSettings,
  closure: Closure,
  options: { replace: boolean },
): Promise<boolean> {
  const { deadline: until } = closure;
  const scope: Scope = closure.scope ?? 'site';
  for (const [path, first] of pagesOf(page))
    await writeForNginx(path, maintenancePage({ until, scope, first }), { replace: true });
  return writeFlag(flag, closure, options);
}

/** Opens nginx's way, and takes the pages away, whose planned end will be wrong. */
export async function removeFlag(at: Switching): Promise<void> {
  await removeFlags(at.settings.flag);
  await afterFlag(at);
}

/** What is left to do once the flag is gone; harmless twice, for an opening that was killed before it. */
export async function afterFlag(at: Switching): Promise<void> {
  for (const [path] of pagesOf(at.settings.page)) await removeForNginx(path);
  await switched(at, 'open');
}

const pagesOf = (page: string) =>
  [
    [page, 'en'],
    [`${page}.ko`, 'ko'],
  ] as const;

/** The user's own commands, for a site that does not see the flag. @throws those of runCommands */
export async function switched(
  { target, settings, runId, work }: Switching,
  which: 'close' | 'open',
): Promise<void> {
  const environment = { LOCKKEEPER_RUN: runId, LOCKKEEPER_STEP: which, LOCKKEEPER_FLAG: settings.flag };
  const options = { target, runId, step: `${which} site`, environment };
  await runCommands(settings.switch[which], { ...options, timeoutSeconds: settings.timeoutSeconds }, work);
}

/**
 * Asks the site itself whether it is closed as the closure says: a write is sent to nginx's own answer, never to
 * the application.
 *
 * @returns why not; null when it is
 */
export async function confirmClosed(
  target: string,
  settings: ClosureSettings,
  closure: Pick<Closure, 'scope'>,
  signal: AbortSignal,
): Promise<Problem | null> {
  const { url } = settings;
  const scope: Scope = closure.scope ?? 'site';
  const isClosed = (seen: Seen) => seen.status === 503 && seen.closure === target;
  const wait = { waitMs: CONFIRM_MS, signal };
  const other =
    scope === 'site'
      ? await untilSeen(url, isClosed, wait)
      : await untilSeen(stateUrl(url), isClosed, { ...wait, asking: { method: 'POST' } });
  if (other === null) return scope === 'site' ? null : readsGoOn(url, signal);
  if (typeof other === 'string') return problems.siteUnreachable(url, other, 'closed');
  return problems.notClosed(url, seenText(other), await causes(target, settings, other, signal));
}

async function readsGoOn(url: string, signal: AbortSignal): Promise<Problem | null> {
  const seen = await look(url, signal);
  return typeof seen !== 'string' && seen.closure === null ? null : problems.readsClosed(url, seenText(seen));
}

/** Asks whether writes are let in again. @returns what was answered instead; null when they are */
export const writesOpen = ({ url }: ClosureSettings, signal: AbortSignal): Promise<Seen | string | null> =>
  untilSeen(stateUrl(url), ({ closure }) => closure === null, {
    waitMs: CONFIRM_MS,
    signal,
    asking: { method: 'POST' },
  });

const stateUrl = (url: string): string => new URL(STATE_PATH, url).href;

/** Why nginx may not heed the flag, what was found out before what may be. */
async function causes(
  target: string,
  { flag, url, seenAs }: ClosureSettings,
  { closure }: Seen,
  signal: AbortSignal,
): Promise<string[]> {
  if (closure !== null && closure !== target)
    return [
      `closure.url leads to the site of another target, ${closure}: correct it, or the server of nginx`,
    ];
  const state = await look(stateUrl(url), signal);
  const hasLines = typeof state !== 'string' && (state.byNginx || state.closure !== null);
  return [
    ...(hasLines ? [] : problems.linesMissing(target)),
    ...(await unseen(flag, seenAs)),
    'closure.url must be a page that is closed: not the health check, which stays open',
  ];
}

/** Why nginx may not see a file that is there. */
export async function unseen(flag: string, seenAs?: string): Promise<string[]> {
  const folder = await closedFolder(flag);
  const temporary = [tmpdir(), '/tmp', '/var/tmp'].find((each) => flag.startsWith(`${each}/`));
  return [
    ...(folder ? [`nginx cannot enter ${folder}: chmod o+x ${folder}, or put the flag somewhere else`] : []),
    ...(temporary
      ? [`systemd may give nginx a ${temporary} of its own (PrivateTmp): put the flag somewhere else`]
      : []),
    seenAs === undefined
      ? 'nginx in a container must have its folder mounted; at another path: closure.seenAs'
      : `nginx must see the flag as ${seenAs} (closure.seenAs): see what is mounted there`,
    'open_file_cache must be off in that server: it notices the flag late',
  ];
}
