import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Restored } from '../adapters/backup/restore-beside.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { type Live, readLive, restorePrivately } from '../adapters/backup/restore-private.js';
import { together } from '../adapters/backup/together.js';
import { freeBytes } from '../adapters/disk.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { type ScratchFolder, scratchFolder } from '../adapters/scratch/folder.js';
import { serverPrograms } from '../adapters/scratch/programs.js';
import { type ScratchServer, startScratch } from '../adapters/scratch/server.js';
import type { Plan } from '../domain/plan.js';
import { rehearsalNoRoom, rehearsalTooLarge } from '../domain/problems/rehearsal-place.js';
import { usersOfCells } from './cells-environment.js';
import { type Used, usingBackup } from './fetch-back.js';
import type { Target } from './home.js';
import { libpqFiles, type PrivateCopy, privateEnvironment, urlOfCopy } from './private-environment.js';
import {
  assertSmallEnough,
  type Copy,
  type CopyInput,
  environmentOf,
  GIB,
  refuseWithoutWay,
} from './rehearsal-copy.js';
import { restoreOptions } from './restore-options.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** Room for the database, its indexes' sorts and its write-ahead log: measured. */
const TIMES = 2.2;

/** Restores the backup into a private server that is started for it. @throws those of `copyFor` */
export async function privateCopy(target: Target, plan: Plan, input: CopyInput, work: Work): Promise<Copy> {
  const { signal } = work;
  const url = target.url();
  if (plan.revisions.length)
    refuseWithoutWay(target, privateEnvironment(environmentOf(target, plan.release), url, NOWHERE).mentions);
  const ofCells = usersOfCells(target, plan, NOWHERE);
  const options = await restoreOptions(target, plan, input, work, 'rehearse');
  const live = await readLive(url, { applicationName: options.applicationName, signal });
  const programs = await programsFor(target, live);
  const folder = await scratchFolder(target.config.state, target.name);
  let server: ScratchServer | undefined;
  try {
    await assertFits(target, live, folder);
    const holder = { by: input.runId, why: 'a rehearsal' };
    const used = await usingBackup(target, input.backup, holder, work, async () => {
      // The server starts while the backup is read.
      const [started, manifest] = await together(
        signal,
        async (either) =>
          (server ??= await start(target, live, { programs, folder }, { ...work, signal: either })),
        (either) => trusted(input.backup, { ...options, signal: either }),
      );
      const { users } = privateEnvironment(environmentOf(target, plan.release), url, NOWHERE);
      const all = new Set([...users, ...ofCells]);
      return restorePrivately(started, live, { backup: input.backup, manifest, users: all }, options);
    });
    return await privatelyRestored(target, live, server!, used, options.pgBin);
  } catch (error) {
    await (server ? server.stop() : folder.remove());
    throw error;
  }
}

/** Asked before there is a copy: whether there will be a way to it, and who will go it. */
const NOWHERE: PrivateCopy = {
  ...{ host: '127.0.0.1', port: 1, database: '', password: '', passwordFile: '', serviceFile: '' },
};

const programsFor = (target: Target, { major }: Live): Promise<string> => {
  const { rehearsal, backup } = target.settings;
  const named = rehearsal.tools || backup.tools;
  return serverPrograms(named ? resolve(target.config.folder, named) : undefined, major);
};

function start(
  target: Target,
  live: Live,
  where: { programs: string; folder: ScratchFolder },
  work: Work,
): Promise<ScratchServer> {
  work.progress(`starting a private PostgreSQL ${live.major}`);
  return startScratch({
    ...where,
    superuser: live.superuser,
    settings: live.settings,
    applicationName: sessionName(target.name, 'rehearse'),
    signal: work.signal,
    ...(work.onTool ? { onStart: work.onTool } : {}),
  });
}

async function assertFits(target: Target, live: Live, folder: ScratchFolder): Promise<void> {
  const { databaseGiB, diskGiB } = target.settings.rehearsal.limits;
  assertSmallEnough(live.bytes, databaseGiB);
  const needed = TIMES * live.bytes + walOf(live);
  if (diskGiB !== undefined && needed > diskGiB * GIB)
    throw rehearsalTooLarge('diskGiB', needed, diskGiB * GIB);
  const free = await freeBytes(folder.path);
  if (free < needed)
    throw rehearsalNoRoom(folder.path, free, needed, `${TIMES} times the database, and max_wal_size`);
}

/** As it is set for the live server, in MB. */
const walOf = ({ settings }: Live): number =>
  (Number.parseInt(settings['max_wal_size'] ?? '', 10) || 1_024) * 2 ** 20;

async function privatelyRestored(
  target: Target,
  live: Live,
  server: ScratchServer,
  { result, alarms }: Used<Restored>,
  pgBin: string | undefined,
): Promise<Copy> {
  const { host, port, password, folder } = server;
  const files = { passwordFile: join(folder.own, 'passwords'), serviceFile: join(folder.own, 'services') };
  const copy: PrivateCopy = { host, port, database: live.database, password, ...files };
  const { passwords, services } = libpqFiles(copy, process.env['PGSERVICE']);
  await writeFile(files.passwordFile, passwords, { mode: 0o600 });
  await writeFile(files.serviceFile, services, { mode: 0o600 });
  await chmod(files.passwordFile, 0o600); // libpq reads no other
  return {
    where: 'private',
    url: `${urlOfCopy(target.url(), connectionOf(target.url()).user, copy)}`,
    variables: (release) => privateEnvironment(environmentOf(target, release), target.url(), copy).variables,
    restoreMs: result.ms,
    bytes: result.bytes,
    liveBytes: live.bytes,
    notes: result.notes,
    alarms,
    server: { url: server.url(live.database), tools: pgBin },
    isolated: (environment) => ({
      ...environment,
      ...privateEnvironment(environment, target.url(), copy).variables,
    }),
    becomeCareful: () => server.becomeCareful(),
    close: () => server.stop(),
  };
}
