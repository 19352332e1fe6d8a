import { linesOf, procedures, type Line } from '../../scripts/pages/procedures.js';
import { factsFrom, type JournalEntry, type Stood } from './journal.js';
import { keepsakesWait, leftToDo, type Reach, type Way } from './left-to-do.js';
import type { ProcedureName } from './plan.js';
import type { RunKind, StepName, UndoName } from './record.js';

/** The activity that each line is over with; of all others one that is not. */
const activities: Partial<Record<StepName | UndoName, string>> = {
  'maintenance on': 'closeSite',
  'back up again': 'writersQuiet',
  swap: 'swapIn',
  migrate: 'upgrade',
  'migrate again': 'upgrade',
  verify: 'verify',
  deploy: 'startRelease',
  'deploy again': 'health',
  health: 'health',
  'put the release back': 'health',
  'put the schema back': 'downgrade',
  'put the database back': 'restore',
  'maintenance off': 'openSite',
};

type Part = 'old' | 'half' | 'new';
interface World {
  site: 'open' | 'half' | 'closed';
  database: Part;
  release: Part;
}

/** What a line does to the world once it is over. `kind`: a rollback begins with what a deploy ends with. */
function does(world: World, line: StepName | UndoName, kind: RunKind): World {
  const back = kind === 'rollback';
  switch (line) {
    case 'maintenance on':
      return { ...world, site: 'closed' };
    case 'maintenance off':
      return { ...world, site: 'open' };
    case 'swap':
    case 'migrate':
      return { ...world, database: 'new' };
    case 'migrate again':
      return { ...world, database: 'old' };
    case 'put the database back':
      return { ...world, database: 'old' };
    case 'put the schema back':
      return { ...world, database: back ? 'new' : 'old' };
    case 'deploy':
      return { ...world, release: 'new' };
    case 'deploy again':
      return { ...world, release: 'old' };
    case 'put the release back':
      return { ...world, release: back ? 'new' : 'old' };
    default:
      return world;
  }
}

/** In the middle of a line. */
function inTheMiddle(world: World, line: StepName | UndoName, kind: RunKind): World {
  const after = does(world, line, kind);
  return {
    site: after.site === world.site ? world.site : 'half',
    database: after.database === world.database ? world.database : 'half',
    release: after.release === world.release ? world.release : 'half',
  };
}

interface Case {
  name: string;
  stood: Stood;
  reach: Reach;
  world: World;
  committed: boolean;
  undoing: boolean;
  migrates: boolean;
}

const names: Record<string, readonly { kind: RunKind; procedure: ProcedureName }[]> = {
  'low-risk': [{ kind: 'deploy', procedure: 'low-risk' }],
  'medium-risk': [{ kind: 'deploy', procedure: 'medium-risk' }],
  'high-risk': [
    { kind: 'deploy', procedure: 'high-risk' },
    { kind: 'deploy', procedure: 'very-high-risk' },
  ],
  'deploy-only': [{ kind: 'deploy', procedure: 'low-risk' }],
  rollback: [{ kind: 'rollback', procedure: 'high-risk' }],
  restore: [{ kind: 'restore', procedure: 'low-risk' }],
};

/** Every instant: each line begun or over, each undo after it begun or over. */
const cases: Case[] = procedures.flatMap((of) =>
  names[of.file]!.flatMap(({ kind, procedure }) => casesOf(of.file, linesOf(of), kind, procedure)),
);

function casesOf(file: string, lines: readonly Line[], kind: RunKind, procedure: ProcedureName): Case[] {
  return lines.flatMap((line, index) => {
    if (line.is !== 'step') return [];
    const made = (over: boolean, undos: number, undoOver: boolean): Case =>
      caseOf({ file, lines: lines.slice(0, index + 1), kind, procedure, over, undos, undoOver });
    const declared = lines.slice(0, index).filter(({ is }) => is === 'undo').length;
    const committed = lines.slice(0, index).some(({ is }) => is === 'commit');
    const undone = committed ? [] : Array.from({ length: declared }, (_, at) => at + 1);
    return [
      ...[false, true].map((over) => made(over, 0, false)),
      ...undone.flatMap((undos) => [
        made(false, undos, false),
        made(false, undos, true),
        made(true, undos, false),
      ]),
    ];
  });
}

interface Instant {
  file: string;
  lines: readonly Line[];
  kind: RunKind;
  procedure: ProcedureName;
  over: boolean;
  /** How many undos have begun, and whether the last of them is over. */
  undos: number;
  undoOver: boolean;
}

function caseOf({ file, lines, kind, procedure, over, undos, undoOver }: Instant): Case {
  const entries: JournalEntry[] = [];
  const committed = lines.some(({ is }) => is === 'commit');
  let world: World = { site: 'open', database: 'old', release: 'old' };
  const tell = (name: StepName | UndoName, is: 'step' | 'undo', ends: boolean): void => {
    const doing = {
      run: kind,
      [is]: name,
      ...(committed && name === 'maintenance off' ? { committed: true as const } : {}),
    };
    const entry = { at: `t${entries.length}`, target: 'shop', step: activities[name] ?? 'other', doing };
    entries.push({ ...entry, kind: 'began' });
    if (ends) entries.push({ ...entry, kind: 'ended' });
    world = ends ? does(world, name, kind) : inTheMiddle(world, name, kind);
  };
  const steps = lines.flatMap((line) => (line.is === 'step' ? [line.name] : []));
  steps.forEach((step, index) => tell(step, 'step', over || index < steps.length - 1));
  const declared = lines.flatMap((line) => (line.is === 'undo' ? [line.name] : [])).toReversed();
  declared.slice(0, undos).forEach((undo, index) => tell(undo, 'undo', undoOver || index < undos - 1));
  const where = `${over ? 'after' : 'in'} ${steps.at(-1)}`;
  const undone = undos ? `, ${undoOver ? 'after' : 'in'} its undo ${declared[undos - 1]}` : '';
  const facts = factsFrom(entries);
  return {
    name: `${file} (${procedure}) ${where}${undone}`,
    stood: { target: 'shop', runId: 'r', kind, facts, planHash: 'p', backup: null, ended: false, says: '' },
    reach: { procedure: file === 'deploy-only' ? 'low-risk' : procedure, revisions: 1 },
    ...{ world, committed, undoing: undos > 0, migrates: file !== 'deploy-only' },
  };
}

/** Does by hand what is said to be left; what must never be meanwhile is named. */
function byHand(
  { stood, reach, world }: Case,
  way: Way,
): { world: World; faults: string[] } | { nothing: string } {
  const left = leftToDo(stood, reach, way);
  if ('nothing' in left) return left;
  const faults: string[] = [];
  let now = world;
  for (const line of left.todo) {
    const next = does(now, line, stood.kind!);
    if (now.site === 'open' && world.site !== 'open' && next !== now && line !== 'maintenance off')
      faults.push(`${line} after the site was opened`);
    now = next;
  }
  return { world: now, faults };
}

const files = procedures.map(({ file }) => file);
const of = (file: string): Case[] => cases.filter(({ name }) => name.startsWith(`${file} (`));

/** How things end that are not as they should be. */
function wrongWith(each: Case, way: Way): string[] {
  const came = byHand(each, way);
  const end = way === 'go-on' || each.committed ? 'new' : 'old';
  const wanted = JSON.stringify({ site: 'open', database: each.migrates ? end : 'old', release: end });
  if ('nothing' in came)
    return way === 'go-on' || JSON.stringify(each.world) === wanted ? [] : [`${each.name}: nothing`];
  const got = JSON.stringify(came.world);
  return [
    ...came.faults.map((fault) => `${each.name}: ${fault}`),
    ...(got === wanted ? [] : [`${each.name}: ${got}`]),
    ...(way === 'go-on' && each.undoing ? [`${each.name}: gone on with while it is being undone`] : []),
  ];
}

describe('what is left to do by hand', () => {
  it('is known at every instant of every procedure', () => {
    expect(cases.length).toBeGreaterThan(150);
  });

  it.each(files)('%s: putting back ends with all as before and the site open', (file) => {
    expect(of(file).flatMap((each) => wrongWith(each, 'put-back'))).toEqual([]);
  });

  it.each(files)('%s: going on, where it is offered, ends with all new and the site open', (file) => {
    expect(of(file).flatMap((each) => wrongWith(each, 'go-on'))).toEqual([]);
  });

  it('goes on from the middle of a migration, and from each line after it', () => {
    const on = cases.filter(
      (each) => !each.undoing && !('nothing' in leftToDo(each.stood, each.reach, 'go-on')),
    );
    const lines = on.map(({ name }) => name).filter((name) => name.startsWith('high-risk (high-risk)'));
    expect(lines).toEqual(
      [
        'after back up again',
        ...['rest of keepsakes', 'migrate', 'verify', 'deploy', 'health'].flatMap((line) => [
          `in ${line}`,
          `after ${line}`,
        ]),
        'in maintenance off',
      ].map((where) => `high-risk (high-risk) ${where}`),
    );
  });
});

it('a plan that keeps what goes is not gone on with before its migration is over', () => {
  const at = (name: string) => cases.find((each) => each.name === `high-risk (high-risk) ${name}`)!;
  const on = (each: Case) => leftToDo(each.stood, { ...each.reach, keeps: true }, 'go-on');
  expect(on(at('in migrate'))).toHaveProperty('nothing');
  expect(on(at('in verify'))).toHaveProperty('todo');
});

describe('a run that has ended', () => {
  const ended = (facts: Stood['facts']): Stood => ({
    ...{ target: 'shop', runId: 'r', kind: 'deploy', planHash: 'p', backup: null, ended: true, says: '' },
    facts,
  });
  const reach: Reach = { procedure: 'high-risk', revisions: 1 };
  const failed = {
    at: 't',
    kind: 'undo failed',
    undo: 'put the database back',
    failure: { code: 'x', what: 'x', next: [] },
    left: ['put the database back', 'maintenance off'],
  } as const;

  it('leaves what its failed undo has left', () => {
    expect(leftToDo(ended([failed]), reach, 'put-back')).toEqual({
      way: 'put-back',
      todo: ['put the database back', 'maintenance off'],
    });
  });

  it('leaves nothing where a person has said so, or nothing has failed', () => {
    const said = {
      at: 't',
      kind: 'said',
      message: 'stop',
      by: 'bo',
      via: 'update',
      note: 'the rest was done by hand',
    } as const;
    expect(leftToDo(ended([failed, said]), reach, 'put-back')).toHaveProperty('nothing');
    expect(leftToDo(ended([]), reach, 'put-back')).toHaveProperty('nothing');
  });
});

describe('keepsakes that a rollback has not put back', () => {
  const reach: Reach = { procedure: 'high-risk', revisions: 1, keeps: true };
  const at = '2026-11-26T20:00:00Z';
  const finished = (step: StepName) => ({ at, kind: 'finished' as const, step });
  const started = (step: StepName) => ({ at, kind: 'started' as const, step });
  const waits = (facts: Stood['facts'], more: Partial<Stood> = {}, to: Reach | null = reach) =>
    keepsakesWait({ kind: 'rollback', facts, ...more }, to);
  const schemaBack = finished('put the schema back');

  it('wait from the moment when the schema is back, until they are', () => {
    expect(waits([started('put the schema back')])).toBe(false);
    expect(waits([schemaBack])).toBe(true);
    expect(waits([schemaBack, started('put keepsakes back')])).toBe(true);
    expect(waits([schemaBack, finished('put keepsakes back')])).toBe(false);
    expect(waits([schemaBack, finished('put keepsakes back'), schemaBack])).toBe(true);
  });

  it('do not wait where the schema went forward again, where nothing was kept, or after another run', () => {
    expect(waits([schemaBack, { at, kind: 'undone', undo: 'migrate again' }])).toBe(false);
    expect(waits([schemaBack], {}, { ...reach, keeps: false })).toBe(false);
    expect(waits([schemaBack], {}, null)).toBe(false);
    expect(waits([schemaBack], { kind: 'deploy' })).toBe(false);
  });
});
