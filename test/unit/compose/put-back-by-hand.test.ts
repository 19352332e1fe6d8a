import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { fetchByCompose } from '../../../src/activities/compose/fetch.js';
import { composeOf } from '../../../src/activities/compose/target.js';
import { homeAt } from '../../../src/activities/home.js';
import { fakeTools } from '../../support/docker/fake-tools.js';
import { temporaryFolder } from '../../support/temporary.js';

const [OLD, NEW] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const image = (id: string) =>
  JSON.stringify({ Id: id, RepoTags: [], RepoDigests: [], Created: '', Config: { Labels: null } });

/** @param ids - of what `:latest` and `:backup` mean, and of what runs */
async function fetched(ids: { latest: string; backup: string; runs: string }): Promise<unknown> {
  const state = { Status: 'running', ExitCode: 0, Error: '', StartedAt: '2026-01-01T00:00:00Z' };
  const container = {
    Id: 'c1',
    Name: '/c1',
    Image: ids.runs,
    RestartCount: 0,
    State: state,
    Config: { Labels: {} },
    NetworkSettings: { Networks: null },
  };
  const { env } = fakeTools({
    docker: [
      [/^image inspect .*:backup$/, { stdout: image(ids.backup) }],
      [/^image inspect .*(:latest|sha256:\w+)$/, { stdout: image(ids.latest) }],
      [/^ps /, { stdout: 'c1\n' }],
      [/^container inspect/, { stdout: JSON.stringify(container) }],
      [/^tag /, {}],
      [/^pull /, { stderr: 'Error response from daemon: no such host', code: 1 }],
    ],
    'docker-compose': [
      [/^version --short$/, { stdout: '1.29.2' }],
      [/ config$/, { stdout: stringify({ services: { app: { image: 'ghcr.io/acme/shop:latest' } } }) }],
    ],
  });
  const folder = temporaryFolder('by-hand');
  const deploy = { compose: { command: ['docker-compose'], project: 'shop' }, environment: env };
  const shop = { database: { url: '${NOT_ASKED}' }, deploy };
  writeFileSync(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { shop } }));
  const target = homeAt(join(folder, 'lockkeeper.yaml')).target('shop');
  const of = await composeOf(target, new AbortController().signal);
  return fetchByCompose(target, of!, undefined, {}).catch((error: unknown) => error);
}

describe('docker tag …:backup …:latest by hand', () => {
  it('is not undone by a pull, and is told', async () => {
    expect(await fetched({ latest: OLD, backup: OLD, runs: NEW })).toEqual({
      name: 'aaaaaaaaaaaa',
      note: '; ghcr.io/acme/shop:latest was put back by hand: it is not fetched again',
    });
  });

  it.each([
    ['the tags mean two images', { latest: NEW, backup: OLD, runs: OLD }],
    ['it runs already', { latest: OLD, backup: OLD, runs: OLD }],
  ])('is not thought of where %s', async (_, ids) => {
    expect(await fetched(ids)).toMatchObject({ code: 'image-not-fetched' });
  });
});
