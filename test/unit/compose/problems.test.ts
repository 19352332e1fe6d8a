import { docker, untilEngineAnswers } from '../../../src/adapters/compose/docker.js';
import { pull } from '../../../src/adapters/compose/images.js';
import { composed, compose, type ComposeProject } from '../../../src/adapters/compose/project.js';
import { ways } from '../../../src/adapters/compose/swap.js';
import type { Swap } from '../../../src/adapters/compose/ways.js';
import { ToolFailed } from '../../../src/adapters/shell.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';

const failing = (stderr: string, code = 1): Says => [[/./, { stderr, code }]];
const signal = new AbortController().signal;

/** docker 20.10, 28.2 and docker-compose 1.29.2, as they were heard. */
const V1_TRACEBACK = (why: string) =>
  `Traceback (most recent call last):\n  File "/usr/bin/docker-compose", line 33, in <module>\ndocker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', ${why})\n`;

describe('what the tools say, in one clear Problem', () => {
  it.each([
    [
      'docker-unreachable',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ],
    [
      'docker-unreachable',
      'error during connect: Post "http://%2Ftmp%2Fdocker.sock/v1.41/containers/a0eb/stop": EOF',
    ],
    [
      'docker-no-rights',
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    ],
  ])('%s from docker: %s', async (code, stderr) => {
    await expect(docker(fakeTools({ docker: failing(stderr) }), ['ps'])).rejects.toMatchObject({ code });
  });

  it('waits for an engine that is being restarted, and not for rights', async () => {
    const down = fakeTools({
      docker: failing('Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?'),
    });
    const said: string[] = [];
    const options = { waitMs: 100, signal, progress: (text: string) => void said.push(text) };
    await expect(untilEngineAnswers(down, options)).rejects.toMatchObject({ code: 'docker-unreachable' });
    expect(said).toContain('the Docker engine does not answer');
    const refused = fakeTools({
      docker: failing('permission denied while trying to connect to the Docker daemon socket'),
    });
    const asked = untilEngineAnswers(refused, { ...options, waitMs: 60_000 });
    await expect(asked).rejects.toMatchObject({ code: 'docker-no-rights' });
    await untilEngineAnswers(fakeTools({ docker: [[/^version/, { stdout: '20.10.24' }]] }), options);
  });

  it.each([
    ['docker-unreachable', V1_TRACEBACK("FileNotFoundError(2, 'No such file or directory')")],
    ['docker-no-rights', V1_TRACEBACK("PermissionError(13, 'Permission denied')")],
  ])('%s from docker-compose 1.29', async (code, stderr) => {
    const project = v1(failing(stderr));
    await expect(compose(project, ['up'])).rejects.toMatchObject({ code });
  });

  it.each([
    [
      'image-not-fetched',
      'Error response from daemon: manifest for 127.0.0.1:5000/shop:r9 not found: manifest unknown: manifest unknown',
    ],
    [
      'image-not-fetched',
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    ],
    [
      'image-not-fetched',
      'WARNING: Error loading config file: open /root/.docker/config.json: permission denied\nError response from daemon: manifest unknown',
    ],
  ])('%s from a pull: %s', async (code, stderr) => {
    const place = fakeTools({ docker: failing(stderr) });
    await expect(pull(place, '127.0.0.1:5000/shop:r9', { signal })).rejects.toMatchObject({ code });
  });

  it('disk-full from a pull, with the folder of the engine and what frees some', async () => {
    const stderr = 'failed to register layer: write /usr/lib/libpython.so: no space left on device';
    const place = fakeTools({
      docker: [
        [/^pull/, { stderr, code: 1 }],
        [/^info/, { stdout: '/tmp' }],
      ],
    });
    const here = { ...place, env: { ...place.env, DOCKER_HOST: 'unix:///x' } };
    await expect(pull(here, '127.0.0.1:5000/shop:r9', { signal })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/no space left on device; its folder is \/tmp \(\d.* free now\)$/),
      told: { next: expect.arrayContaining(['see what takes the room: docker system df']), retry: false },
    });
    // Of an engine on another host nobody here knows what is free.
    const away = { ...place, env: { ...place.env, DOCKER_HOST: 'tcp://10.0.0.1:2376' } };
    await expect(pull(away, '127.0.0.1:5000/shop:r9', { signal })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/no space left on device$/),
    });
  });

  it('says of a program in the image that may not be run what it is, and not that the engine may not be used', async () => {
    const stderr = `docker: Error response from daemon: failed to create shim: exec: "/app/python": permission denied: unknown.\nSee 'docker run --help'.`;
    await expect(docker(fakeTools({ docker: failing(stderr) }), ['run'])).rejects.toBeInstanceOf(ToolFailed);
  });

  it('compose-invalid, in compose’s words', async () => {
    const missing = `Missing mandatory value for "environment" option interpolating {'DATABASE_URL': '\${DATABASE_URL:?set it}'} in service "app": set it`;
    await expect(composed(v1(failing(missing)))).rejects.toMatchObject({
      code: 'compose-invalid',
      message: expect.stringContaining('in service "app": set it'),
    });
  });

  it.each([
    [
      'up-failed',
      'ERROR: for app  Cannot start service app: driver failed programming external connectivity on endpoint: Bind for 127.0.0.1:8000 failed: port is already allocated',
      'find who has the port: ss -ltnp',
    ],
    [
      'disk-full',
      'ERROR: for app  Cannot create container for service app: mkdir /var/lib/docker/overlay2/x: no space left on device',
      'see what takes the room: docker system df',
    ],
    ['compose-too-old', '  File "compose/service.py"\nKeyError: \'ContainerConfig\'', 'install the plugin'],
  ])('%s from up', async (code, stderr, next) => {
    const swap: Swap = {
      ...{ project: v1(failing(stderr)), services: ['app'], images: new Map(), shell: {}, peers: null },
      healthy: { seconds: 1, logLines: 1, mask: (text) => text, signal, progress: () => undefined },
    };
    await expect(ways.recreate(swap)).rejects.toMatchObject({
      code,
      told: { next: expect.arrayContaining([expect.stringContaining(next)]) },
    });
  });
});

function v1(says: Says): ComposeProject {
  const place = fakeTools({ 'docker-compose': says });
  const tool = { command: ['docker-compose'], version: '1.29.2', isV1: true };
  return { tool, place, files: ['docker-compose.prod.yml'], name: 'shop' };
}
