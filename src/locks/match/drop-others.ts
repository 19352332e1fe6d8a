import type { Schema } from '../../schema/model.js';
import { columnTypeOf } from '../../schema/column-type.js';
import { baseOf, functionsNamed } from '../../schema/resolve.js';
import { dotted, read } from '../../sql/ast.js';
import { actorOf, heirsOf } from '../actors.js';
import { matched, type Match } from '../match.js';
import { cascades, type Drop } from './dropped.js';

export function dropTypes(drop: Drop, schema: Schema): Match[] {
  return (drop.objects ?? []).map((object) => {
    const type = columnTypeOf(schema, read(object, 'TypeName')).name;
    const users = [...schema.relations.values()].filter(
      ({ columns, ofType }) =>
        ofType === type || columns.some((column) => baseOfType(schema, column.type.name, type)),
    );
    const [user] = users;
    const fails =
      user && !cascades(drop)
        ? { fails: { why: `${user.key} uses ${type}: it is not dropped without CASCADE` } }
        : {};
    const unsure =
      schema.source === 'none' && cascades(drop)
        ? [`tables with a column of ${type} would be locked, and lose it`]
        : [];
    return matched(
      'drop type or domain',
      { users: users.map((each) => actorOf(each, `uses ${type}`)) },
      { ...fails, unsure },
    );
  });
}

const baseOfType = (schema: Schema, name: string, wanted: string): boolean =>
  name === wanted ||
  (schema.types.has(name) && baseOf(schema, { name, sizes: [], isArray: false }).name === wanted);

export function dropFunctions(drop: Drop, schema: Schema): Match[] {
  if (!cascades(drop)) return [matched('outside of any table', {})];
  const keys = (drop.objects ?? []).flatMap((object) =>
    functionsNamed(schema, dotted(read(object, 'ObjectWithArgs')?.objname)).map(({ key }) =>
      key.replace(/\(.*$/, ''),
    ),
  );
  const users = [...schema.relations.values()]
    .filter(({ triggers }) => triggers.some(({ calls }) => keys.includes(calls)))
    .flatMap((each) => [each, ...(each.kind === 'partitioned table' ? heirsOf(schema, each) : [])]);
  const unsure =
    schema.source === 'none' ? ['tables with a trigger that calls it would be locked, and lose it'] : [];
  return [
    matched(
      'drop function',
      { table: users.map((each) => actorOf(each, 'has a trigger that calls it')) },
      { unsure },
    ),
  ];
}
