import { withClient } from '../../../src/adapters/postgres/client.js';
import { until, type Ran } from '../project.js';
import { temporaryFolder } from '../temporary.js';
import { told } from '../told.js';
import { ComposeExample } from './compose-example.js';
import { imageLike, shopImage } from './images.js';
import { startRegistry, type Registry } from './registry.js';

/** For one case: slow machines, and waits of the product that are what they are. */
export const MS = 600_000;

/**
 * The shop of examples/compose at r1, its images in a registry, a worker at work. Whatever a deploy of r2 meets, r1 is
 * what people see afterwards.
 */
export class FirstRelease {
  private constructor(
    readonly example: ComposeExample,
    private readonly registry: Registry,
    /** Ids of the images. */
    readonly r1: string,
    readonly r2: string,
  ) {}

  static async make(): Promise<FirstRelease> {
    const r2 = await imageLike(await shopImage('r2'));
    const registry = await startRegistry(temporaryFolder('registry'));
    const example = await ComposeExample.make('recreate', registry.at);
    const r1 = await example.idOf(example.latest);
    await example.up();
    await example.project.worker();
    return new FirstRelease(example, registry, r1, r2);
  }

  async close(): Promise<void> {
    await this.example.close();
    await this.registry.stop();
  }

  /** The CLI about the target. */
  cli(...args: readonly string[]): Promise<Ran> {
    const { project } = this.example;
    return project.cli([...args, project.target], { ms: MS });
  }

  deploy(...more: readonly string[]): Promise<Ran> {
    return this.cli('deploy', '--auto-migrate', '--health-check', ...more);
  }

  revision(): Promise<string | undefined> {
    return withClient(this.example.project.url, { applicationName: 'test' }, async (client) => {
      const { rows } = await client.query<{ at: string }>('select version_num as at from alembic_version');
      return rows[0]?.at;
    });
  }

  /** Release, schema and rows are those of r1, and visitors are served. */
  async expectFirst(): Promise<void> {
    const { example } = this;
    expect([await example.running(), await this.revision()]).toEqual([this.r1, '0001_first']);
    await until(async () => (await example.visit('/products')) !== 502, 60_000, 'r1');
    expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r1', revision: '0001_first' });
    expect(await example.visit('/products')).toMatchObject([{ name: 'tea' }]);
  }

  /** Nothing was begun: not even the container is another one. @returns what was told */
  async expectRefused(act: () => Promise<Ran>): Promise<string> {
    const before = await this.example.containers();
    const ran = await act();
    const words = told(this.example.project, ran);
    expect(words).toContain('The database is unchanged, the release is unchanged.');
    expect(ran.code).toBe(1);
    expect(await this.example.containers()).toBe(before);
    await this.expectFirst();
    return words;
  }

  /** It went wrong on the way, and all of it was put back. @returns what was told */
  async expectUndone(image: string): Promise<string> {
    await this.example.release(image);
    const ran = await this.deploy();
    const words = told(this.example.project, ran);
    expect(words).toMatch(/undone +put the release back.*undone +put the schema back/s);
    expect(words).not.toContain('by hand');
    expect(ran.code).toBe(1);
    await this.expectFirst();
    expect(await this.example.idOf(this.example.latest)).toBe(this.r1);
    return words;
  }
}
