import type { Content, Node } from '../sql/ast.js';
import { identifier, nameOf, readAll } from '../sql/ast.js';
import { namesOf } from './constraints.js';
import { columnsIn } from './expression.js';
import { placeOf } from '../domain/sql-name.js';
import type { Relation, Schema } from './model.js';
import { columnNamed, relationNamed } from './resolve.js';

export function createPublication(schema: Schema, statement: Content<'CreatePublicationStmt'>): void {
  const name = identifier(statement.pubname ?? '');
  if (statement.for_all_tables) schema.publishesAll.push(name);
  publish(schema, name, statement.pubobjects);
}

export function alterPublication(schema: Schema, statement: Content<'AlterPublicationStmt'>): void {
  const name = identifier(statement.pubname ?? '');
  const objects = statement.pubobjects ?? [];
  const keeps = statement.action === 'AP_AddObjects';
  // SET puts others in the place of all; without objects it sets options.
  const named = statement.action === 'AP_DropObjects' ? objectsIn(schema, objects) : undefined;
  if (!keeps && objects.length > 0)
    for (const relation of schema.relations.values())
      if (!named || named.some((each) => each.relation === relation))
        relation.publications = relation.publications.filter((each) => each.name !== name);
  if (statement.action !== 'AP_DropObjects') publish(schema, name, objects);
}

function publish(schema: Schema, name: string, objects: readonly Node[] | undefined): void {
  for (const { relation, columns } of objectsIn(schema, objects ?? []))
    relation.publications.push({ name, columns });
}

function objectsIn(
  schema: Schema,
  objects: readonly Node[],
): { relation: Relation; columns: string[] }[] {
  return readAll(objects, 'PublicationObjSpec').flatMap(({ pubobjtype, pubtable, name }) => {
    if (pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA')
      return [...schema.relations.values()]
        .filter(({ key, kind }) => placeOf(key) === identifier(name ?? '') && /^(partitioned )?table$/.test(kind))
        .map((relation) => ({ relation, columns: [] }));
    const relation = relationNamed(schema, nameOf(pubtable?.relation));
    if (!relation) return [];
    const used = [...namesOf(pubtable?.columns), ...columnsIn(pubtable?.whereClause)];
    const columns = [...new Set(used)].filter((each) => columnNamed(relation, each)).sort();
    return [{ relation, columns }];
  });
}
