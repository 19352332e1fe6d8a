import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { withClient } from '../../src/adapters/postgres/client.js';
import { sessionsNamed } from '../../src/adapters/postgres/sessions.js';
import { Site } from '../services/closure/site.js';
import { dropNamed, leftOf } from '../services/restore/support.js';
import type { Revision } from './alembic-files.js';
import type { OwnServer } from './kills-servers.js';
import { Project, runProgram, until, type Ran } from './project.js';

/** A rewrite under a strong lock: high risk, and the site is closed for it. */
export const REWRITE: Revision = {
  id: '0002_text',
  up: 'op.execute("alter table orders alter column total type text")',
  down: 'op.execute("alter table orders alter column total type numeric using total::numeric")',
};
const HELD = 'if [ "$LOCKKEEPER_STEP" = deploy ]; then while [ -e hold ]; do sleep 0.05; done; fi';

/** A busy machine takes its time. */
export const SLOW = { ms: 400_000 };

/** A target behind nginx, whose deploy is held for as long as the file `hold` is there. */
export class Night {
  private constructor(
    readonly project: Project,
    readonly site: Site,
  ) {}

  /** @param settings - of the target, over those of a night */
  static async begin(revision: Revision, temporal: OwnServer, settings: object = {}): Promise<Night> {
    const site = await Site.open();
    const project = await Project.make({ releases: { r2: [revision] }, env: temporal.environment });
    await site.serve(site.snippet({ target: project.target }));
    await project.configure({
      verify: [],
      rehearsal: { where: 'server' },
      deploy: {
        commands: [HELD, 'printf %s "$LOCKKEEPER_RELEASE" > running'],
        stop: ['printf "" > running'],
      },
      closure: { flag: site.flag, url: site.url, waitSeconds: 1, start: ['echo started > writers'] },
      ...settings,
    });
    await writeFile(project.path('hold'), '');
    await project.worker();
    return new Night(project, site);
  }

  /** The release r2, approved, up to the moment at which its deploy is held. */
  async runUntilHeld(): Promise<void> {
    const { project } = this;
    const known = await this.#runs();
    const started = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate'], SLOW);
    expect(started).toMatchObject({ code: 3 });
    const hash = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? 'no plan';
    await project.cli(['approve', project.target, '--plan', hash], {
      ...SLOW,
      env: { LOCKKEEPER_USER: 'bo' },
    });
    const isHeld = async () => {
      const [run] = (await this.#runs()).filter((id) => !known.includes(id));
      return run !== undefined && (await this.#journal(run)).includes('"step":"startRelease"');
    };
    await until(isHeld, 240_000, 'the held deploy', 100);
  }

  letGo = (): Promise<void> => rm(this.project.path('hold'), { force: true });
  hold = (): Promise<void> => writeFile(this.project.path('hold'), '');

  #runs = async (): Promise<string[]> => readdir(this.project.path('.lockkeeper', 'logs')).catch(() => []);

  #journal = async (run: string): Promise<string> =>
    (await runProgram('cat', [`.lockkeeper/logs/${run}/journal.jsonl`], this.#at)).out;

  get #at() {
    return { cwd: this.project.home, env: this.project.env, ms: 120_000 };
  }

  emergency = (what: string, ...flags: string[]): Promise<Ran> =>
    this.project.cli(['emergency', what, this.project.target, ...flags], SLOW);

  sql = async <R extends object>(text: string): Promise<R[]> =>
    withClient(
      this.project.url,
      { applicationName: 'test' },
      async (client) => (await client.query<R>(text)).rows,
    );

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
    const [row] = await this.sql<{ at: string; type: string; rows: number }>(
      `select (select version_num from alembic_version) as at, (select count(*)::int from orders) as rows,
         format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'orders'::regclass and attname = 'total'`,
    );
    const left = await withClient(project.url, { applicationName: 'test' }, (client) =>
      sessionsNamed(client, `lockkeeper:${project.target}`),
    );
    const { status } = await this.site.ask();
    const flag = existsSync(this.site.flag);
    return { ...row, sessions: left.length, site: status, flag, release: await project.running() };
  }

  async close(): Promise<void> {
    const { url } = this.project;
    await dropNamed(url, await leftOf(url)); // what restores have put aside
    await this.project.close();
    await this.site.close();
  }
}
