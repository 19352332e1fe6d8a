import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { homeAt } from '../../../src/activities/home.js';
import { projectOf } from '../../../src/activities/project-of.js';
import { onCopy } from '../../../src/activities/rehearsal-copy.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';
import { temporaryFolder } from '../../support/temporary.js';

const LATEST = `sha256:${'a'.repeat(64)}`;
const PLANNED = `sha256:${'b'.repeat(64)}`;
const URL = 'postgresql://shop:s3cret-word@db.internal/shop';

/** As docker-compose 1.29 prints it. */
const CONFIG = stringify({
  services: {
    app: { image: 'ghcr.io/acme/shop:latest', network_mode: 'host' },
    migration: {
      ...{ image: 'ghcr.io/acme/shop:latest', container_name: 'shop_migration', network_mode: 'bridge' },
      environment: { DATABASE_URL: URL, REPLICA_URL: URL.replace('db.', 'replica.'), LOG: 'info' },
    },
  },
  version: '3.9',
});

const byHand = (status: string, labels: Record<string, string> = {}) =>
  JSON.stringify({
    ...{ Id: 'c9', Name: '/shop_migration', Image: LATEST, RestartCount: 0, Config: { Labels: labels } },
    State: { Status: status, ExitCode: 0, Error: '', StartedAt: '2026-01-01T00:00:00Z' },
    NetworkSettings: { Networks: null },
  });

function project(standing: Says = []) {
  const image = JSON.stringify({ Id: LATEST, RepoTags: [], RepoDigests: [], Created: '', Config: null });
  const { env } = fakeTools({
    docker: [
      ...standing,
      [/^image inspect .* ghcr.io\/acme\/shop:latest$/, { stdout: image }],
      [/^image inspect/, { stderr: 'Error: No such image: ghcr.io/acme/shop:r2', code: 1 }],
      [/^container inspect/, { stderr: 'Error: No such container: shop_migration', code: 1 }],
      [/^ps /, { stdout: '' }],
    ],
    'docker-compose': [
      [/^version --short$/, { stdout: '1.29.2' }],
      [/ config$/, { stdout: CONFIG }],
    ],
  });
  const folder = temporaryFolder('container');
  const settings = {
    database: { url: '${LK_TEST_URL}' },
    alembic: { container: { service: 'migration' }, environment: { DATABASE_URL: '${LK_TEST_URL}' } },
    deploy: {
      compose: { command: ['docker-compose'], project: 'shop' },
      environment: { ...env, DATABASE_URL: '${LK_TEST_URL}' },
    },
  };
  writeFileSync(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { shop: settings } }));
  process.env['LK_TEST_URL'] = URL;
  return homeAt(join(folder, 'lockkeeper.yaml')).target('shop');
}

const command = (target: ReturnType<typeof project>, stays: boolean, planned = true) => {
  const images = planned
    ? [{ services: ['app'], reference: 'ghcr.io/acme/shop:latest', id: PLANNED, digest: null, running: null }]
    : [];
  const { container, environment } = projectOf(target, { release: 'r2', ...(planned ? { images } : {}) });
  return container!.command(['python3', '-c', 'pass'], environment, { attempt: 'n1', stays });
};

describe('the container in which Alembic is driven', () => {
  it('is made from the image that the plan names, whatever the tag means by now', async () => {
    const { args, env } = await command(project(), false);
    expect(args.join(' ')).toContain(`--entrypoint python3 ${PLANNED} -c pass`);
    expect(args.join(' ')).not.toContain('s3cret-word');
    expect(env).toMatchObject({ DATABASE_URL: URL, LOG: 'info' });
  });

  it('is made from the compose file’s image where there is no plan yet, and leaves nothing', async () => {
    const { args } = await command(project(), false, false);
    expect(args.join(' ')).toContain(`--entrypoint python3 ${LATEST}`);
    expect(args).toContain('--rm');
  });

  it('stays after a migration, under the name that people look for, as if compose had made it', async () => {
    const { args } = await command(project(), true);
    expect(args).not.toContain('--rm');
    expect(args.join(' ')).toMatch(
      /--name shop_migration .*lockkeeper\.target=shop .*com\.docker\.compose\.service=migration/,
    );
  });

  it('is not begun while somebody migrates by hand', async () => {
    const standing: Says = [[/^container inspect/, { stdout: byHand('running') }]];
    await expect(command(project(standing), true)).rejects.toMatchObject({ code: 'migrates-by-hand' });
  });

  it('takes the place of one that has ended', async () => {
    const standing: Says = [
      [/^container inspect/, { stdout: byHand('exited') }],
      [/^rm c9$/, { stdout: 'c9' }],
    ];
    await expect(command(project(standing), true)).resolves.toMatchObject({ file: 'docker' });
  });

  it('has nothing on a copy that leads to the live database', async () => {
    const copy = { url: 'postgresql://shop:other-word@127.0.0.1:9/shop', where: 'private' as const };
    const variables = () => ({ DATABASE_URL: copy.url });
    const target = onCopy(project(), { ...copy, variables });
    const { args, env } = await command(target, true);
    expect(JSON.stringify(env)).not.toContain('s3cret-word');
    expect(env).toMatchObject({ DATABASE_URL: copy.url, LOG: 'info' });
    expect(args.join(' ')).toContain('--network host');
    expect(args).toContain('--rm');
  });
});
