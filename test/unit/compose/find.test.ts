import { findCompose } from '../../../src/adapters/compose/find.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';

/** Version 1 answers what it does not know with its help, and exit code 0. */
const V1: Says = [
  [/^version --short$/, { stdout: '1.29.2\n' }],
  [/./, { stdout: 'Define and run multi-container applications with Docker.\n\nUsage:\n  docker-compose …' }],
];
const PLUGIN: Says = [[/^compose version --short$/, { stdout: '2.40.3\n' }]];
const NO_PLUGIN: Says = [
  [
    /^compose/,
    {
      stderr: "docker: unknown command: docker compose\n\nRun 'docker --help' for more information\n",
      code: 1,
    },
  ],
];

describe('findCompose', () => {
  it('takes the plugin before docker-compose', async () => {
    const place = fakeTools({ docker: PLUGIN, 'docker-compose': V1 });
    expect(await findCompose(place)).toEqual({
      command: ['docker', 'compose'],
      version: '2.40.3',
      isV1: false,
    });
  });

  it('takes docker-compose where docker knows no such command', async () => {
    const place = fakeTools({ docker: NO_PLUGIN, 'docker-compose': V1 });
    expect(await findCompose(place)).toEqual({ command: ['docker-compose'], version: '1.29.2', isV1: true });
  });

  it('is not led astray by the name: version 2 is also called docker-compose', async () => {
    const place = fakeTools({
      docker: NO_PLUGIN,
      'docker-compose': [[/^version --short$/, { stdout: 'v2.29.7' }]],
    });
    expect(await findCompose(place)).toMatchObject({ version: '2.29.7', isV1: false });
  });

  it('takes the one of the settings', async () => {
    const place = fakeTools({ docker: PLUGIN, 'docker-compose': V1 });
    expect(await findCompose(place, ['docker-compose'])).toMatchObject({ isV1: true });
  });

  it('says so when there is none', async () => {
    const place = fakeTools({ docker: NO_PLUGIN });
    await expect(findCompose({ ...place, env: { PATH: place.cwd } })).rejects.toMatchObject({
      code: 'compose-not-found',
    });
  });
});
