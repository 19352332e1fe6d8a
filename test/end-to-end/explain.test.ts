import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { withClient } from '../../src/adapters/postgres/client.js';
import { sessionsNamed } from '../../src/adapters/postgres/sessions.js';
import { Site } from '../services/closure/site.js';
import type { Revision } from '../support/alembic-files.js';
import { whole } from '../support/kills-sample.js';
import { OwnServer } from '../support/kills-servers.js';
import { Project, runProgram, until } from '../support/project.js';

const REWRITE: Revision = {
  id: '0002_text',
  up: 'op.execute("alter table orders alter column total type text")',
  down: 'op.execute("alter table orders alter column total type numeric using total::numeric")',
};
const HELD = 'while [ "$LOCKKEEPER_STEP" = deploy ] && [ -e hold ]; do sleep 0.05; done';

/** A target whose run is stopped by a machine on which Temporal and its worker die. */
class Night {
  private constructor(
    readonly project: Project,
    readonly site: Site,
  ) {}

  static async begin(revision: Revision, temporal: OwnServer): Promise<Night> {
    const site = await Site.open();
    const project = await Project.make({ releases: { r2: [revision] }, env: temporal.environment });
    await site.serve(site.snippet({ target: project.target }));
    await project.configure({
      verify: [],
      rehearsal: { where: 'server' },
      deploy: { commands: [HELD, 'printf %s "$LOCKKEEPER_RELEASE" > running'] },
      closure: { flag: site.flag, url: site.url, waitSeconds: 1, start: ['echo started > writers'] },
    });
    await writeFile(project.path('hold'), '');
    await project.worker();
    return new Night(project, site);
  }

  async runUntil(is: () => Promise<boolean>): Promise<void> {
    const { project } = this;
    const started = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
    expect(started).toMatchObject({ code: 3 });
    const hash = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? 'no plan';
    await project.cli(['approve', project.target, '--plan', hash], { env: { LOCKKEEPER_USER: 'bo' } });
    await until(is, 90_000, 'the instant', 100);
    await project.killWorkers();
  }

  isInDeploy = async (): Promise<boolean> => (await this.#journal()).includes('"step":"startRelease"');

  #journal = async (): Promise<string> =>
    (await runProgram('sh', ['-c', 'cat .lockkeeper/logs/*/journal.jsonl'], this.#at)).out;

  get #at() {
    return { cwd: this.project.home, env: this.project.env, ms: 120_000 };
  }

  #look = <T>(act: Parameters<typeof withClient<T>>[2]): Promise<T> =>
    withClient(this.project.url, { applicationName: 'test' }, act);

  /** The commands that are printed, run by a shell that knows nothing of Lockkeeper. */
  async byHand(...flags: string[]) {
    const explained = await this.project.cli(['explain', this.project.target, ...flags]);
    expect(explained).toMatchObject({ code: 4, err: '' });
    await writeFile(this.project.path('rest.sh'), explained.out);
    const ran = await runProgram('bash', ['rest.sh'], this.#at);
    expect(ran).toMatchObject({ code: 0 });
    return { text: explained.out, ...ran };
  }

  /** How all stands. */
  async stands() {
    const { project } = this;
    const database = await this.#look(async (client) => {
      const { rows } = await client.query<{ at: string; type: string; rows: number }>(
        `select (select version_num from alembic_version) as at, (select count(*)::int from orders) as rows,
           format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'orders'::regclass and attname = 'total'`,
      );
      const left = await sessionsNamed(client, `lockkeeper:${project.target}`);
      return { ...rows[0], sessions: left.length };
    });
    const { status } = await this.site.ask();
    return { ...database, site: status, flag: existsSync(this.site.flag), release: await project.running() };
  }

  async close(): Promise<void> {
    await this.project.close();
    await this.site.close();
  }
}

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
    await high.runUntil(high.isInDeploy);
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
      await rm(project.path('hold'));
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
