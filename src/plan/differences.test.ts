import { buildPlan } from './build.js';
import { differences } from './differences.js';
import type { PlanFacts } from './facts.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';

const facts = factsWith(
  pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)'),
  pending('2b', 'CREATE INDEX i ON t (id)'),
);
const [first, second] = [
  pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)'),
  pending('2b', 'CREATE INDEX i ON t (id)'),
];
const against = async (now: PlanFacts) => differences(await buildPlan(facts), now);

describe('differences', () => {
  it('are none where the same facts were gathered again', async () => {
    expect(await against(structuredClone(facts))).toEqual([]);
  });

  it.each<[string, PlanFacts, string[]]>([
    [
      'a revision file was edited',
      { ...facts, revisions: [{ ...first, sha256: 'beef'.repeat(16) }, second] },
      ['revision 1a: its file versions/1a.py was edited (sha256 1a0000000000, now beefbeefbeef)'],
    ],
    [
      'other SQL comes of the same file',
      { ...facts, revisions: [first, { ...second, upSql: 'SELECT 1' }] },
      ['revision 2b: it renders other SQL'],
    ],
    [
      'a downgrade is another',
      { ...facts, revisions: [first, { ...second, downgrade: 'raises' }] },
      ['revision 2b: no longer the same'],
    ],
    [
      'a file of own rules is there now',
      { ...facts, ownRules: [{ file: 'a.mjs', sha256: 'beef'.repeat(16) }] },
      ['own rules: was none, is a.mjs (sha256 beefbeefbeef)'],
    ],
    [
      'a revision came',
      { ...facts, revisions: [first, second, pending('3c', '')], to: ['3c'] },
      ['to: was 2b, is 3c', 'revision 3c: pending now too (versions/3c.py)'],
    ],
    [
      'the database moved on',
      { ...facts, from: ['1a'], revisions: [second], standing: { revisions: ['1a'], fingerprint: 'f00e' } },
      [
        "the database's revision: was 0a, is 1a",
        "the database's schema (fingerprint): was f00d, is f00e",
        'from: was 0a, is 1a',
        'revision 1a: no longer pending',
      ],
    ],
    [
      'the order is another',
      { ...facts, revisions: [second, first] },
      ['order of the revisions: was 1a, 2b, is 2b, 1a'],
    ],
    [
      'the release is another',
      { ...facts, release: 'r3', running: null },
      ['release: was r2, is r3', 'running release: was r1, is none'],
    ],
    [
      'Alembic is set up otherwise',
      { ...facts, transactionPerMigration: true, versionTable: { name: 'v', schema: 's' } },
      [
        "Alembic's version table: was alembic_version, is s.v",
        'one transaction for each revision: was no, is yes',
      ],
    ],
  ])('say that %s', async (_, now, expected) => expect(await against(now)).toEqual(expected));

  it('name a setting by its path, never its value', async () => {
    const settings = { backup: { folder: '/elsewhere' }, health: { url: 'http://user:secret@host' } };
    expect(await against({ ...facts, settings })).toEqual([
      'settings.backup.folder: was changed',
      'settings.health: was changed',
    ]);
  });

  it('say that a table has outgrown what may run without people', async () => {
    const low = factsWith(first);
    const tables = [{ name: 'orders', bytes: 11 * 2 ** 30 }];
    const says = ['no longer automatic: orders is 11.0 GiB, the limit is 10.0 GiB'];
    expect(differences(await buildPlan(low), { ...low, tables })).toEqual(says);
    // People were asked about this one.
    expect(differences(await buildPlan({ ...low, tables }), { ...low, tables })).toEqual([]);
  });

  it('name something whenever the plan of now would have another hash', async () => {
    const others: PlanFacts[] = [
      { ...facts, target: 'x' },
      { ...facts, to: ['x'] },
      { ...facts, settings: null },
      { ...facts, revisions: [{ ...first, doc: 'x' }, second] },
      { ...facts, revisions: [{ ...first, onlineHints: ['get_bind'] }, second] },
    ];
    for (const other of others) expect(await against(other)).toHaveLength(1);
  });
});

describe('differences of images', () => {
  const sha = (digit: string) => `sha256:${digit.repeat(64)}`;
  const image = {
    services: ['app'],
    reference: 'ghcr.io/acme/shop:latest',
    id: sha('b'),
    digest: null,
    running: sha('a'),
  };
  const composeFiles = [{ file: 'docker-compose.prod.yml', sha256: 'f00d'.repeat(16) }];
  const planned = () => buildPlan({ ...facts, images: [image], composeFiles });

  it('are part of the plan and its hash', async () => {
    const plan = await planned();
    expect(plan.images).toEqual([image]);
    expect(plan.planHash).not.toBe((await buildPlan(facts)).planHash);
    expect(differences(plan, { ...facts, images: [image], composeFiles })).toEqual([]);
  });

  it.each([
    [
      'a tag was moved',
      { id: sha('c') },
      'image ghcr.io/acme/shop:latest: was bbbbbbbbbbbb, is cccccccccccc',
    ],
    [
      'somebody ran compose up by hand',
      { running: sha('c') },
      'running image of app: was aaaaaaaaaaaa, is cccccccccccc',
    ],
    [
      'somebody ran compose down by hand',
      { running: null },
      'running image of app: was aaaaaaaaaaaa, is none',
    ],
  ])('name it where %s', async (_, change, line) => {
    const now = { ...facts, images: [{ ...image, ...change }], composeFiles };
    expect(differences(await planned(), now)).toEqual([line]);
  });

  it('name a compose file that was edited', async () => {
    const edited = [{ file: 'docker-compose.prod.yml', sha256: 'beef'.repeat(16) }];
    expect(differences(await planned(), { ...facts, images: [image], composeFiles: edited })).toEqual([
      'compose files: was docker-compose.prod.yml (sha256 f00df00df00d), is docker-compose.prod.yml (sha256 beefbeefbeef)',
    ]);
  });
});
