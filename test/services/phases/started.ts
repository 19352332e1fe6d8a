import type { Wanted } from '../../../src/phases/wanted.js';
import { run, testProject, type TestProject } from '../alembic/project.js';
import type { Case } from './cases.js';

/** As `phases new` takes it. */
export const wantedOf = (wanted: Case['wanted']): Wanted => ({
  ...{ columns: [], into: {}, set: {}, back: {}, by: [] },
  ...wanted,
});

/** An Alembic project with the tables of a case. */
export const start = async (schema: string): Promise<TestProject> => {
  const project = await testProject([{ id: '0001_first' }]);
  const mako =
    '"""${message}\n\nRevises: ${down_revision | comma,n}\n"""\nfrom alembic import op\n' +
    'revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n\n\n' +
    'def upgrade():\n    ${upgrades if upgrades else "pass"}\n\n\ndef downgrade():\n    ${downgrades if downgrades else "pass"}\n';
  project.write('migrations/script.py.mako', mako);
  await run(project, 'upgrade', ['0001_first'], []);
  await project.query(schema);
  // Far above the migration's short attempts, also where these end late.
  await project.query(`ALTER DATABASE ${project.name} SET deadlock_timeout = '30s'`);
  return project;
};
