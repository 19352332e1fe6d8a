import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withClient, type Client } from '../../src/adapters/postgres/client.js';
import { databases, dropDatabase, onServer, withDatabase } from '../../src/adapters/postgres/databases.js';
import type { RunRecord } from '../../src/domain/record.js';
import { stateOf } from '../../src/domain/state.js';
import { Site } from '../services/closure/site.js';
import { DROPPED, inShell, type Instant } from './kills-project.js';
import { People } from './kills-people.js';
import { Writer } from './kills-writer.js';
import { until, type Project } from './project.js';

const as = { applicationName: 'lockkeeper:test' };

const copied: readonly Instant[] = ['migrate: between two', 'verify', 'deploy', 'maintenance off'];

/** What a run of very high risk needs beside its project: a site that it closes, writers, people who approve. */
export class ClosedScene {
  readonly writer: Writer;
  readonly people: People;
  #oid = 0;
  #letSwap = (): void => {};

  private constructor(
    readonly project: Project,
    readonly url: string,
    readonly hold: Instant | undefined,
    readonly site: Site,
  ) {
    this.writer = new Writer(site, url);
    this.people = new People(project);
  }

  static async make(project: Project, url: string, hold: Instant | undefined): Promise<ClosedScene> {
    const site = await Site.open();
    await site.serve(site.snippet({ target: project.target }));
    const scene = new ClosedScene(project, url, hold, site);
    scene.#oid = await withClient(url, as, async (client) => {
      const { rows } = await client.query<{ oid: number }>(
        'select oid::int8::float8 as oid from pg_database where datname = current_database()',
      );
      return rows[0]!.oid;
    });
    return scene;
  }

  /** Settings of the target over those of a run that is held. */
  get settings(): Record<string, unknown> {
    return {
      closure: {
        flag: this.site.flag,
        url: this.site.url,
        waitSeconds: 300,
        timeoutSeconds: 900,
        stop: [inShell('maintenance on')],
        backup: this.#backup(),
        start: [inShell('maintenance off'), inShell('maintenance off, undone')],
      },
      ...(this.hold === 'window' ? { windows: { 'very-high': [inTwoMinutes()] } } : {}),
    };
  }

  /** Held where the closed database is dumped or its dump is restored it must be; else either way must come out well. */
  #backup(): 'dump' | 'template' {
    if (this.hold) return copied.includes(this.hold) ? 'template' : 'dump';
    return /[0-7]$/.test(this.project.target) ? 'template' : 'dump';
  }

  /** Begins what lets the run go on, and what keeps it from it. */
  async begin(): Promise<void> {
    if (this.hold === 'restore: swapping') await this.#keepName();
    if (this.hold !== 'approve') void this.approve();
  }

  approve = (): Promise<void> =>
    this.people.approve(async () => {
      if (this.hold === 'maintenance on: a writer') await this.writer.pause();
    });

  /** Whoever is held at an instant at which nobody waits for a file; undefined: at this instant somebody does. */
  async held(): Promise<string[] | undefined> {
    switch (this.hold) {
      case 'approve':
        return (await this.people.record()).outcome === 'waiting' ? ['the run'] : [];
      case 'window': {
        const { facts } = await this.people.record();
        const last = facts.findLast(({ kind }) => kind === 'started' || kind === 'finished');
        return last?.kind === 'started' && last.step === 'window' ? ['the run'] : [];
      }
      case 'maintenance on: a writer':
        return existsSync(this.site.flag) ? this.#sessions('writers') : [];
      case 'restore: swapping':
        return (await this.#databases()).some(({ oid, open }) => oid === this.#oid && !open)
          ? this.#sessions('restore')
          : [];
      default:
        return undefined;
    }
  }

  #sessions = async (what: string): Promise<string[]> =>
    onServer(this.url, as, async (server) => {
      const { rows } = await server.query<{ pid: string }>(
        `select pid::text from pg_stat_activity where application_name like 'lockkeeper:' || $1 || ':' || $2 || '%'`,
        [this.project.target.slice(0, 30), what],
      );
      return rows.map(({ pid }) => pid);
    });

  #databases = () => onServer(this.url, as, databases);

  /** Nobody can rename the database meanwhile: a comment that is not committed yet. */
  async #keepName(): Promise<void> {
    const name = decodeURIComponent(new URL(this.url).pathname.slice(1));
    const released = new Promise<void>((resolve) => (this.#letSwap = resolve));
    await new Promise<void>((resolve) => {
      void onServer(this.url, as, async (server) => {
        await server.query(`begin; comment on database ${server.escapeIdentifier(name)} is 'kept'`);
        resolve();
        await released;
        await server.query('rollback');
      }).catch(() => undefined); // it ends with its server
    });
  }

  release(): void {
    this.writer.goOn();
    this.#letSwap();
    if (this.hold === 'approve') void this.approve();
  }

  /** What is wrong with site, rows and databases after a run that ended as old or as new. */
  async faults(
    record: RunRecord,
    end: 'new' | 'old',
    live: (sql: string) => Promise<Row[]>,
  ): Promise<string[]> {
    return [
      ...(await this.#siteFaults(record)),
      ...(await rowFaults(end, this.writer.written, live)),
      ...(await this.#databaseFaults(record)),
    ];
  }

  /** The flag, the site and the record say the same. */
  async #siteFaults(record: RunRecord): Promise<string[]> {
    const { status } = await this.site.ask();
    const flag = existsSync(this.site.flag);
    const said = stateOf(record).site;
    const agree = said === 'open' ? status === 200 && !flag : status === 503 && flag;
    const wrong = `the record says ${said}, the site answers ${status}, the flag is ${flag ? '' : 'not '}there`;
    const files = await readdir(dirname(this.site.flag)).catch(() => []);
    return [
      ...(agree ? [] : [wrong]),
      ...files.filter((name) => name.endsWith('.part')).map((name) => `file ${name}`),
    ];
  }

  /** Copies are dropped; the database of before a restore is kept, once, when the record says that it restored. */
  async #databaseFaults({ facts, outcome }: RunRecord): Promise<string[]> {
    const restored = facts.some(
      ({ kind, ...fact }) => kind === 'undone' && 'undo' in fact && fact.undo === 'put the database back',
    );
    // A run tidies up after its record is kept.
    const tidy = async () => outcome === 'needs operator' || (await this.#ours()).copies.length === 0;
    await until(tidy, 10_000, 'the end of copies', 200).catch(() => undefined);
    const { copies, kept } = await this.#ours();
    const twice = await Promise.all(kept.map((name) => this.#ddlIn(name)));
    // What a person may want to go back to stays until that person drops it.
    const left = outcome === 'needs operator' ? [] : copies;
    return [
      ...left.map((name) => `copy ${name}`),
      ...twice
        .filter((tags) => tags && tags !== DROPPED.join())
        .map((tags) => `committed, and kept: ${tags}`),
      ...(kept.length === (restored ? 1 : 0) ? [] : [`kept: ${kept.join() || 'nothing'}`]),
    ];
  }

  /** What a database that was put aside had committed. It is closed. */
  async #ddlIn(name: string): Promise<string> {
    await onServer(this.url, as, (server) => server.query(`alter database "${name}" allow_connections true`));
    return withClient(withDatabase(this.url, name), as, async (client) => {
      const { rows } = await client.query<{ tag: string }>('select tag from lk_test.ddl order by id');
      return rows.map(({ tag }) => tag).join();
    });
  }

  async #ours(): Promise<{ copies: string[]; kept: string[] }> {
    const name = decodeURIComponent(new URL(this.url).pathname.slice(1));
    const names = (await this.#databases().catch(() => [])).map((each) => each.name);
    return {
      copies: names.filter((each) => each.startsWith(`lk_copy_${this.#oid}_`)),
      kept: names.filter((each) => each.startsWith(`${name}_until_`)),
    };
  }

  async close(): Promise<void> {
    this.#letSwap();
    await this.writer.stop();
    await this.people.stop();
    await this.site.close();
    const { copies, kept } = await this.#ours();
    await onServer(this.url, as, async (server: Client) => {
      for (const each of [...copies, ...kept]) await dropDatabase(server, each);
    }).catch(() => undefined); // gone with its server
  }
}

export type Row = Record<string, unknown>;

/** All rows that somebody was told are written, and those of the beginning. */
async function rowFaults(
  end: 'new' | 'old',
  ever: readonly string[],
  live: (sql: string) => Promise<Row[]>,
): Promise<string[]> {
  const written = [...ever]; // he goes on
  const found = new Set((await live('select id::text from orders')).map(({ id }) => id));
  const lost = [...written, ...Array.from({ length: 1_000 }, (_, i) => String(i + 1))].filter(
    (id) => !found.has(id),
  );
  const words = end === 'old' ? (await live('select word from legacy')).length : 10;
  return [
    ...(lost.length ? [`${lost.length} rows are lost, such as ${lost[0]}`] : []),
    ...(words === 10 ? [] : [`legacy has ${words} rows`]),
  ];
}

/** Time enough to come to the gate, and not long. */
function inTwoMinutes(): string {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16);
  return `Sun-Sat ${at(110_000)}-${at(3_600_000)} UTC`;
}
