import type { Column, ColumnType, Relation, Schema } from '../../schema/model.js';
import { columnTypeOf, sameType } from '../../schema/column-type.js';
import { baseOf, columnNamed, isConstrained } from '../../schema/resolve.js';
import type { AlterTableCmd } from '../../sql/ast.js';
import { dotted, identifier, read } from '../../sql/ast.js';
import { typeName } from '../../sql/types.js';
import type { Actor } from '../actors.js';
import {
  actorOf,
  heirsOf,
  indexesOf,
  referencedBy,
  referencingActors,
  sequenceActors,
  viewsOn,
} from '../actors.js';
import { matched, type Failure, type Match } from '../match.js';
import { heirsUnsure, onTable, withIndexes, type Target } from './target.js';

/** ALTER COLUMN … TYPE: what it costs hangs on the type that the column has now. */
export function columnTypeMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const { schema, relation, all, name } = target;
  const column = identifier(cmd.name ?? '');
  const old = columnNamed(relation, column);
  const definition = read(cmd.def, 'ColumnDef');
  if (!definition) return [];
  if (!relation || !old)
    return [matched('change type with rewrite', withIndexes(target), unknownOld(target, column))];
  const next = columnTypeOf(schema, definition.typeName);
  const change = changeOf(schema, old, next, usingOf(definition.raw_default, column, schema, next));
  const others = {
    referenced: referencedTables(schema, all, column),
    referencing: referencingActors(schema, all, [column]),
    sequences: old.identity ? sequenceActors(schema, relation, column) : [],
    columnIndexes: indexesOf(all, ({ columns }) => columns.includes(column)),
  };
  const refused = refusal(schema, relation, column);
  const more = { unsure: heirsUnsure(target), ...(refused ? { fails: refused } : {}) };
  const matches = [matched(change, { ...withIndexes(target), ...others }, more)];
  if (change === 'change type with rewrite') return matches;
  if (isChecked(relation, column)) matches.push(matched('change type of a checked column', onTable(target)));
  const collation = dotted(definition.collClause?.collname).split('.').at(-1);
  if (collation && collation !== (old.collation ?? 'default') && name)
    matches.push(...rebuilt(target, column));
  return matches;
}

const unknownOld = ({ name, isKnown }: Target, column: string) => ({
  unsure: isKnown
    ? []
    : [
        `whether ${name} is rewritten hangs on the type that ${column} has now`,
        `foreign keys of ${column} would lock their other table as well`,
      ],
});

/** An index follows its column's collation: it is built again, the table is not. */
const rebuilt = ({ table, heirs, all }: Target, column: string): Match[] => {
  const counted = (actor: Actor): Actor => {
    const own = all.filter(({ key }) => key === actor.key);
    return { ...actor, indexes: indexesOf(own, ({ columns }) => columns.includes(column)).length };
  };
  const actors = { table: [counted(table)], heirs: heirs.map(counted) };
  const count = [...actors.table, ...actors.heirs].reduce((sum, { indexes }) => sum + indexes, 0);
  return count === 0 ? [] : [matched('change collation', actors)];
};

const isChecked = ({ constraints }: Relation, column: string): boolean =>
  constraints.some(
    ({ kind, columns, validated }) => kind === 'check' && validated && columns.includes(column),
  );

function referencedTables(schema: Schema, all: readonly Relation[], column: string) {
  return all.flatMap((relation) =>
    relation.constraints
      .filter(({ kind, columns }) => kind === 'foreign key' && columns.includes(column))
      .flatMap(({ references }) => referencedBy(schema, references?.relation ?? '', relation.key)),
  );
}

/** What PostgreSQL refuses to take along. */
function refusal(schema: Schema, relation: Relation, column: string): Failure | undefined {
  const all = [relation, ...heirsOf(schema, relation)];
  const [view] = viewsOn(schema, all, [column]);
  if (view) return { why: `${actorOf(view).name} uses ${column}: PostgreSQL refuses to change its type` };
  const trigger = relation.triggers.find(({ columns }) => columns.includes(column));
  if (trigger)
    return { why: `the trigger ${trigger.name} names ${column}: PostgreSQL refuses to change its type` };
  const policy = relation.policies.find(({ columns }) => columns.includes(column));
  if (policy)
    return { why: `the policy ${policy.name} uses ${column}: PostgreSQL refuses to change its type` };
  return undefined;
}

type Change =
  | 'change type with rewrite'
  | 'change type without rewrite'
  | 'change between timestamp and timestamptz in UTC';

/** @param using - whether USING says more than the cast that would be made anyway */
export function changeOf(schema: Schema, { type }: Column, next: ColumnType, using: boolean): Change {
  const rewrite = 'change type with rewrite';
  if (using || type.isArray !== next.isArray || isConstrained(schema, next)) return rewrite;
  const [from, to] = [baseOf(schema, type), baseOf(schema, next)];
  if (isInstantPair(from.name, to.name) && keepsValues(from, to)) {
    const isUtc = /^(UTC|GMT|Etc\/(UTC|GMT|UCT|Universal|Zulu)|UCT|Zulu|Universal)$/i.test(
      schema.timeZone ?? '',
    );
    return isUtc ? 'change between timestamp and timestamptz in UTC' : rewrite;
  }
  return keepsBytes(from, to) ? 'change type without rewrite' : rewrite;
}

const isInstantPair = (from: string, to: string): boolean =>
  [from, to].sort().join() === 'timestamp,timestamptz';

/** Pairs whose values are the same bytes. */
const sameBytes: readonly string[] = [
  ...[
    'varchar,text',
    'text,varchar',
    'cidr,inet',
    'bit,varbit',
    'int4,oid',
    'oid,int4',
    'regclass,oid',
    'xml,text',
  ],
];

function keepsBytes(from: ColumnType, to: ColumnType): boolean {
  if (sameType(from, to)) return true;
  if (from.isArray) return false;
  if (from.name !== to.name && !sameBytes.includes(`${from.name},${to.name}`)) return false;
  return keepsValues(from, to);
}

/** Whether every value of the old type fits, as it is, into the sizes of the new one. */
function keepsValues(from: ColumnType, to: ColumnType): boolean {
  const [size, scale = 0] = to.sizes;
  if (to.name === 'text' || size === undefined)
    return to.name !== 'bpchar' || (from.name === 'bpchar' && from.sizes.length === 0);
  const [oldSize, oldScale = 0] = from.sizes;
  switch (to.name) {
    case 'varchar':
    case 'varbit':
      return from.name === to.name && oldSize !== undefined && oldSize <= size;
    case 'numeric':
      return oldSize !== undefined && oldScale === scale && oldSize <= size;
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return size === MICROSECONDS || (oldSize !== undefined && oldSize <= size);
    case 'interval':
      return (
        from.sizes[1] === to.sizes[1] && (size === MICROSECONDS || (oldSize !== undefined && oldSize <= size))
      );
    default:
      return from.sizes.join() === to.sizes.join();
  }
}

const MICROSECONDS = 6;

/** USING that is the column itself, or a cast of it to the new type, changes nothing. */
function usingOf(using: AlterTableCmd['def'], column: string, schema: Schema, next: ColumnType): boolean {
  if (!using) return false;
  const cast = read(using, 'TypeCast');
  if (cast && typeName(cast.typeName) && !sameType(columnTypeOf(schema, cast.typeName), next)) return true;
  const field = read(cast ? cast.arg : using, 'ColumnRef')?.fields?.at(-1);
  return identifier(read(field, 'String')?.sval ?? '') !== column;
}
