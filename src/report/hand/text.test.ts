import { spawnSync } from 'node:child_process';
import type { Hand } from '../../domain/hand.js';
import type { Plan } from '../../domain/plan.js';
import type { Fact, StepName } from '../../domain/record.js';
import { downgrades } from './alembic.js';
import { quoted, referring } from './shell.js';
import { handText } from './text.js';

const revision = {
  ...{ revision: '0002_b', down: ['0001_a'], file: "migrations/versions/it's.py", sha256: 'f'.repeat(64) },
};
const plan = {
  ...{
    target: 'shop',
    release: 'r2',
    running: 'r1',
    from: ['0001_a'],
    to: ['0002_b'],
    revisions: [revision],
  },
  ...{
    risk: 'high',
    procedure: 'high-risk',
    rollback: [],
    versionTable: { name: 'alembic_version', schema: null },
  },
} as unknown as Plan;

const steps: StepName[] = ['maintenance on', 'back up again', 'migrate', 'verify', 'deploy', 'health'];
const facts = (last: StepName): Fact[] =>
  steps
    .slice(0, steps.indexOf(last) + 1)
    .flatMap((step) => [
      { at: 't', kind: 'started', step },
      ...(step === last ? [] : [{ at: 't', kind: 'finished', step } as const]),
    ]);

const hand = (last: StepName, more: Partial<Plan> = {}, kind?: 'template' | 'command'): Hand => ({
  stood: {
    ...{ target: 'shop', runId: 'run-1', kind: 'deploy', planHash: 'p', backup: null, ended: false },
    ...{ facts: facts(last), says: `in the middle of ${last}` },
  },
  settings: {
    ...{ target: 'shop', folder: '/srv/the shop', state: '/srv/the shop/.lockkeeper', tools: '/pg/bin' },
    ...{ databaseUrl: '${DATABASE_URL}', healthUrl: 'http://127.0.0.1/health', running: 'cat running' },
    alembic: {
      ...{ python: ['.venv/bin/python'], project: '/srv/the shop/{release}', config: 'alembic.ini' },
      environment: { DATABASE_URL: '${DATABASE_URL}', KEY: 'file:secret' },
    },
    deploy: {
      commands: ['echo "$LOCKKEEPER_RELEASE" > running', ['docker', 'compose', 'up']],
      environment: {},
      compose: null,
    },
    container: null,
    closure: {
      ...{ flag: "/run/it's closed", files: ["/run/it's closed"], url: 'http://127.0.0.1/' },
      ...{ start: [], open: [], back: ['snap back'] },
    },
    verify: [{ name: 'none', sql: "select 'x' where false", rows: 0, unchanged: false }],
  },
  plan: { ...plan, ...more },
  backup: {
    ...{
      id: 'b',
      path: '/srv/the shop/b.dump',
      manifest: 'm',
      bytes: 1,
      sha256: 's',
      startedAt: 'T',
      finishedAt: 'T',
    },
    ...{ level: 'L2', database: 'shop', keepAs: 'shop_until_1' },
    ...(kind ? { kind } : {}),
  },
  doneAt: null,
  removes: { tables: ['coupons'], columns: [{ table: 'orders', column: 'Gift' }] },
});

const ways = ['put-back', 'go-on'] as const;
const scripts = [
  ...steps.flatMap((step) => ways.map((way) => handText(hand(step), way))),
  ...(['template', 'command', undefined] as const).map((kind) =>
    handText(hand('deploy', { risk: 'very-high', procedure: 'very-high-risk' }, kind), 'put-back'),
  ),
  handText(hand('verify', { risk: 'low', procedure: 'low-risk' }), 'put-back'),
].filter(({ isOpen }) => isOpen);

describe('what is left to do, as a script', () => {
  it('can be read by a shell, whatever is left', () => {
    expect(scripts.length).toBeGreaterThan(12);
    const faults = scripts.map(
      ({ text }) => spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' }).stderr,
    );
    expect(faults.filter(Boolean)).toEqual([]);
  });

  it('refers to secrets, and has none', () => {
    expect(scripts[0]?.text).toContain('LIVE=$(printf %s "${DATABASE_URL}" |');
    expect(referring('file:secret', '/srv')).toBe('"$(head -n 1 /srv/secret)"');
    expect(referring('a"$b ${X}', '/')).toBe('"a\\"\\$b ${X}"');
    expect(quoted("it's")).toBe(`'it'\\''s'`);
  });

  it('opens the site last, once the flag of the run is out of the way of everything else', () => {
    for (const { text, todo } of scripts) {
      if (!todo.includes('maintenance off')) continue;
      expect(todo.at(-1)).toBe('maintenance off');
      expect(text.indexOf("rm -f '/run/it'")).toBeGreaterThan(text.lastIndexOf('alembic -c'));
    }
  });

  it('takes the schema back by the files of the release that has them, and the database where that loses rows', () => {
    const low = handText(hand('verify', { risk: 'low', procedure: 'low-risk' }), 'put-back').text;
    expect(low).toMatch(/cd '\/srv\/the shop\/r2'[\s\S]*cmp -s [\s\S]* downgrade 0001_a/);
    expect(low).toContain('coupons was written since');
    const veryHigh = handText(
      hand('verify', { risk: 'very-high', procedure: 'very-high-risk' }),
      'put-back',
    ).text;
    expect(veryHigh).toMatch(/pg_restore --create --exit-on-error/);
    expect(veryHigh).not.toContain('downgrade');
  });

  it('goes back to each head that there was, and from each branch that began', () => {
    expect(downgrades({ from: [], revisions: [] })).toEqual(['base']);
    expect(downgrades({ from: ['a', 'b'], revisions: plan.revisions })).toEqual(['a', 'b']);
    const root = { ...plan.revisions[0]!, revision: 'c', down: [] };
    expect(downgrades({ from: ['a'], revisions: [root] })).toEqual(['c@base', 'a']);
  });
});
