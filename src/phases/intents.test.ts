import type { Problem } from '../domain/problem.js';
import { fillingFiles } from './backfill-text.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { scaffold } from './intents.js';
import { intents, type Intent, type Wanted } from './wanted.js';
import { revisionText } from './python.js';

const column = (name: string, type: string, more: Partial<ColumnFacts> = {}): ColumnFacts => ({
  ...{ name, type, notNull: false, default: null, generated: '', identity: '' as const },
  ...{ sequence: null, comment: null, users: [] },
  ...more,
});

const table = (name: string, more: Partial<TableFacts>): TableFacts => ({
  ...{
    name,
    columns: [],
    indexes: [],
    referencedBy: [],
    triggers: [],
    kind: 'table' as const,
    publications: [],
  },
  constraints: [
    { name: `${name}_pkey`, kind: 'primary key', columns: ['id'], definition: 'PRIMARY KEY (id)' },
  ],
  ...more,
});

const index = (of: string, name: string, on: string, unique = false) => ({
  ...{ name, unique, partial: false, constraint: unique ? name : null, columns: [on] },
  definition: `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${name} ON public.${of} USING btree (${on})`,
});

const parcels = table('parcels', {
  columns: [
    column('id', 'integer', {
      notNull: true,
      default: `nextval('parcels_id_seq'::regclass)`,
      sequence: 'parcels_id_seq',
    }),
    column('note', 'text', { notNull: true, comment: "the driver's" }),
    column('weight', 'integer'),
  ],
  indexes: [{ ...index('parcels', 'parcels_pkey', 'id', true) }, index('parcels', 'ix_parcels_note', 'note')],
  referencedBy: [
    {
      ...{ table: 'orders', name: 'orders_parcel_fkey', columns: ['parcel'], referred: ['id'] },
      definition: 'FOREIGN KEY (parcel) REFERENCES parcels(id) ON DELETE CASCADE',
    },
  ],
});
const orders = table('orders', {
  columns: [
    column('id', 'bigint', { notNull: true, identity: 'always', sequence: 'orders_id_seq' }),
    column('parcel', 'integer'),
    column('colour', 'text'),
  ],
  constraints: [
    { name: 'orders_pkey', kind: 'primary key', columns: ['id'], definition: 'PRIMARY KEY (id)' },
    {
      ...{ name: 'orders_parcel_fkey', kind: 'foreign key', columns: ['parcel'] },
      definition: 'FOREIGN KEY (parcel) REFERENCES parcels(id) ON DELETE CASCADE',
    },
  ],
  indexes: [
    index('orders', 'ix_orders_parcel', 'parcel'),
    index('orders', 'orders_parcel_key', 'parcel', true),
  ],
});

const facts = (postgres: number, ...more: TableFacts[]): Facts => ({
  postgres,
  taken: new Set(['taken']),
  tables: new Map([parcels, orders, ...more].map((each) => [each.name, each])),
});

const wanted = (more: Partial<Wanted>): Wanted => ({
  ...{ table: 'parcels', columns: [], into: {}, set: {}, back: {}, by: [] },
  ...more,
});

const asked: Readonly<Record<Intent, Partial<Wanted>>> = {
  'rename-column': { columns: ['note'], to: 'remark' },
  'change-type': { columns: ['id'], type: 'bigint' },
  'split-column': {
    columns: ['note'],
    into: { first: 'text', last: 'text' },
    set: { first: `split_part(note, ':', 1)`, last: `split_part(note, ':', 2)` },
    back: { note: `first || ':' || last` },
  },
  'merge-columns': {
    columns: ['note', 'weight'],
    into: { label: 'text' },
    set: { label: 'note || weight' },
    back: { note: 'label', weight: 'NULL' },
  },
  'move-column': { columns: ['weight'], toTable: 'orders', by: ['parcel'], to: 'grams' },
  'not-null': { columns: ['weight'], set: { weight: '0' } },
  unique: { columns: ['note'] },
  'foreign-key': {
    table: 'orders',
    columns: ['parcel'],
    toTable: 'parcels',
    onDelete: 'SET NULL',
    name: 'own',
  },
  check: { expression: 'weight > 0', name: 'weight_positive' },
  'add-index': { columns: ['weight'] },
  'drop-column': { columns: ['note'] },
  'drop-table': { table: 'orders' },
};

const textOf = (intent: Intent, postgres: number): string => {
  const made = scaffold(intent, facts(postgres), 'the-change', wanted(asked[intent]));
  return [
    ...made.revisions.map((draft) => {
      const { message, upgrades, downgrades } = revisionText('the-change', draft);
      return `"""${message}"""\n\n\ndef upgrade():\n    ${upgrades}\n\n\ndef downgrade():\n    ${downgrades}\n`;
    }),
    ...fillingFiles('the-change', made).map(({ name, text }) => `# ${name}\n${text}`),
    ...made.notes.map((note) => `- ${note}`),
  ].join('\n');
};

it.each(intents)('%s reads as it did', (intent) => expect(`\n${textOf(intent, 16)}`).toMatchSnapshot());

it('NOT NULL by its own NOT VALID where the server has it', () =>
  expect(`\n${textOf('not-null', 18)}`).toMatchSnapshot());

const refused: [code: string, Intent, Partial<Wanted>, TableFacts?][] = [
  ['no-such-table', 'add-index', { table: 'nothing', columns: ['a'] }],
  ['no-such-column', 'add-index', { columns: ['notes'] }],
  ['column-exists', 'rename-column', { columns: ['note'], to: 'weight' }],
  ['name-taken', 'check', { expression: 'true', name: 'taken' }],
  [
    'not-a-plain-table',
    'add-index',
    { table: 'parts', columns: ['id'] },
    table('parts', { kind: 'partitioned' }),
  ],
  ['not-a-plain-table', 'drop-table', {}],
  [
    'primary-key-needed',
    'rename-column',
    { table: 'logs', columns: ['a'], to: 'b' },
    table('logs', { columns: [column('a', 'text')], constraints: [] }),
  ],
  ['primary-key-needed', 'foreign-key', { columns: ['weight'], toTable: 'orders', by: ['colour'] }],
  [
    'primary-key-needed',
    'move-column',
    { table: 'orders', columns: ['colour'], toTable: 'parcels', by: ['weight'] },
  ],
  ['column-does-not-fit', 'rename-column', { columns: ['id'], to: 'number' }],
  ['column-does-not-fit', 'move-column', { columns: ['note'], toTable: 'orders', by: ['parcel'] }],
  ['column-does-not-fit', 'not-null', { columns: ['note'] }],
  ['column-does-not-fit', 'change-type', { columns: ['weight'], type: 'integer' }],
  ['column-does-not-fit', 'split-column', { columns: ['note'], into: { a: 'text' }, back: { note: 'a' } }],
  [
    'column-is-used',
    'rename-column',
    { table: 'seen', columns: ['a'], to: 'b' },
    table('seen', { columns: [column('a', 'text', { users: ['rule _RETURN on view v'] })] }),
  ],
  [
    'column-is-used',
    'rename-column',
    { table: 'touched', columns: ['a'], to: 'b' },
    table('touched', {
      columns: [column('a', 'text')],
      triggers: [{ name: 't', body: 'BEGIN NEW.a := now(); END' }],
    }),
  ],
  [
    'table-published',
    'rename-column',
    { table: 'sent', columns: ['a'], to: 'b' },
    table('sent', { columns: [column('a', 'text')], publications: ['p'] }),
  ],
  [
    'column-does-not-fit',
    'drop-column',
    { table: 'made', columns: ['a'] },
    table('made', { columns: [column('a', 'text', { generated: 'GENERATED ALWAYS AS (1) STORED' })] }),
  ],
];

it.each(refused)('refuses by %s: %s %j', (code, intent, more, ...others) => {
  const problem = (() => {
    try {
      scaffold(intent, facts(16, ...(others as TableFacts[])), 'the-change', wanted(more));
    } catch (error) {
      return error as Problem;
    }
  })();
  expect(problem?.code).toBe(code);
  expect(problem?.told.next.length).toBeGreaterThan(0);
});
