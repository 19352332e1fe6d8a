import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { shell } from '../../src/adapters/shell.js';
import { dockerEngine, Engine } from '../support/docker/engine.js';
import { startRegistry, type Registry } from '../support/docker/registry.js';
import { temporaryFolder } from '../support/temporary.js';
import { Project } from '../support/project.js';
import { sight, told } from '../support/told.js';

const MS = 300_000;

/** An engine of its own, whose disk has 64 MiB. Its images are a shell, and nothing that is large. */
describe('a deploy whose image finds no room on the disk of the engine', () => {
  let engine: Engine;
  let registry: Registry;
  let project: Project;
  let folder: string;
  const name = () => `${registry.at}/acme/shop`;

  beforeAll(async () => {
    const all = await dockerEngine();
    const files = temporaryFolder('registry');
    registry = await startRegistry(files);
    for (const [release, mib] of [
      ['r1', 0],
      ['r2', 30],
    ] as const) {
      await imported(all, files, mib, `${name()}:${release}`);
      await all.docker('push', '--quiet', `${name()}:${release}`);
      await all.docker('rmi', `${name()}:${release}`);
    }
    folder = await mkdtemp(join(tmpdir(), 'lk-full-'));
    await mkdir(join(folder, 'data'));
    await shell({ file: 'mount', args: ['-t', 'tmpfs', '-o', 'size=64m', 'lk-full', join(folder, 'data')] });
    engine = await new Engine(folder).start();
    project = await Project.make({ env: engine.env, settings: settings() });
    const app = { image: `${name()}:latest`, network_mode: 'none', init: true };
    await writeFile(project.path('docker-compose.prod.yml'), stringify({ services: { app } }));
    await engine.docker('pull', '--quiet', `${name()}:r1`);
    await engine.docker('tag', `${name()}:r1`, `${name()}:latest`);
    await shell({
      ...{ file: 'docker-compose', args: ['-f', 'docker-compose.prod.yml', 'up', '-d', 'app'] },
      ...{ cwd: project.home, env: project.env },
    });
    await project.worker();
  }, MS);
  afterAll(async () => {
    await project?.close();
    await engine?.remove();
    await registry?.stop();
  }, 120_000);

  const deploy = () =>
    project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate'], { ms: MS });
  const running = () => engine.docker('ps', '--format', '{{.ID}} {{.Image}}');

  it(
    'is refused before anything else, and says what is full, and what to do',
    async () => {
      await imported(engine, temporaryFolder('fill'), 45);
      const [before, containers] = [await sight(project.url), await running()];
      const ran = await deploy();
      expect(ran.code).toBe(1);
      const words = told(project, ran);
      expect(words).toMatch(/failed +fetch release.*The database is unchanged, the release is unchanged\./s);
      expect(words).toMatch(
        /error: the disk of the Docker engine is full: the image \S+:r2 could not be pulled\n +why .*no space left on device; its folder is \S+\/data \(SIZE free now\)\n +next +1\. see what takes the room: docker system df\n.*docker image prune.*code +disk-full/s,
      );
      const { facts } = await project.record();
      expect(facts.flatMap((fact) => (fact.kind === 'started' ? fact.step : []))).toEqual(['fetch release']);
      expect([await sight(project.url), await running()]).toEqual([before, containers]);
    },
    MS,
  );

  it(
    'goes well once that was done',
    async () => {
      await engine.docker('image', 'prune', '--force');
      expect(await deploy()).toMatchObject({ code: 0 });
      const [id] = (await running()).split(' ');
      const image = await engine.docker('container', 'inspect', '--format', '{{.Image}}', id!);
      expect(image).toBe(await engine.docker('image', 'inspect', '--format', '{{.Id}}', `${name()}:r2`));
    },
    MS,
  );
});

const settings = () => ({
  release: {},
  deploy: { compose: { fetch: 'pull', healthySeconds: 60 } },
  health: undefined,
  verify: [],
});

/** Makes an image of a shell that sleeps and so many MiB of nothing, which a registry holds in a few KiB. */
async function imported(into: Engine, files: string, mib: number, tag = ''): Promise<void> {
  const text = `set -o pipefail; truncate --size ${mib}M ${files}/large
    tar --create --directory / bin/busybox --directory ${files} large |
      docker import --change 'CMD ["/bin/busybox", "sleep", "600"]' - ${tag}`;
  await shell({ file: 'bash', args: ['-c', text], env: into.env });
}
