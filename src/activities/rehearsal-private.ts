import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Restored, RestoreOptions } from '../adapters/backup/restore-beside.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { type Live, readLive, restorePrivately } from '../adapters/backup/restore-private.js';
import { together } from '../adapters/backup/together.js';
import { freeBytes } from '../adapters/disk.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { type ScratchFolder, scratchFolder } from '../adapters/scratch/folder.js';
import { serverPrograms } from '../adapters/scratch/programs.js';
import { type ScratchServer, startScratch } from '../adapters/scratch/server.js';
import { fromTemplate, type Template } from '../adapters/scratch/template.js';
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
  refuseWithoutWay,
} from './rehearsal-copy.js';
import { keepRestored, knownTemplate, takeKept, type Wanted } from './rehearsal-template.js';
import { restoreOptions } from './restore-options.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { GIB } from '../domain/units.js';

/** Room for the database, its indexes' sorts and its write-ahead log: measured. */
const TIMES = 2.2;

/** Restores the backup into a private server that is started for it. @throws those of `copyFor` */
export async function privateCopy(target: Target, plan: Plan, input: CopyInput, work: Work): Promise<Copy> {
  const { signal } = work;
  const url = target.url();
  const { mentions, users: ofEnvironment } = privateEnvironment(
    environmentOf(target, plan.release),
    url,
    NOWHERE,
  );
  if (plan.revisions.length) refuseWithoutWay(target, mentions);
  const users = new Set([...ofEnvironment, ...usersOfCells(target, plan, NOWHERE)]);
  const options = await restoreOptions(target, plan, input, work, 'rehearse');
  const live = await readLive(url, { applicationName: options.applicationName, signal });
  const programs = await programsFor(target, live);
  const folder = await scratchFolder(target.config.state, target.name);
  const place = { folder, wanted: { backup: input.backup, live, programs, users } };
  const making = new Making(target, place, options, work);
  try {
    await assertFits(target, live, folder);
    const holder = { by: input.runId, why: 'a rehearsal' };
    const used = await usingBackup(target, input.backup, holder, work, () => making.restored());
    return await privatelyRestored(target, live, making, used, options.pgBin);
  } catch (error) {
    await making.end();
    throw error;
  }
}

/** Makes the copy on a server of its own. */
class Making {
  server: ScratchServer | undefined;
  /** What was wrong with a kept copy, in words. */
  readonly damage: string[] = [];
  /** Whether it was begun with a kept copy, or is kept itself. */
  kept = '';

  constructor(
    private readonly target: Target,
    private readonly place: { folder: ScratchFolder; wanted: Wanted },
    private readonly options: RestoreOptions,
    private readonly work: Work,
  ) {}

  async restored(): Promise<Restored> {
    const { target, options } = this;
    const { wanted } = this.place;
    const known = await knownTemplate(target, wanted, options);
    // The server starts while the backup is read.
    const [server, manifest] = await together(
      this.work.signal,
      async (either) => (this.server ??= await this.#start(known?.template, either)),
      (either) => trusted(wanted.backup, { ...options, signal: either }),
    );
    if (known?.template && server.isKept) {
      this.kept = `begun with the kept copy of the backup ${known.template.note.backup.id}`;
      return takeKept(server, known.template, wanted, options);
    }
    const { backup, live, users } = wanted;
    const restored = await restorePrivately(server, live, { backup, manifest, users }, options);
    if (known) this.kept = await keepRestored(target, server, wanted, known, restored, options);
    return restored;
  }

  #start(template: Template | undefined, signal: AbortSignal): Promise<ScratchServer> {
    const { target, work } = this;
    const { folder, wanted } = this.place;
    const { live, programs } = wanted;
    const onDamage = (why: string) =>
      void this.damage.push(
        `the kept copy of ${target.name} was damaged (${why}) and is deleted: restored anew`,
      );
    work.progress(`starting a private PostgreSQL ${live.major}`);
    return startScratch({
      ...{ programs, folder, signal, superuser: live.superuser, settings: live.settings },
      ...(template
        ? { from: fromTemplate(template, folder, signal, { onProgress: work.progress, onDamage }) }
        : {}),
      applicationName: sessionName(target.name, 'rehearse'),
      ...(work.onTool ? { onStart: work.onTool } : {}),
    });
  }

  end = (): Promise<void> => (this.server ? this.server.stop() : this.place.folder.remove());
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
  { server, damage, kept }: Making,
  { result, alarms }: Used<Restored>,
  pgBin: string | undefined,
): Promise<Copy> {
  if (!server) throw new Error('a copy without its server');
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
    alarms: [...alarms, ...damage],
    kept,
    server: { url: server.url(live.database), tools: pgBin },
    isolated: (environment) => ({
      ...environment,
      ...privateEnvironment(environment, target.url(), copy).variables,
    }),
    becomeCareful: () => server.becomeCareful(),
    close: () => server.stop(),
  };
}
