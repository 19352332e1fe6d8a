import { failingOf, procedures, standing } from '../../scripts/pages/procedures.js';
import type { StepName, UndoName } from '../../src/domain/record.js';
import type { State } from '../../src/domain/state.js';
import { FaultProject, type FaultRisk } from './faults-project.js';
import { whole, type Busy } from './kills-sample.js';
import { until } from './project.js';

/** A step of a run fails, and with it, where it is said, one of the undos after it. */
export interface Fault {
  risk: FaultRisk;
  step: StepName;
  undo?: UndoName;
}

const table = failingOf(procedures.find(({ file }) => file === 'high-risk')!);
const isKept = (name: StepName | UndoName): boolean => name.includes('keepsakes');

export const faults: readonly Fault[] = (['high', 'very-high'] as const).flatMap((risk) =>
  table
    .filter(({ step }) => risk === 'very-high' || !isKept(step))
    .flatMap(({ step, undos }) => [
      { risk, step },
      // Each undo once: after the first step that asks for it.
      ...undos
        .filter((undo) => isFirst(step, undo) && (risk === 'very-high' || !isKept(undo)))
        .filter((undo) => whole || !isLong(undo))
        .map((undo) => ({ risk, step: laterOf(step, undo), undo })),
    ]),
);

function isFirst(step: StepName, undo: UndoName): boolean {
  return table.find(({ undos }) => undos.includes(undo))?.step === step;
}

/** A database is only put back where something was changed. */
/** It is tried for five minutes before a person is asked. */
function isLong(undo: UndoName): boolean {
  return undo === 'let keepsakes go';
}

function laterOf(step: StepName, undo: UndoName): StepName {
  if (undo === 'put the database back') return 'verify';
  return undo === 'let keepsakes go' ? 'compare' : step;
}

const raises = (
  tag: string,
): string => `create or replace function lk_fails() returns event_trigger language plpgsql
  as $$ begin raise exception 'it is broken'; end $$;
  create event trigger lk_fails on ddl_command_start when tag in ('${tag}') execute function lk_fails()`;

type Break = (at: FaultProject) => Promise<unknown>;
const file =
  (what: string): Break =>
  (at) =>
    at.breaks(what);

/** How a step is made to fail; nothing: people, or the settings, do. */
const steps: Partial<Record<StepName, Break>> = {
  'fetch release': file('fetch-release'),
  check: file('check'),
  'back up': file('back-up'),
  rehearse: file('restore'),
  keepsakes: (at) => at.sql(raises('CREATE SCHEMA')),
  compare: (at) => at.sql('alter table orders add column surprise int'),
  'maintenance on': file('maintenance-on'),
  'back up again': file('back-up-again'),
  'rest of keepsakes': file('keep'),
  migrate: file('migrate'),
  verify: file('verify'),
  deploy: file('deploy'),
  'maintenance off': file('maintenance-off'),
};
const undoing: Partial<Record<UndoName, Break>> = {
  'put the release back': file('put-back'),
  'put the database back': async (at) => {
    await at.breaks('downgrade');
    await at.breaks('restore');
  },
  'maintenance off': file('maintenance-off'),
  'let keepsakes go': (at) => at.sql(raises('DROP TABLE')),
};
const BEFORE_THE_GATE: readonly StepName[] = ['fetch release', 'check', 'back up', 'rehearse'];

/** What is wrong after it: nothing, when all stands as the runbook's table says. */
export async function faultsAfter(fault: Fault, busy: Busy): Promise<string[]> {
  const { risk, step, undo } = fault;
  const at = await busy(() =>
    FaultProject.make(risk, { windows: step === 'window', sick: step === 'health' }),
  );
  try {
    await busy(() => runs(at, fault));
    const row = table.find((each) => each.step === step)!;
    const undos = risk === 'high' ? row.undos.filter((each) => !isKept(each)) : row.undos;
    if (!undo && !row.isFinal) return await wrong(at, row.state, ENDS);
    const done = table.slice(0, table.indexOf(row)).map((each) => each.step);
    const undone = undo ? undos.slice(0, undos.indexOf(undo)) : [];
    const held = await wrong(at, standing(done, step, undone), ['repair']);
    await at.mends();
    await at.project.cli(['retry', at.project.target]);
    await at.project.cli(['status', at.project.target, '--watch'], { ms: 600_000 });
    const end: State = row.isFinal ? { site: 'open', database: 'changed', release: 'changed' } : row.state;
    return [...held, ...(await wrong(at, end, row.isFinal ? ['done'] : ENDS))];
  } finally {
    await at.close();
  }
}

const ENDS = ['undone', 'failed', 'rejected'];

async function runs(at: FaultProject, { risk, step, undo }: Fault): Promise<void> {
  const { project } = at;
  const slow = { ms: 600_000 };
  const { target } = project;
  if (BEFORE_THE_GATE.includes(step)) await steps[step]!(at);
  const started = await project.cli(['deploy', target, '--release', 'r2', '--auto-migrate'], slow);
  if (BEFORE_THE_GATE.includes(step)) return;
  const plan = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1];
  if (!plan) throw new Error(started.out + started.err);
  await steps[step]?.(at);
  if (undo) await undoing[undo]!(at);
  for (const by of risk === 'high' ? ['bo'] : ['bo', 'cy'])
    await project.cli([step === 'approve' ? 'reject' : 'approve', target, '--plan', plan], {
      ...slow,
      env: { LOCKKEEPER_USER: by },
    });
  if (step === 'window') {
    await until(
      async () => (await project.cli(['status', target])).out.includes('now     window'),
      60_000,
      'it',
    );
    await project.cli(['cancel', target]);
  }
  await project.cli(['status', target, '--watch'], slow);
}

/** Release, revision, site and rows, where they are not as this state says. */
async function wrong(at: FaultProject, state: State, outcomes: readonly string[]): Promise<string[]> {
  const { project, site } = at;
  const { out } = await project.cli(['status', project.target, '--json'], { ms: 120_000 });
  const outcome = /"outcome": "([^"]+)"/.exec(out)?.[1] ?? out;
  const [row] = await at.sql<{ at: string }>('select version_num as at from alembic_version');
  const isNew = row?.at !== '0001_first';
  const release = await project.running();
  const { status } = await site.ask();
  const rows = isNew
    ? ORDERS
    : (await at.sql<{ sum: string }>('select sum(total)::text from orders'))[0]?.sum;
  return [
    !outcomes.includes(outcome) && `it has ended as ${outcome}, not as ${outcomes.join(' or ')}`,
    !either(state.database, isNew) && `the database is at ${row?.at}, and should be ${state.database}`,
    !either(state.release, release === 'r2') && `${release} runs; the release should be ${state.release}`,
    status !== (state.site === 'open' ? 200 : 503) &&
      `the site answers ${status}, and should be ${state.site}`,
    rows !== ORDERS && `the totals come to ${rows}`,
  ].filter((each) => each !== false);
}

/** Of all orders of before. */
const ORDERS = '500500';

/** A step that failed half way may have done its work, or not. */
const either = (state: State['database'] | State['release'], isNew: boolean): boolean =>
  state === 'half changed' || (state === 'changed') === isNew;
