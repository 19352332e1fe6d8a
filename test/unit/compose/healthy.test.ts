import { untilContainersHealthy } from '../../../src/adapters/compose/healthy.js';
import { fakeTools } from '../../support/docker/fake-tools.js';

const WANTED = `sha256:${'b'.repeat(64)}`;
const OTHER = `sha256:${'a'.repeat(64)}`;

interface State {
  image?: string;
  status?: string;
  exitCode?: number;
  restarts?: number;
  health?: string;
  said?: string;
  startedAt?: string;
}

/** As `docker container inspect` prints it. */
const inspected = ({
  image = WANTED,
  status = 'running',
  exitCode = 0,
  restarts = 0,
  health,
  said = '',
  startedAt,
}: State) =>
  JSON.stringify({
    ...{ Id: 'c1', Name: '/0c1_shop_app_1', Image: image, RestartCount: restarts, Config: { Labels: {} } },
    NetworkSettings: { Networks: null },
    State: {
      ...{ Status: status, ExitCode: exitCode, Error: '', StartedAt: startedAt ?? '2026-01-01T00:00:00Z' },
      ...(health ? { Health: { Status: health, Log: [{ Output: said }] } } : {}),
    },
  });

const tools = (state: State) =>
  fakeTools({
    docker: [
      [
        /^ps --all --quiet --no-trunc --filter label=com.docker.compose.project=shop --filter label=com.docker.compose.service=app --filter label=com.docker.compose.oneoff=False$/,
        { stdout: 'c1\n' },
      ],
      [/^container inspect/, { stdout: inspected(state) }],
      [/^logs --tail 20 c1$/, { stdout: 'starting\n', stderr: 'password=hunter2 is wrong\n' }],
    ],
  });

/** @param later - what it is after the first look */
async function wait(state: State, seconds = 0.2, later = state) {
  const tool = { command: ['docker-compose'], version: '1.29.2', isV1: true };
  const project = { tool, place: tools(state), files: [], name: 'shop' };
  return untilContainersHealthy(project, 'app', {
    ...{ image: WANTED, seconds, logLines: 20, signal: new AbortController().signal },
    mask: (text) => text.replaceAll('hunter2', '•••'),
    progress: () => void (project.place = tools(later)),
  });
}

describe('untilContainersHealthy', () => {
  it('finds containers by labels, whatever their names', async () => {
    expect(await wait({ health: 'healthy' })).toMatch(/^app is healthy after/);
  });

  it('says when a service has no health check', async () => {
    expect(await wait({})).toMatch(/^app is running, without a health check of its own after/);
  });

  it('does not take one that was started a moment ago for steady', async () => {
    const startedAt = new Date(Date.now() + 3_600_000).toISOString();
    await expect(wait({ startedAt })).rejects.toMatchObject({ code: 'container-failed' });
  });

  it.each<[string, State]>([
    ['ended with exit code 3', { status: 'exited', exitCode: 3 }],
    ['was restarted 3 times, last with exit code 3', { status: 'restarting', exitCode: 3, restarts: 3 }],
    ['is unhealthy', { health: 'unhealthy', said: 'HTTP 503' }],
    ['is unhealthy', { health: 'unhealthy', said: `Traceback:\n  File "a"\n  File "b"\n  raise\nHTTP 503` }],
    ['was not healthy within 0.2 seconds (starting)', { health: 'starting' }],
  ])('tells of a container that %s, with its last lines and no secret', async (says, state) => {
    const error = (await wait(state).catch((each: unknown) => each)) as Error & { code: string };
    expect(error.code).toBe('container-failed');
    expect(error.message).toContain(`the container of app ${says}`);
    expect(error.message).toContain('starting\npassword=••• is wrong');
    const end = state.said?.replace('Traceback:\n  File "a"\n  ', '');
    if (end) expect(error.message).toContain(`its check says: ${end}`);
  });

  it('tells of one that ends again and again, also when it is met only while it starts', async () => {
    const starting = { health: 'starting', restarts: 5 };
    await expect(wait(starting, 30, { ...starting, restarts: 8 })).rejects.toMatchObject({
      code: 'container-failed',
      message: expect.stringMatching(/the container of app was restarted 8 times.*is wrong/s),
    });
  });

  it('says of one that its check found ill first that it had to be restarted', async () => {
    const ill = { health: 'unhealthy', restarts: 7 };
    await expect(wait({ health: 'starting', restarts: 5 }, 30, ill)).rejects.toMatchObject({
      message: expect.stringContaining('the container of app is unhealthy, and was restarted 2 times'),
    });
  });

  it('does not mind that one which was kept had been restarted in other weeks', async () => {
    expect(await wait({ health: 'healthy', restarts: 7 })).toMatch(/^app is healthy/);
  });

  it('does not take the old image’s container for the new one', async () => {
    await expect(wait({ image: OTHER, health: 'healthy' })).rejects.toMatchObject({
      code: 'not-what-was-started',
      message: expect.stringContaining('still runs aaaaaaaaaaaa'),
    });
  });
});
