import type { Relation, Schema } from '../../schema/model.js';
import { columnTypeOf } from '../../schema/column-type.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Node } from '../../sql/ast.js';
import { dotted, nameOf, read, readAll, tableOfObject } from '../../sql/ast.js';
import { actorOf, heirActors, named } from '../actors.js';
import { matched, type Match } from '../match.js';
import { namedIndex } from './alter-others.js';
import { queryActors } from './query.js';

export function triggerMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CreateTrigStmt');
  const name = nameOf(statement?.relation);
  const relation = relationNamed(schema, name);
  // A partition gets its own copy of a row trigger.
  const fansOut = statement?.row && relation?.kind === 'partitioned table';
  return [
    matched('create trigger', {
      table: [named(schema, name)],
      heirs: fansOut ? heirActors(schema, relation) : [],
      read: statement?.constrrel ? [named(schema, nameOf(statement.constrrel))] : [],
    }),
  ];
}

export const ruleMatches = (node: Node, schema: Schema): Match[] => {
  const rule = read(node, 'RuleStmt');
  const { read: reads, written } = queryActors({ List: { items: rule?.actions ?? [] } }, schema, 'as named');
  return [
    matched('create or replace rule', {
      table: [named(schema, nameOf(rule?.relation))],
      read: reads,
      written,
    }),
  ];
};

export function policyMatches(node: Node, schema: Schema): Match[] {
  const policy = read(node, 'CreatePolicyStmt') ?? read(node, 'AlterPolicyStmt');
  const { read: reads } = queryActors(
    { List: { items: [policy?.qual, policy?.with_check].flatMap((each) => each ?? []) } },
    schema,
    'as named',
  );
  return [matched('create or change policy', { table: [named(schema, nameOf(policy?.table))], read: reads })];
}

export function sequenceMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'AlterSeqStmt') ?? read(node, 'CreateSeqStmt');
  const owner = readAll(statement?.options, 'DefElem').find(({ defname }) => defname === 'owned_by');
  const parts = readAll(read(owner?.arg, 'List')?.items, 'String').map((each) => ({ String: each }));
  const table = parts.length > 1 ? [named(schema, dotted(parts.slice(0, -1)))] : [];
  if (read(node, 'CreateSeqStmt')) return [matched('create sequence', { table })];
  return [
    matched('alter sequence', { sequence: [named(schema, nameOf(statement?.sequence), 'sequence')], table }),
  ];
}

/** ALTER TYPE of a composite type, which tables may be of. */
export function compositeMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'AlterTableStmt');
  const name = nameOf(statement?.relation);
  const key = relationNamed(schema, name)?.key ?? name;
  const typed = [...schema.relations.values()].filter(({ ofType }) => ofType === key);
  const isCascade = readAll(statement?.cmds, 'AlterTableCmd').some(
    ({ behavior }) => behavior === 'DROP_CASCADE',
  );
  const changes = readAll(statement?.cmds, 'AlterTableCmd').some(
    ({ subtype }) => subtype === 'AT_AlterColumnType',
  );
  const [first] = typed;
  const fails =
    first && !isCascade
      ? { fails: { why: `${first.key} is a table of the type ${name}: it is not changed without CASCADE` } }
      : {};
  const unsure = schema.source === 'none' ? [`tables of the type ${name} would be locked as well`] : [];
  const actors = {
    type: [named(schema, name)],
    typed: typed.map((each) => actorOf(each, `a table of the type ${name}`)),
  };
  return [
    matched(changes ? 'change composite type with rewrite' : 'change composite type', actors, {
      ...fails,
      unsure,
    }),
  ];
}

/** Conditions of a domain are checked in every table that has a column of it. */
export function domainMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'AlterDomainStmt');
  const kind = statement?.subtype ?? '';
  const skips = read(statement?.def, 'Constraint')?.skip_validation;
  if (!['C', 'V', 'O'].includes(kind) || (kind === 'C' && skips))
    return [matched('outside of any table', {})];
  const name = dotted(statement?.typeName);
  const key = columnTypeOf(schema, { names: statement?.typeName ?? [] }).name;
  const users = [...schema.relations.values()].filter(
    ({ kind: of, columns }) =>
      ['table', 'materialized view'].includes(of) &&
      columns.some(({ type }) => !type.isArray && stands(schema, type.name, key)),
  );
  const unsure =
    schema.source === 'none'
      ? [`every table with a column of ${name} would be locked against writes and read`]
      : [];
  return [
    matched(
      'check domain',
      { users: users.map((each) => actorOf(each, `has a column of ${name}`)) },
      { unsure },
    ),
  ];
}

/** Whether a type is that domain, or a domain over it. */
function stands(schema: Schema, name: string, domain: string): boolean {
  let found: string | undefined = name;
  for (let depth = 0; found !== undefined && depth < 20; depth += 1) {
    if (found === domain) return true;
    found = schema.types.get(found)?.base?.name;
  }
  return false;
}

const PARTITIONED_PUBLISHED_SINCE = 13;

const publishes = (schema: Schema, name: string): Relation[] =>
  [...schema.relations.values()].filter(({ publications }) =>
    publications.some((each) => each.name === name),
  );

export function publicationMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CreatePublicationStmt') ?? read(node, 'AlterPublicationStmt');
  const objects = readAll(statement?.pubobjects, 'PublicationObjSpec');
  const tables = objects.flatMap(({ pubtable }) =>
    pubtable?.relation ? [named(schema, nameOf(pubtable.relation))] : [],
  );
  const isSet = read(node, 'AlterPublicationStmt')?.action === 'AP_SetObjects';
  const left = isSet
    ? publishes(schema, statement?.pubname ?? '').map((each) => actorOf(each, 'published until now'))
    : [];
  const isPartitioned = tables.some(({ key }) => schema.relations.get(key)?.kind === 'partitioned table');
  const why = 'partitioned tables are not published before PostgreSQL 13';
  const fails = isPartitioned ? { fails: { why, until: PARTITIONED_PUBLISHED_SINCE - 1 } } : {};
  return [matched('publish tables', { table: [...tables, ...left] }, fails)];
}

export const wholeKinds: Record<string, 'table' | 'view' | 'sequence' | 'index'> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_MATVIEW: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
};

export function commentMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CommentStmt') ?? read(node, 'SecLabelStmt');
  const type = statement?.objtype ?? '';
  const object = statement?.object;
  if (!object) return [];
  const kind = wholeKinds[type];
  const name = dotted(read(object, 'List')?.items);
  if (kind)
    return [
      matched('comment', {
        table: [kind === 'index' ? namedIndex(schema, name) : named(schema, name, kind)],
      }),
    ];
  if (type === 'OBJECT_COLUMN')
    return [matched('comment', { table: [named(schema, tableOfObject(object))] })];
  if (['OBJECT_TABCONSTRAINT', 'OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY'].includes(type))
    return [matched('comment on a part of a table', { table: [named(schema, tableOfObject(object))] })];
  return [matched('outside of any table', {})];
}

export function grantMatches(node: Node, schema: Schema): Match[] {
  const grant = read(node, 'GrantStmt');
  const isNamed = grant?.targtype === 'ACL_TARGET_OBJECT' && /_(TABLE|SEQUENCE)$/.test(grant.objtype ?? '');
  const tables = isNamed
    ? readAll(grant.objects, 'RangeVar').map((range) => named(schema, nameOf(range)))
    : [];
  return [matched('grant or revoke', { table: tables })];
}
