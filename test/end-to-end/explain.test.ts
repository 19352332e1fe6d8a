import { existsSync } from 'node:fs';
import { whole } from '../support/kills-sample.js';
import { OwnServer } from '../support/kills-servers.js';
import { Night, REWRITE } from '../support/night.js';
import { until } from '../support/project.js';

describe('the night in which Temporal is down', () => {
  let temporal: OwnServer;
  let high: Night;
  beforeAll(async () => {
    temporal = await OwnServer.start('temporal');
    high = await Night.begin(REWRITE, temporal);
  }, 400_000);
  afterAll(async () => {
    await high?.close();
    await temporal?.close();
  }, 120_000);

  it('what explain prints, run by a shell, brings a run of high risk to a good end', async () => {
    await high.runUntilHeld();
    await high.project.killWorkers();
    await temporal.kill();
    expect((await high.site.ask()).status).toBe(503);

    const { text } = await high.byHand();

    const before = {
      ...{ at: '0001_first', type: 'numeric', rows: 1_000, sessions: 0 },
      ...{ site: 200, flag: false, release: 'r1' },
    };
    expect(await high.stands()).toEqual(before);
    expect(text).toMatch(/1\. Put the release back.*2\. Put the database back.*alembic.*3\. Open the site/s);
    expect(existsSync(high.project.path('writers'))).toBe(true);
    const again = await high.project.cli(['explain', high.project.target]);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('marked as done by hand') });
  }, 400_000);

  // Two minutes: the dead worker's step must time out first.
  if (whole)
    it('when Temporal is back the run does nothing more, and a person ends it', async () => {
      const { project } = high;
      await high.letGo();
      await temporal.again();
      await project.worker();
      const isRepair = async () =>
        (await project.cli(['status', project.target])).out.includes('done-by-hand');
      await until(isRepair, 90_000, 'the gate repair', 1_000);
      const ended = await project.cli(['stop', project.target, '--done-by-hand', '--note', 'as explained']);
      expect(ended).toMatchObject({ code: 0 });
      await until(
        async () => existsSync(project.path('.lockkeeper/records', project.target)),
        30_000,
        'the record',
      );
      expect(await high.stands()).toMatchObject({ at: '0001_first', site: 200, release: 'r1' });
    }, 300_000);
});
