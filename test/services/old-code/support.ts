import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { homeAt, type Home } from '../../../src/activities/home.js';
import { proveNoOldCode, type ProofInput } from '../../../src/activities/old-code/prove.js';
import type { OldCodeProof } from '../../../src/domain/old-code.js';
import { ENV_PY, INI, revisionFile } from '../../support/alembic-files.js';
import { projectPython, type TestDatabase } from '../../support/servers.js';
import { quietWork } from '../../support/settings-home.js';

const SCHEMA = `
  CREATE TABLE orders (id bigint PRIMARY KEY, note text, remark text);
  CREATE TABLE customers (id bigint PRIMARY KEY, note text);
  CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
  INSERT INTO alembic_version VALUES ('0001_first')`;

const FIRST = { id: '0001_first', up: 'pass', down: 'pass' };
const CONTRACT = {
  id: '0002_contract',
  up: `# lockkeeper: phase contract of orders-note
    op.execute("ALTER TABLE orders DROP COLUMN note")`,
  down: 'op.execute("ALTER TABLE orders ADD COLUMN note text")',
};

/**
 * A shop whose column orders.note is called remark since r2, with the revision that drops it. Each release has a folder of
 * its own; a database of its own.
 */
export class RenamedShop {
  readonly #open: pg.Client[] = [];

  private constructor(
    readonly folder: string,
    readonly database: TestDatabase,
  ) {}

  static async make(database: TestDatabase, target: Record<string, unknown> = {}): Promise<RenamedShop> {
    const shop = new RenamedShop(await mkdtemp(join(tmpdir(), 'lk-renamed-')), database);
    for (const [release, column] of Object.entries({ r1: 'note', r2: 'remark' }))
      await shop.#write(release, column);
    await writeFile(shop.path('url'), database.url);
    await shop.configure(target);
    await shop.query(SCHEMA);
    return shop;
  }

  async #write(release: string, column: string): Promise<void> {
    const versions = this.path('releases', release, 'migrations', 'versions');
    await mkdir(versions, { recursive: true });
    const files = {
      'alembic.ini': INI,
      'migrations/env.py': ENV_PY,
      'migrations/script.py.mako': '',
      'migrations/versions/0001.py': revisionFile(FIRST),
      'migrations/versions/0002.py': revisionFile(CONTRACT, FIRST.id),
      'models.py': `QUERY = "SELECT id, ${column} FROM orders"\n`,
    };
    for (const [name, text] of Object.entries(files))
      await writeFile(this.path('releases', release, name), text);
  }

  /** Writes lockkeeper.yaml. */
  async configure(target: Record<string, unknown> = {}): Promise<void> {
    const shop = {
      database: { url: 'file:url' },
      alembic: {
        python: projectPython,
        project: 'releases/{release}',
        environment: { DATABASE_URL: 'file:url' },
      },
      ...target,
    };
    await writeFile(this.file, stringify({ version: 1, targets: { shop } }));
  }

  get file(): string {
    return this.path('lockkeeper.yaml');
  }

  get home(): Home {
    return homeAt(this.file);
  }

  path = (...parts: string[]): string => join(this.folder, ...parts);

  proof = (since: string, more: Partial<ProofInput> = {}): Promise<OldCodeProof> =>
    proveNoOldCode(
      this.home,
      { target: 'shop', runId: 'run-1', change: 'orders-note', since, release: 'r2', ...more },
      quietWork(),
    );

  /** A connection of the application. */
  async connect(name: string, url = this.database.url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    this.#open.push(client);
    return client;
  }

  async query(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = await this.connect('psql');
    try {
      return await client.query(sql, values);
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.#open.map((client) => client.end().catch(() => undefined)));
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What speaks against it, and what to do: one line each. */
export const against = ({ evidence }: OldCodeProof): string[] =>
  evidence
    .filter(({ holds }) => !holds)
    .map(({ source, says, next = [] }) => [`${source}: ${says}`, ...next].join(' → '));

/** The moment in which a deploy is over: what comes later is later by more than what clocks round. */
export async function deployEnds(): Promise<string> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
  await pause();
  const now = new Date().toISOString();
  await pause();
  return now;
}
