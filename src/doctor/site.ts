import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { look, seenText, untilSeen, type Asking, type Seen } from '../adapters/closure/probe.js';
import { removeFlags, removeForNginx, writeForNginx } from '../adapters/closure/flag.js';
import { shell, ToolFailed } from '../adapters/shell.js';
import { probeFlag, PROBE_PATH, writesFlag } from '../domain/closure.js';
import { PEER_PATH } from '../domain/nginx-peers.js';
import { linesMissing } from '../domain/problems/closure.js';
import { closureSettings, unseen, type Target, type Work } from '../local.js';
import type { Found } from './examinations.js';

const WAIT_MS = 3_000;
const WRITE: Asking = { method: 'POST' };

/**
 * Tries on the open site whether its flag would close it: the probe goes the same way through nginx, with flags
 * of its own. Visitors notice nothing.
 *
 * @throws Problem `flag-not-writable`, `missing-secret`, `unreadable-secret`
 */
export async function siteSwitch(target: Target, { signal }: Work): Promise<Found> {
  if (!target.settings.closure)
    return {
      state: 'warning',
      says: 'closure is not set: changes that need a closed site are refused',
      next: ['set closure.flag and closure.url'],
    };
  const { url, flag, seenAs } = closureSettings(target);
  const probe = new URL(PROBE_PATH, url).href;
  const before = await look(probe, signal);
  if (typeof before === 'string' || !before.byNginx) return withoutLines(target, probe, before);
  const own = probeFlag(flag);
  try {
    const tried = await tryFlags(target, probe, own, signal);
    if (typeof tried === 'number')
      return { state: 'ok', says: `${url} would be closed within ${tried} ms: tried on ${PROBE_PATH}` };
    return { state: 'fault', says: tried.says, next: tried.next ?? (await unseen(own, seenAs)) };
  } finally {
    await removeFlags(own);
  }
}

const withoutLines = (target: Target, probe: string, seen: Seen | string): Found =>
  typeof seen === 'string'
    ? { state: 'fault', says: `${probe}: ${seen}`, next: ['see whether nginx runs', 'correct closure.url'] }
    : {
        state: 'fault',
        says: `${probe}: ${seenText(seen)}, not in our words`,
        next: linesMissing(target.name),
      };

/** @returns how long it took until all answers were closed, in milliseconds, or what is wrong */
async function tryFlags(
  target: Target,
  probe: string,
  flag: string,
  signal: AbortSignal,
): Promise<number | { says: string; next?: string[] }> {
  const closed = ({ status, closure }: Seen) => status === 503 && closure === target.name;
  const open = ({ byNginx }: Seen) => byNginx;
  const until = (wanted: (seen: Seen) => boolean, asking?: Asking) =>
    untilSeen(probe, wanted, { waitMs: WAIT_MS, signal, ...(asking ? { asking } : {}) });
  await writeForNginx(flag, 'probe', { replace: true });
  const began = performance.now();
  const notClosed = await until(closed);
  const took = Math.round(performance.now() - began);
  if (notClosed) return { says: `${flag} is there, and nginx does not close: ${seenText(notClosed)}` };
  const passes = await bypassed(target, probe, signal);
  if (passes) return passes;
  await removeFlags(flag);
  const notOpen = await until(open);
  if (notOpen)
    return {
      says: `${flag} is gone, and nginx closes still: ${seenText(notOpen)}`,
      next: ['open_file_cache must be off in that server: it notices the flag late'],
    };
  await writeForNginx(writesFlag(flag), 'probe', { replace: true });
  const writes = (await until(closed, WRITE)) ?? (await until(open));
  return writes ? { says: `writes only cannot be closed: ${seenText(writes)}` } : took;
}

async function bypassed(target: Target, probe: string, signal: AbortSignal) {
  const { bypass } = target.settings.closure ?? {};
  if (bypass === undefined) return null;
  const secret = target.secret(bypass, 'closure.bypass');
  for (const headers of [{ 'x-lockkeeper-bypass': secret }, { cookie: `lockkeeper_bypass=${secret}` }]) {
    const seen = await look(probe, signal, { headers });
    if (typeof seen !== 'string' && seen.byNginx) continue;
    return {
      says: `closure.bypass does not let operators pass as ${Object.keys(headers)[0]}: ${seenText(seen)}`,
      next: linesMissing(target.name),
    };
  }
  return null;
}

/** Whether nginx would start again. It runs on with what it has read, so this is for the next restart. */
export async function nginxConfiguration(target: Target, { signal }: Work): Promise<Found | null> {
  const { closure } = target.settings;
  if (!closure) return null;
  const command = closure.nginx;
  if (!command) return { state: 'ok', says: 'not tested: closure.nginx does not say how it is called' };
  try {
    await shell(target.command([...command, '-t'], {}), { signal });
    return { state: 'ok', says: `${command.join(' ')} -t accepts it` };
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const says = `nginx refuses its configuration, and would not start again: ${error.lastWords()}`;
    return { state: 'fault', says: target.mask(says), next: ['mend it; do not reload or restart it before'] };
  }
}

/** Which of two addresses nginx serves, and whether the worker could move it. @throws Problem `flag-not-writable` */
export async function peersServed(
  { settings, config, name }: Target,
  { signal }: Work,
): Promise<Found | null> {
  const peers = settings.deploy?.peers;
  if (!peers) return null;
  const probe = `${resolve(config.folder, peers.file)}.probe`;
  await writeForNginx(probe, 'probe', { replace: true });
  await removeForNginx(probe);
  const asked = new URL(PEER_PATH, peers.url).href;
  const seen = await look(asked, signal);
  const peer = typeof seen === 'string' ? null : seen.peer;
  if (peer !== null && peers.addresses.includes(peer)) return { state: 'ok', says: `nginx serves ${peer}` };
  const said = typeof seen === 'string' ? seen : peer === null ? seenText(seen) : `it serves ${peer}`;
  return { state: 'fault', says: `${asked}: ${said}`, next: linesMissing(name) };
}
