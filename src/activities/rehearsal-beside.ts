import { dropCopy, restoreBeside } from '../adapters/backup/restore-beside.js';
import { roomFor } from '../adapters/backup/restore-room.js';
import type { Client } from '../adapters/postgres/client.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { databaseNamed, mark, onServer, sizeOf } from '../adapters/postgres/databases.js';
import type { Plan } from '../domain/plan.js';
import { rehearsalNoRoomBeside } from '../domain/problems/rehearsal-place.js';
import { notACopy } from '../domain/problems/restore.js';
import { copyEnvironment } from './copy-environment.js';
import { usingBackup } from './fetch-back.js';
import type { Target } from './home.js';
import {
  assertSmallEnough,
  type Copy,
  type CopyInput,
  environmentOf,
  refuseWithoutWay,
} from './rehearsal-copy.js';
import { copiesName, restoreOptions } from './restore-options.js';
import type { Work } from './work.js';

/** Restores the backup into a database beside the live one, with its role. @throws those of `copyFor` */
export async function copyBeside(target: Target, plan: Plan, input: CopyInput, work: Work): Promise<Copy> {
  const url = target.url();
  const changed = (release: string, copy: string) =>
    copyEnvironment(environmentOf(target, release), url, copy);
  if (plan.revisions.length) refuseWithoutWay(target, Object.keys(changed(plan.release, 'copy')).length > 0);
  const options = await restoreOptions(target, plan, input, work, 'rehearse');
  const { applicationName } = options;
  const session = { applicationName, signal: work.signal };
  const liveBytes = await onServer(url, session, (server) => assertRoomBeside(server, target));
  const holder = { by: input.runId, why: 'a rehearsal' };
  const { result, alarms } = await usingBackup(target, input.backup, holder, work, () =>
    restoreBeside({ url }, input.backup, options),
  );
  // One that cannot be dropped now is dropped by whoever comes next.
  const close = () => dropCopy(url, result.name, applicationName).catch(() => undefined);
  try {
    await onServer(url, session, (server) =>
      takeOver(server, url, result, copiesName('rehearse', target.name, input.runId)),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    where: 'server',
    url: result.url,
    variables: (release) => changed(release, result.name),
    restoreMs: result.ms,
    bytes: result.bytes,
    liveBytes,
    notes: result.notes,
    alarms,
    becomeCareful: () => Promise.resolve(),
    close,
  };
}

/** @returns the size of the live database */
async function assertRoomBeside(server: Client, target: Target): Promise<number> {
  const live = await databaseNamed(server, connectionOf(target.url()).database);
  const size = await sizeOf(server, live);
  assertSmallEnough(size, target.settings.rehearsal.limits.databaseGiB);
  const { faults } = await roomFor(server, target.url());
  if (faults.length) throw rehearsalNoRoomBeside(faults);
  return size;
}

/** From here on the copy is no backup any more: a later attempt must not take it for one. */
async function takeOver(
  server: Client,
  url: string,
  { name, oid }: { name: string; oid: number },
  run: string,
): Promise<void> {
  const copy = await databaseNamed(server, name);
  const live = await databaseNamed(server, connectionOf(url).database);
  const { marker } = copy;
  if (!marker || marker.run !== run || copy.oid !== oid || marker.oid !== live.oid || copy.oid === live.oid)
    throw notACopy(name, `it does not say that it is the copy of ${live.name} for this run`);
  await mark(server, name, { ...marker, state: 'used' });
}
