import { dockerRun, networkOf } from '../../../src/adapters/compose/run-container.js';
import { environmentOf, type Composed, type ComposeProject } from '../../../src/adapters/compose/project.js';

const project: ComposeProject = {
  ...{ tool: { command: ['docker', 'compose'], version: '2.40.3', isV1: false } },
  ...{ place: { cwd: '/', env: {} }, files: [], name: 'shop' },
};
const composed: Composed = {
  services: {},
  networks: { back: { name: 'shop_back' }, shared: { external: true } },
  volumes: { keys: null },
};
const service = {
  environment: { DATABASE_URL: 'postgresql://shop:s3cret@db/shop', PATH: '/opt/venv/bin:/bin', DEBUG: 0 },
  networks: { back: null },
  volumes: ['/srv/conf:/conf:ro', { type: 'volume', source: 'keys', target: '/keys', read_only: true }],
  user: '10001:10001',
  working_dir: '/srv/app',
};

describe('dockerRun', () => {
  const from = { service, composed, project };
  const { args, env } = dockerRun(
    {
      ...{ image: 'sha256:abc', network: networkOf(from), from, labels: { 'lockkeeper.role': 'bridge' } },
      environment: { DATABASE_URL: 'postgresql://shop:s3cret@copy/shop' },
    },
    ['python3', '-c', 'print(1)'],
  );

  it('names secrets in its arguments, and has them in its environment', () => {
    expect(args.join(' ')).not.toContain('s3cret');
    expect(args).toContain('DATABASE_URL');
    expect(env).toEqual({ DATABASE_URL: 'postgresql://shop:s3cret@copy/shop', DEBUG: '0' });
  });

  it('does not let the service’s PATH lead the docker CLI', () => {
    expect(args).toContain('PATH=/opt/venv/bin:/bin');
    expect(env).not.toHaveProperty('PATH');
  });

  it('has the surroundings of the service, and none of its command or entrypoint', () => {
    expect(args.join(' ')).toContain(
      '--network shop_back --env DATABASE_URL --env PATH=/opt/venv/bin:/bin --env DEBUG --workdir /srv/app --volume /srv/conf:/conf:ro --volume shop_keys:/keys:ro --user 10001:10001 --entrypoint python3 sha256:abc -c print(1)',
    );
    expect(args).toEqual(expect.arrayContaining(['--rm', '--init', '--interactive', '--no-healthcheck']));
  });

  it.each([
    [{ network_mode: 'host' }, 'host'],
    [{ networks: ['shared'] }, 'shared'],
    [{}, 'shop_default'],
  ])('is in the network of %j', (of, network) => {
    expect(networkOf({ service: of, composed, project })).toBe(network);
  });

  it('reads an environment as a list, too, and the dollars that compose doubles', () => {
    expect(environmentOf({ environment: ['A=1=2', 'B=x$$y'] })).toEqual({ A: '1=2', B: 'x$y' });
  });
});
