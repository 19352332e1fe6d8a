import { join } from 'node:path';
import { ComposeExample } from '../support/docker/compose-example.js';
import { shopImage } from '../support/docker/images.js';
import { runProgram, until, type Ran } from '../support/project.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import { root } from '../support/test-stack.js';
import { cliFile } from '../support/told.js';

const MS = 300_000;

/** The runbook's own lines about docker, typed into a shell beside examples/compose, as docs/guide.md has them. */
describe('the runbook, typed by hand', () => {
  let example: ComposeExample;
  const images: Record<string, string> = {};

  beforeAll(async () => {
    example = await ComposeExample.make();
    images['r1'] = await example.idOf(example.latest);
    expect(await typed('docker-compose -f docker-compose.prod.yml up -d app nginx')).toMatchObject({
      code: 0,
    });
    await until(async () => (await example.visit()) !== null, 120_000, 'the site', 500);
    await example.project.worker();
  }, 900_000);
  afterAll(() => example?.close());

  /** One line of the runbook. */
  const typed = (line: string): Promise<Ran> =>
    runProgram('sh', ['-c', line], {
      cwd: example.project.home,
      env: {
        ...example.project.env,
        LOCKKEEPER: `${process.execPath} ${cliFile}`,
        scripts: join(root, 'scripts'),
      },
      ms: MS,
    });
  /** A script of the package, as it lies beside the compose file. */
  const script = (line: string) => typed(`"$scripts"/${line}`);
  const release = async (name: string) => (images[name] = await example.release(await shopImage(name)));
  const revision = () =>
    withClient(example.project.url, { applicationName: 'test' }, async (client) => {
      const { rows } = await client.query<{ version_num: string }>('SELECT version_num FROM alembic_version');
      return rows[0]?.version_num;
    });
  const upMigration = 'docker-compose -f docker-compose.prod.yml --profile migration up migration';
  const inImage =
    'docker run --rm --network host -e DATABASE_URL="$DATABASE_URL" ghcr.io/$GITHUB_REPOSITORY:latest';

  it(
    'deploy.sh --auto-migrate --backup --health-check',
    async () => {
      await release('r2');
      const ran = await script('deploy.sh --auto-migrate --backup --health-check');
      expect(ran).toMatchObject({ code: 0, err: '' });
      expect(ran.out).toMatch(/done +back up.*done +migrate.*done +deploy.*done +health/s);
      expect([await example.running(), await revision()]).toEqual([images['r2'], '0002_gifts']);
      expect(await example.idOf(`${example.repository}:backup`)).toBe(images['r1']);
    },
    MS,
  );

  it(
    'up migration, docker logs: it works, and the next run says who has migrated',
    async () => {
      await release('r4');
      const ran = await typed(upMigration);
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(example.migration) });
      expect(await example.exitCode(example.migration)).toBe('0');
      expect(await revision()).toBe('0005_customer_orders');
      const { out, err } = await typed(`docker logs -f ${example.migration}`);
      expect(out + err).toContain('0002_gifts -> 0004_parcels');
    },
    MS,
  );

  it(
    'deploy.sh --skip-migrate --health-check',
    async () => {
      const ran = await script('deploy.sh --skip-migrate --health-check');
      expect(ran).toMatchObject({ code: 0, err: '' });
      expect(ran.out).toContain(
        'SINCE THE LAST RUN, BY OTHER HANDS: the database went from 0002_gifts to 0005_customer_orders',
      );
      expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r4' });
    },
    MS,
  );

  it(
    'docker run … python -c: a look at the data',
    async () => {
      const look = `import asyncio, asyncpg, os
async def verify_data():
    conn = await asyncpg.connect(os.environ['DATABASE_URL'])
    print(f"Total customers: {await conn.fetchval('SELECT COUNT(*) FROM customers')}")
    await conn.close()
asyncio.run(verify_data())`;
      const ran = await typed(`${inImage} python -c "${look.replaceAll('"', '\\"')}"`);
      expect(ran).toMatchObject({ code: 0, out: 'Total customers: 1\n' });
    },
    MS,
  );

  it(
    'docker tag :backup :latest, deploy.sh --skip-migrate: the release of before, on the schema of now',
    async () => {
      await typed('docker tag ghcr.io/$GITHUB_REPOSITORY:backup ghcr.io/$GITHUB_REPOSITORY:latest');
      const { out, code } = await script('deploy.sh --skip-migrate');
      expect(out).toContain(
        'THE DATABASE IS AHEAD: at 0005_customer_orders; the release knows 0002_gifts, and must work with that',
      );
      expect(code).toBe(0);
      expect([await example.running(), await revision()]).toEqual([images['r2'], '0005_customer_orders']);
      expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r2' });
    },
    MS,
  );

  it(
    'docker run … alembic downgrade -1 cannot: that image does not know the revision',
    async () => {
      const ran = await typed(`${inImage} alembic downgrade -1`);
      expect(ran.code).toBeGreaterThan(0);
      expect(ran.out + ran.err).toContain("Can't locate revision identified by '0005_customer_orders'");
      expect(await revision()).toBe('0005_customer_orders');
    },
    MS,
  );

  it(
    'up migration returns 0 when the migration fails; lockkeeper migrate does not',
    async () => {
      const ran = await typed(upMigration);
      // Compose 1 does not always come to say `exited with code 255`: the engine does.
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("Can't locate revision") });
      expect(await example.exitCode(example.migration)).toBe('255');
      const ours = await example.project.cli(['migrate', example.project.target], { ms: MS });
      expect(ours.code).toBeGreaterThan(0);
      expect(await revision()).toBe('0005_customer_orders');
    },
    MS,
  );

  it(
    'docker-compose down: nobody is served, nothing is lost, and up brings it back',
    async () => {
      expect(await typed('docker-compose -f docker-compose.prod.yml down')).toMatchObject({ code: 0 });
      expect(await example.visit()).toBeNull();
      await typed('docker-compose -f docker-compose.prod.yml up -d app nginx');
      await until(async () => (await script('healthcheck.sh')).code === 0, 120_000, 'the site');
      expect(await example.running()).toBe(images['r2']);
    },
    MS,
  );
});
