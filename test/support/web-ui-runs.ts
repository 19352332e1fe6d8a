import { Client, Connection } from '@temporalio/client';
import type { Fact, RunRecord } from '../../src/domain/record.js';
import type { Revision } from './alembic-files.js';
import { findChromium } from './browser.js';
import { Project, type ProjectOptions, until } from './project.js';
import { PICTURES, WebUi } from './web-ui.js';

/** A project with a worker, its runs, and Temporal's Web UI in a real browser. */
export class RunsInWebUi {
  private constructor(
    readonly project: Project,
    readonly ui: WebUi,
    private readonly client: Client,
  ) {}

  static async open(options: ProjectOptions): Promise<RunsInWebUi> {
    await findChromium(process.env);
    const project = await Project.make(options);
    await project.worker();
    const { address, uiUrl } = project.servers.temporal;
    const client = new Client({ connection: await Connection.connect({ address }) });
    return new RunsInWebUi(project, await WebUi.open(uiUrl, project.workflowId), client);
  }

  async close(): Promise<void> {
    await this.ui.close();
    await this.client.connection.close();
    await this.project.close();
    process.stderr.write(`pictures of the Web UI: ${PICTURES}\n`);
  }

  start(release: string): Promise<void> {
    const { target } = this.project;
    return this.ui.start('deploy', target, { target, release, requestedBy: 'ana@example.com' });
  }

  record = (): Promise<RunRecord> =>
    this.client.workflow.getHandle(this.project.workflowId).query<RunRecord>('record');

  comesTo = (outcome: RunRecord['outcome']): Promise<void> =>
    until(async () => (await this.record()).outcome === outcome, 90_000, outcome, 200);

  /** The first twelve characters of the plan that waits. */
  async plan(): Promise<string> {
    const asked = (await this.record()).facts.findLast((fact) => fact.kind === 'asked');
    return asked?.kind === 'asked' ? asked.planHash.slice(0, 12) : 'no plan';
  }
}

/** What was said by people, in the order of the record, without its time. */
export const saidIn = ({ facts }: RunRecord): Omit<Fact, 'at'>[] =>
  facts.filter(({ kind }) => ['said', 'refused', 'sender'].includes(kind)).map(({ at: _, ...fact }) => fact);

/** An index on a table that is in use: medium, so a person decides. */
export const index = (id: string, column: string): Revision => ({
  id,
  up: `with op.get_context().autocommit_block():
        op.create_index("ix_${id}", "orders", ["${column}"], postgresql_concurrently=True)`,
  down: `with op.get_context().autocommit_block():
        op.drop_index("ix_${id}", postgresql_concurrently=True)`,
});
