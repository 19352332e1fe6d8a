import { inCatalog, localOf } from '../domain/sql-name.js';
import { parts, type Part } from './draft.js';
import { beside, literal, nameOf } from './names.js';
import { valueMoved } from './pair.js';
import type { Retyped } from './retype.js';

/** Default, sequence or identity, under the names that hold after the swap; with the type of its numbers. */
export function numbersMoved(one: Retyped, forth: boolean): Part[] {
  const { table, old, oldNow, sync } = one;
  const [from, to] = forth ? [oldNow, old.name] : [old.name, oldNow];
  const type = (forth ? sync.news[0]?.type : old.type) ?? old.type;
  if (old.identity) return identityMoved(one, from, to);
  if (!old.sequence) return valueMoved(table.name, old, from, to);
  return [
    ...valueMoved(table.name, old, from, to),
    ...parts(...(old.default === null ? [] : [`ALTER SEQUENCE ${old.sequence} AS ${type}`])),
  ];
}

function identityMoved({ table: { name }, old }: Retyped, from: string, to: string): Part[] {
  const sequence = old.sequence ?? beside(name, nameOf(name, old.name, 'seq'));
  const passing = nameOf(sequence, 'next');
  const of = (column: string) => `pg_get_serial_sequence(${literal(name)}, ${literal(inCatalog(column))})`;
  return [
    {
      why: 'a new sequence that goes on where the old one is',
      sql: `ALTER TABLE ${name} ALTER COLUMN ${to} ADD GENERATED ${old.identity.toUpperCase()} AS IDENTITY (SEQUENCE NAME ${beside(sequence, passing)})`,
    },
    ...parts(
      `SELECT setval(${of(to)}, nextval(${of(from)}), false)`,
      `ALTER TABLE ${name} ALTER COLUMN ${from} DROP IDENTITY`,
      `ALTER SEQUENCE ${beside(sequence, passing)} RENAME TO ${localOf(sequence)}`,
    ),
  ];
}
