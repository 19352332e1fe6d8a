/** npm run bench:real -- prefect|mlflow: verdicts of real revisions, held against what they do on a real server. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../../src/domain/plan.js';
import { inspect } from '../../src/adapters/alembic/inspect.js';
import { buildPlan } from '../../src/plan/build.js';
import { partsOf } from '../../src/plan/unsure.js';
import { check } from '../../src/rules/check.js';
import type { HeldLock } from '../../src/rules/transaction.js';
import { alembicRun } from '../../src/rules/transaction-run.js';
import type { Schema } from '../../src/schema/model.js';
import { emptySchema } from '../../src/schema/empty.js';
import { parse } from '../../src/sql/parse.js';
import { ENV_PY } from '../../test/support/alembic-files.js';
import { factsWith } from '../../test/support/plan-facts.js';
import { freshDatabase } from '../../test/support/servers.js';
import { leave, testHome } from '../../test/support/test-stack.js';
import { compare, type Seen, type Told } from './compare.js';
import { cache, installed, projects, type Project } from './projects.js';

const [name = 'mlflow'] = process.argv.slice(2);
const project = (projects as Record<string, Project>)[name];
if (!project) throw new Error(`${name}: one of ${Object.keys(projects).join(', ')}`);
const { python, site } = installed(name, project);

mkdirSync(testHome, { recursive: true });
const database = await freshDatabase();
try {
  const folder = join(cache, `${name}-project`);
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(folder, 'migrations'), { recursive: true });
  writeFileSync(join(folder, 'migrations', 'env.py'), ENV_PY);
  writeFileSync(join(folder, 'alembic.ini'), project.ini(site, database.url));
  const environment = { DATABASE_URL: database.url };
  const alembic = { python: [python], cwd: folder, config: 'alembic.ini', environment };
  const { pending } = await inspect(alembic, { from: 'database', allowSeveralHeads: true });
  const plan = await buildPlan(factsWith(...pending));
  console.log(
    `${name}: ${pending.length} revisions, ${plan.coverage.analysed} of ${plan.coverage.total} statements analysed, from base as one run`,
  );
  const seen = trace(python, folder, environment, project.first(database.url));
  const told: Told[] = [];
  // What earlier revisions have made is there, and not new: as on a database that has all before it.
  const schema: Schema = { ...emptySchema(18), searchPath: ['public'], schemas: new Set(['public']) };
  for (const revision of pending) {
    const run = alembicRun(true);
    const parts = await partsOf(revision);
    const parsed = parts?.certain ?? (await parse(revision.upSql ?? ''));
    const source = { file: revision.file, linesOfFile: false, postgres: 18 };
    const findings: Finding[] = [];
    const held: HeldLock[] = [];
    for (const part of parsed) {
      // One by one: a block that commits gives back the locks.
      findings.push(...check([part], source, schema, run).findings);
      held.push(...run.held);
    }
    const known = revision.upSql !== null && !revision.onlineHints.length;
    told.push({ revision: revision.revision, known, findings, held });
    for (const made of [...schema.relations.values(), ...schema.types.values()]) made.isNew = false;
  }
  compare(told, seen);
} finally {
  await database.drop();
  await leave();
}

function trace(
  interpreter: string,
  cwd: string,
  env: Record<string, string>,
  first: string,
): Map<string, Seen> {
  const script = join(dirname(resolve(process.argv[1] ?? '')), 'trace.py');
  const out = execFileSync(interpreter, [script, 'alembic.ini', first], {
    ...{ cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] },
  });
  const lines = out
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{"revision"'));
  return new Map(lines.map((line) => JSON.parse(line) as Seen).map((one) => [one.revision, one]));
}
