import type { VersionTable } from '../../domain/plan.js';
import { notAsBackup } from '../../domain/problems/restore.js';
import { type Client, withClient } from '../postgres/client.js';
import { connectionOf } from '../postgres/connection.js';
import { createLike } from '../postgres/create-like.js';
import { copyProperties } from '../postgres/database-properties.js';
import {
  type Database,
  databaseNamed,
  dropDatabase,
  mark,
  type Marker,
  onServer,
  withDatabase,
} from '../postgres/databases.js';
import { copiesOfRun, copyName } from './restore-copies.js';
import { refuseUnlessEmptyCopy } from './restore-guard.js';
import { sessionName } from './session-name.js';
import { gatherStatistics } from './statistics.js';
import { together } from './together.js';
import type { Verdict } from './verify-copy.js';

export interface RestoreOptions {
  /** Names the run, and what it restores for: earlier attempts of the same name are found by it. */
  name: string;
  /** Folder of pg_restore; default: found by PATH. */
  pgBin?: string;
  /** Sessions that restore at the same time. */
  jobs: number;
  applicationName: string;
  attempt: number | string;
  /** For the fingerprint, as the backup has it. */
  ignore?: readonly string[];
  versionTable?: VersionTable;
  /** The backup's schema as lines, where they are known. */
  schema?: readonly string[];
  /** Differences that the settings know: see `backup.knownDefects`. */
  known?: readonly string[];
  signal: AbortSignal;
  onProgress: (text: string) => void;
  onStart?: (pid: number) => void;
}

/** A copy that was restored, and that is what was backed up. */
export interface Restored {
  name: string;
  oid: number;
  url: string;
  /** Restoring, building indexes, ANALYZE. */
  ms: number;
  bytes: number;
  /** What was seen besides, in words. */
  notes: readonly string[];
}

/** How a new database is filled, and how it is told whether it is what was wanted. */
export interface Filling {
  /** Of what it is filled from: a copy that says the same is the same. */
  sha256: string;
  /** Asked before anything is made. */
  ready(server: Client): Promise<void>;
  fill(copy: { name: string; url: string }): Promise<void>;
  /** How it differs from what was wanted, and what else was seen, in words. */
  verdict(client: Client, databases: { live: string; copy: string }): Promise<Verdict>;
}

/**
 * Makes a new database beside another one, fills it, and tells whether it is what was wanted. Safe to repeat, and to
 * be killed anywhere.
 *
 * @throws Problem `may-not-create-database`, `may-not-copy-properties`, `not-as-backup`, `not-a-copy`; whatever
 *   the filling throws
 */
export async function filledBeside(
  { url }: { url: string },
  filling: Filling,
  options: RestoreOptions,
): Promise<Restored> {
  const work = new Restoring(url, filling, options);
  return (await work.finished()) ?? (await work.anew());
}

/** Drops a copy. By sessions of its own, so that it works in an aborted run, too. */
export const dropCopy = (url: string, name: string, applicationName: string): Promise<void> =>
  onServer(url, { applicationName }, (server) => dropDatabase(server, name));

class Restoring {
  readonly #session: { applicationName: string; signal: AbortSignal };

  constructor(
    private readonly url: string,
    private readonly filling: Filling,
    private readonly options: RestoreOptions,
  ) {
    const { applicationName, attempt, signal } = options;
    this.#session = { applicationName: sessionName(applicationName, attempt), signal };
  }

  /** What earlier attempts have left: a finished copy is compared again; all else is dropped. */
  async finished(): Promise<Restored | undefined> {
    const left = await this.#onServer(async (server) => {
      const live = await this.#live(server);
      const copies = await copiesOfRun(server, live.oid, this.options.name);
      const done = copies.find(({ marker }) => this.#isDone(marker));
      for (const { name } of copies) if (name !== done?.name) await dropDatabase(server, name);
      return done;
    });
    if (!left) return undefined;
    const { differences, notes } = await this.#verdict(left.name);
    if (!differences.length) return this.#restored(left, left.marker?.ms ?? 0, notes);
    await this.#onServer((server) => dropDatabase(server, left.name));
    return undefined;
  }

  #isDone = (marker: Marker | undefined): boolean =>
    marker?.state === 'complete' && marker.sha256 === this.filling.sha256;

  async anew(): Promise<Restored> {
    const { onProgress } = this.options;
    const live = await this.#onServer(async (server) => {
      await this.filling.ready(server);
      return this.#live(server);
    });
    const name = copyName(live.oid, this.options.name);
    const marker: Marker = { of: live.name, oid: live.oid, run: this.options.name, state: 'incomplete' };
    try {
      onProgress(`making the database ${name}`);
      const copy = await this.#create(live, name, marker);
      const began = performance.now();
      await this.#fill(live, copy);
      onProgress('gathering statistics');
      // Both read the same pages: beside each other they take less time than one after the other.
      const [ms, { differences, notes }] = await together(
        this.#session.signal,
        async (signal) => {
          await gatherStatistics(copy.url, { ...this.#session, signal }, this.options.jobs);
          return Math.round(performance.now() - began);
        },
        (signal) => {
          onProgress('comparing the copy with the backup');
          return this.#verdict(name, signal);
        },
      );
      if (differences.length) throw notAsBackup(name, differences);
      const done: Marker = { ...marker, state: 'complete', sha256: this.filling.sha256, ms };
      await this.#onServer((server) => mark(server, name, done));
      return await this.#restored(copy, ms, notes);
    } catch (error) {
      // What failed is told; a copy that cannot be dropped now is found by its name later.
      await dropCopy(this.url, name, this.#session.applicationName).catch(() => undefined);
      throw error;
    }
  }

  #create = (live: Database, name: string, marker: Marker): Promise<Database & { url: string }> =>
    this.#onServer(async (server) => {
      await createLike(server, live.name, name);
      this.options.onProgress('made');
      await mark(server, name, marker);
      return { ...(await databaseNamed(server, name)), url: withDatabase(this.url, name) };
    });

  async #fill(live: Database, copy: Database & { url: string }): Promise<void> {
    await this.#inside(copy.url, (client) => refuseUnlessEmptyCopy(client, live, copy));
    this.options.onProgress('restoring');
    await this.filling.fill({ name: copy.name, url: copy.url });
    await this.#onServer((server) => copyProperties(server, live.name, copy.name));
  }

  #verdict = (name: string, signal = this.#session.signal): Promise<Verdict> =>
    withClient(withDatabase(this.url, name), { ...this.#session, signal }, (client) =>
      this.filling.verdict(client, { live: connectionOf(this.url).database, copy: name }),
    );

  async #restored({ name, oid }: Database, ms: number, notes: readonly string[]): Promise<Restored> {
    const url = withDatabase(this.url, name);
    const query = 'SELECT pg_database_size(current_database())::float8 AS bytes';
    const { rows } = await this.#inside(url, (client) => client.query<{ bytes: number }>(query));
    return { name, oid, url, ms, bytes: rows[0]?.bytes ?? 0, notes };
  }

  #live = (server: Client): Promise<Database> => databaseNamed(server, connectionOf(this.url).database);

  #onServer = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    onServer(this.url, this.#session, work);

  #inside = <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> =>
    withClient(url, this.#session, work);
}
