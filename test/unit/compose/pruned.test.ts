import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { assertImagesBack } from '../../../src/activities/compose/images-back.js';
import { homeAt } from '../../../src/activities/home.js';
import { keepPlan } from '../../../src/activities/plans.js';
import { keep } from '../../../src/activities/records.js';
import { revisionFiles } from '../../../src/activities/revision-files.js';
import type { Plan, PlanSummary } from '../../../src/domain/plan.js';
import type { RunRecord } from '../../../src/domain/record.js';
import { movesOf } from '../../../src/domain/rollback.js';
import { fakeTools, type Says } from '../../support/docker/fake-tools.js';
import { temporaryFolder } from '../../support/temporary.js';

const REFERENCE = 'ghcr.io/acme/shop:latest';
const idOf = (release: string) => `sha256:${release.slice(1).repeat(64)}`;

/** r1 → r2 → r3, each with a revision of its own; `there`: whose images are on the host. */
async function shop(there: readonly string[]) {
  const found = there.map((release): Says[number] => [
    new RegExp(`^image inspect .*${idOf(release)}$`),
    { stdout: image(release) },
  ]);
  const { env } = fakeTools({
    docker: [
      ...found,
      [/^image inspect/, { stderr: 'Error: No such image: x', code: 1 }],
      [/^ps /, { stdout: '' }],
    ],
    'docker-compose': [
      [/^version --short$/, { stdout: '1.29.2' }],
      [/ config$/, { stdout: stringify({ services: { app: { image: REFERENCE } } }) }],
    ],
  });
  const folder = temporaryFolder('pruned');
  const deploy = { compose: { command: ['docker-compose'], project: 'shop' }, environment: env };
  const settings = { database: { url: 'file:url' }, alembic: { container: { network: 'host' } }, deploy };
  writeFileSync(join(folder, 'url'), 'postgresql://shop@db/shop');
  writeFileSync(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { shop: settings } }));
  const target = homeAt(join(folder, 'lockkeeper.yaml')).target('shop');
  mkdirSync(join(target.config.state, 'revisions'), { recursive: true });
  const plans = [planOf('r3', 'r2'), planOf('r2', 'r1')];
  const records = plans.map((plan, index) => recordOf(plan, `2026-11-26T1${9 - index}:00:00.000Z`));
  for (const plan of plans) {
    const sha256 = plan.revisions[0]!.sha256;
    writeFileSync(join(target.config.state, 'revisions', `${sha256}.py`), `# of ${plan.release}`);
    await keepPlan(target.config.state, plan);
  }
  for (const record of records) await keep(target.config.state, record);
  return { target, deploys: plans as [Plan, Plan], all: movesOf(records) };
}

const image = (release: string) =>
  JSON.stringify({ Id: idOf(release), RepoTags: [], RepoDigests: [], Created: '', Config: null });

const planOf = (release: string, running: string): Plan =>
  ({
    ...{ planHash: `hash-of-${release}`, release, running, from: [running], to: [release] },
    revisions: [{ revision: release, file: `versions/${release}.py`, sha256: `sha-of-${release}` }],
    images: [
      {
        ...{ services: ['app'], reference: REFERENCE, id: idOf(release), running: idOf(running) },
        digest: `ghcr.io/acme/shop@sha256:${release}`,
      },
    ],
  }) as unknown as Plan;

const recordOf = (plan: Plan, at: string): RunRecord => ({
  ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', outcome: 'done' },
  ...{ runId: plan.release, steps: [] },
  facts: [
    { at, kind: 'planned', plan: plan as unknown as PlanSummary },
    { at, kind: 'finished', step: 'migrate' },
    { at, kind: 'finished', step: 'deploy' },
  ],
});

const work = { signal: new AbortController().signal };
const imageIn = async (command: Promise<{ args: readonly string[] }>) =>
  (await command).args.find((each) => each.startsWith('sha256:'));

describe('a schema that goes back where images were pruned', () => {
  it.each([
    ['nothing', ['r1', 'r2', 'r3'], 'r3', ['r3']],
    ['the newest', ['r1', 'r2'], 'r2', ['r3']],
    ['all but the oldest', ['r1'], 'r1', ['r3', 'r2']],
  ])('%s: by the newest image that is there, with the files that it lacks', async (_, there, by, kept) => {
    const { target, deploys } = await shop(there);
    const files = await revisionFiles(target, deploys[0], {});
    const command = files.project.container!.command(['python3'], {}, { attempt: 'a', stays: false });
    expect(await imageIn(command)).toBe(idOf(by));
    expect(files.kept).toEqual(
      kept.map((release) => ({
        ...{ revision: release, file: `versions/${release}.py`, text: `# of ${release}` },
      })),
    );
  });
});

describe('a release that is to be put back, and whose image was pruned', () => {
  const refused = async (there: readonly string[], count: number) => {
    const { target, deploys, all } = await shop(there);
    const back = deploys.slice(0, count) as [Plan, ...Plan[]];
    return assertImagesBack(target, { deploys: back, all }, work).catch((error: unknown) => error);
  };

  it('is pulled again by the digest that its own deploy knew', async () => {
    expect(await refused(['r1', 'r3'], 1)).toMatchObject({
      code: 'image-gone',
      told: {
        next: [
          'pull it again, then roll back again: docker pull ghcr.io/acme/shop@sha256:r2',
          'or go forward with a release that is mended',
        ],
      },
    });
  });

  it('leaves those between, as far as they are here', async () => {
    const next = (await refused(['r2', 'r3'], 2)) as { told: { next: string[] } };
    expect(next.told.next).toEqual([
      expect.stringMatching(/^bring this very image here again/),
      'or go back less far: lockkeeper rollback shop --to r2',
      'or go forward with a release that is mended',
    ]);
    expect(await refused(['r3'], 2)).toMatchObject({ code: 'image-gone', told: { next: { length: 2 } } });
    expect(await refused(['r1', 'r3'], 2)).toBeUndefined();
  });
});
