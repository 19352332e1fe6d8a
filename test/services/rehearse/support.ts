import { afterEach, expect } from '@jest/globals';
import type { Revision } from '../../support/alembic-files.js';
import type { ProjectOptions } from '../../support/project.js';
import { oneValue } from '../backup/support.js';
import { leftOf, prepare, type Prepared } from '../restore/support.js';
import { readdir } from 'node:fs/promises';

/** Projects that end with each test; whatever came of it, nothing is left and production is as it was. */
export function projects() {
  let made: Prepared[] = [];
  afterEach(async () => {
    const all = made;
    made = [];
    for (const { project, plan } of all) {
      expect(await leftOf(project.url)).toEqual([]);
      expect(await readdir(project.path('.lockkeeper', 'scratch')).catch(() => [])).toEqual([]);
      expect(await oneValue(project.url, 'SELECT version_num FROM alembic_version')).toBe(plan.from[0]);
      expect(await oneValue(project.url, `SELECT to_regclass('coupons') IS NULL`)).toBe(true);
      await project.close();
    }
  });
  return async (options: ProjectOptions = {}, first?: string): Promise<Prepared> => {
    const prepared = await prepare(options, first);
    made.push(prepared);
    return prepared;
  };
}

export const releases = (...revisions: Revision[]): ProjectOptions => ({ releases: { r2: revisions } });

/** A revision of statements, none of which needs a quote of its own. */
export const revision = (id: string, up: readonly string[], down: readonly string[]): Revision => ({
  id,
  up: up.map((sql) => `op.execute("""${sql}""")`).join('\n    ') || 'pass',
  down: down.map((sql) => `op.execute("""${sql}""")`).join('\n    ') || 'pass',
});
