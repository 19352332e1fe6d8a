import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Backup } from '../../domain/backup.js';
import type { Lease, Pin } from '../../domain/copies.js';
import { backupExpires } from '../../domain/problems/store.js';
import { writeAtomically } from '../disk.js';
import { besideManifest, nameOf } from './backup-files.js';

type Named = Pick<Backup, 'id' | 'manifest'>;

/** @returns whoever wants the backup kept, the oldest first */
export async function pinsOf({ manifest }: Pick<Backup, 'manifest'>): Promise<Pin[]> {
  const text = await readFile(besideManifest(manifest, 'pinned'), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  try {
    return (JSON.parse(text) as { pins: Pin[] }).pins;
  } catch {
    // A pin that cannot be read is one: rather too much is kept.
    return [{ by: 'unknown', at: '', why: 'its pins cannot be read' }];
  }
}

/** Pins a backup. The same one twice is one. @throws Problem `backup-expires` when it is being deleted already */
export async function pin(backup: Named, pinned: Pin): Promise<void> {
  const others = (await pinsOf(backup)).filter(({ by, runId }) => by !== pinned.by || runId !== pinned.runId);
  await writePins(backup, [...others, pinned]);
  await refuseExpiring(backup);
}

/** @returns the pins that were taken away */
export async function unpin(backup: Named, which: (pin: Pin) => boolean = () => true): Promise<Pin[]> {
  const pins = await pinsOf(backup);
  await writePins(
    backup,
    pins.filter((each) => !which(each)),
  );
  return pins.filter(which);
}

const writePins = ({ manifest }: Named, pins: readonly Pin[]): Promise<void> =>
  pins.length
    ? writeAtomically(
        besideManifest(manifest, 'pinned'),
        `${JSON.stringify({ formatVersion: 1, pins }, null, 2)}\n`,
      )
    : rm(besideManifest(manifest, 'pinned'), { force: true });

/** How long a lease holds without being renewed: a holder that was killed lets go by itself. */
const LEASE_MS = 15 * 60_000;
const RENEW_MS = 60_000;

/**
 * Does what reads a backup while it cannot be deleted.
 *
 * @param holder - `by`: the run, or the command
 * @throws Problem `backup-expires` when it is being deleted already; what `act` throws
 */
export async function leasing<T>(
  backup: Named,
  holder: Pick<Lease, 'by' | 'why'>,
  act: () => Promise<T>,
): Promise<T> {
  const path = leasePath(backup.manifest);
  const renew = () =>
    writeAtomically(path, JSON.stringify({ ...holder, at: now(), until: now(LEASE_MS) } satisfies Lease));
  // A full disk must not keep anybody from restoring; runs of one target exclude each other besides.
  await renew().catch(() => undefined);
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
  try {
    // After the lease: whoever deletes writes its marker first and then looks for leases. One of both sees the other.
    await refuseExpiring(backup);
    return await act();
  } finally {
    clearInterval(timer);
    await rm(path, { force: true });
  }
}

const now = (plus = 0): string => new Date(Date.now() + plus).toISOString();

const leasePath = (manifest: string): string =>
  manifest.replace(/\.json$/, `.${randomBytes(4).toString('hex')}.lease`);

async function refuseExpiring({ id, manifest }: Named): Promise<void> {
  if (await isExpiring(manifest)) throw backupExpires(id);
}

/** Whether somebody has begun to delete it: from then on it is none. */
export const isExpiring = async (manifest: string): Promise<boolean> =>
  Boolean(await stat(besideManifest(manifest, 'expiring')).catch(() => undefined));

/** @returns who reads it now. Leases that have run out are left out. */
export async function leasesOf({ manifest }: Pick<Backup, 'manifest'>): Promise<Lease[]> {
  const folder = dirname(manifest);
  const ours = (await readdir(folder).catch(() => [])).filter((each) => isLeaseOf(manifest, each));
  const leases = await Promise.all(ours.map((each) => readLease(join(folder, each))));
  return leases.filter((each) => each !== undefined && each.until > now()) as Lease[];
}

/** Names of leases of a backup, whoever holds them. */
export const isLeaseOf = (manifest: string, name: string): boolean =>
  name.startsWith(`${nameOf(manifest)}.`) &&
  /^[0-9a-f]{8}\.lease$/.test(basename(name).slice(nameOf(manifest).length + 1));

async function readLease(path: string): Promise<Lease | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Lease;
  } catch {
    return { by: 'unknown', why: 'its lease cannot be read', at: '', until: now(LEASE_MS) };
  }
}
