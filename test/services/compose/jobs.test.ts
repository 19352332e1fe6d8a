import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { shell } from '../../../src/adapters/shell.js';
import { searchAttributes } from '../../../src/domain/search-attributes.js';
import { servers, type TestServers } from '../../support/servers.js';

/** The jobs of docker-compose.yml, run by the shell that their image has: a plain one. */
describe('the job that makes the namespace', () => {
  let around: TestServers;
  beforeAll(async () => void (around = await servers()), 300_000);

  const env = (namespace: string) => ({
    PATH: `${dirname(around.tools.temporal)}:${process.env['PATH']}`,
    TEMPORAL_ADDRESS: around.temporal.address,
    TEMPORAL_NAMESPACE: namespace,
    RETENTION: '30d',
    SEARCH_ATTRIBUTES: Object.keys(searchAttributes).join(' '),
    PAUSE: '0.1',
  });
  const job = (more: Readonly<Record<string, string>> = {}, namespace = 'unused') =>
    shell({ file: 'sh', args: ['deploy/temporal/namespace.sh'], env: { ...env(namespace), ...more } });

  it('makes it with all search attributes, and does nothing the second time', async () => {
    const namespace = `compose-${randomBytes(4).toString('hex')}`;
    expect((await job({}, namespace)).stdout).toContain(`${namespace} is ready`);
    expect((await job({}, namespace)).stdout).toContain(`${namespace} is ready`);
    const ask = async (...args: string[]) =>
      (await shell({ file: around.tools.temporal, args: ['operator', ...args], env: env(namespace) })).stdout;
    expect(await ask('namespace', 'describe', '--namespace', namespace)).toMatch(/RetentionTtl\s+720h/);
    const registered = await ask('search-attribute', 'list', '--namespace', namespace);
    for (const name of Object.keys(searchAttributes))
      expect(registered).toMatch(new RegExp(`${name}\\s+Keyword`));
  });

  it('gives up in words when there is no server', async () => {
    const failure = await job({ TEMPORAL_ADDRESS: '127.0.0.1:1', TRIES: '2' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        'namespace: gave up after 2 attempts: temporal operator cluster health',
      ),
    });
  });
});
