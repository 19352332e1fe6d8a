import { existsSync } from 'node:fs';
import { planFor } from '../../../src/activities/check.js';
import type { Finding } from '../../../src/domain/plan.js';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { run, testProject } from '../alembic/project.js';
import { targetOf, work } from './migrating.js';

const INSTALLED = '/usr/lib/postgresql/15/bin';
const SCHEMA = `
  CREATE TABLE customers (id bigint PRIMARY KEY);
  CREATE TABLE orders (id bigint PRIMARY KEY, note text, code text, customer_id bigint)`;

/** The short way, which locks the table for as long as it is read; and the rule that says how else. */
const bad: readonly [sql: string, rule: string, instead: RegExp][] = [
  ['ALTER TABLE orders ALTER COLUMN note SET NOT NULL', 'not-null-scans', /CHECK NOT VALID.*next revision/],
  [
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (code)',
    'unique-builds-index',
    /CONCURRENTLY, then make the constraint/,
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id)',
    'foreign-key-scans',
    /NOT VALID.*validate/,
  ],
  ["ALTER TABLE orders ADD CONSTRAINT c CHECK (note <> '')", 'check-scans', /NOT VALID.*validate/i],
  ['CREATE UNIQUE INDEX u ON orders (code)', 'index-blocks-writes', /CONCURRENTLY/],
];

/** In small steps, each in a revision of its own. */
const good = [
  'ALTER TABLE orders ADD CONSTRAINT n CHECK (note IS NOT NULL) NOT VALID',
  'ALTER TABLE orders VALIDATE CONSTRAINT n',
  'ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
];

const revision = (sql: string, at: number) => ({
  id: `000${at + 2}`,
  down: `000${at + 1}`,
  up: `# lockkeeper: phase constrain of orders-note\nop.execute("${sql}")`,
});

/** What a check finds of these revisions, each with the comment that it is a phase of a change. */
async function findings(
  statements: readonly string[],
  server?: InstalledServer,
): Promise<readonly Finding[]> {
  const options = server ? { database: await server.freshDatabase() } : {};
  const project = await testProject([{ id: '0001' }, ...statements.map(revision)], {
    ...options,
    configure: 'transaction_per_migration=True',
  });
  await run(project, 'upgrade', ['0001'], []);
  await project.query(SCHEMA);
  return (await planFor(await targetOf(project), { name: 'r2', running: null }, work)).findings;
}

const servers: [name: string, bin: string | null][] = [['PostgreSQL 18', null]];
if (existsSync(INSTALLED)) servers.push(['PostgreSQL 15', INSTALLED]);

describe.each(servers)('constraints that are written by hand, on %s', (_, bin) => {
  let server: InstalledServer | undefined;
  beforeAll(async () => {
    server = bin === null ? undefined : await installedPostgres(bin);
  }, 200_000);
  afterAll(() => server?.stop(), 60_000);

  it('are found where they lock the table while it is read, with the way in small steps', async () => {
    const found = await findings(
      bad.map(([sql]) => sql),
      server,
    );
    for (const [index, [sql, rule, instead]] of bad.entries())
      expect(found).toContainEqual(
        expect.objectContaining({
          ...{ rule, revision: `000${index + 2}`, statement: expect.stringContaining(sql.slice(0, 20)) },
          ...{ risk: expect.stringMatching(/^(medium|high)$/), instead: expect.stringMatching(instead) },
        }),
      );
  }, 120_000);

  it('are nothing grave in small steps', async () => {
    const found = await findings(good, server);
    expect(found.filter(({ risk }) => /high/.test(risk))).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({ rule: 'not-null-scans', risk: 'low', evidence: 'catalog' }),
    );
  }, 120_000);
});
