import { emptySchema, emptyType } from '../schema/empty.js';
import type { Schema } from '../schema/model.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';

const ADD = 'ALTER TABLE orders ADD COLUMN state order_state';

async function found(sql: string, change: (schema: Schema) => void = () => undefined): Promise<string[]> {
  const schema = { ...emptySchema(16), source: 'catalog' as const, searchPath: ['public'] };
  schema.schemas.add('public');
  change(schema);
  const { findings } = check(await parse(sql), { file: 'x.sql', linesOfFile: true }, schema);
  return findings.filter(({ rule }) => rule === 'type-missing').map(({ message }) => message);
}

it('finds a type that neither the database has nor the run has made', async () => {
  expect(await found(ADD)).toEqual([
    'the type order_state of orders.state does not exist by then, unless an extension has it: this fails',
  ]);
});

it.each<[string, string, (schema: Schema) => void]>([
  ['that the run has made', `CREATE TYPE order_state AS ENUM ('a'); ${ADD}`, () => undefined],
  [
    'that the database has',
    ADD,
    (schema) => schema.types.set('public.order_state', emptyType('public.order_state', 'enum')),
  ],
  ['of PostgreSQL', 'ALTER TABLE orders ADD COLUMN a jsonb', () => undefined],
  ['where names may mean anything', `SET search_path = x; ${ADD}`, (schema) => (schema.searchPath = null)],
  ['where nothing is known of the database', ADD, (schema) => (schema.source = 'none')],
])('knows a type %s', async (_, sql, change) => expect(await found(sql, change)).toEqual([]));
