import { identifier, keyIn, placeOf } from '../../domain/sql-name.js';
import type { Schema } from '../../schema/model.js';
import { relationNamed } from '../../schema/resolve.js';
import { nameOf, read, readAll } from '../../sql/ast.js';
import type { Parsed } from '../../sql/parse.js';

/** An index that is built CONCURRENTLY: in no transaction, so that an interruption leaves it behind. */
export type Build = { makes: string } | { reindexes: string };

/** What a text builds so; names are as to_regclass() takes them. */
export function buildOf(parts: readonly Parsed[], schema: Schema): Build | undefined {
  const [part] = parts;
  if (!part || !('node' in part)) return undefined;
  const index = read(part.node, 'IndexStmt');
  if (index?.concurrent && index.idxname) {
    const table = nameOf(index.relation);
    const place = placeOf(relationNamed(schema, table)?.key ?? table);
    return { makes: keyIn(place, identifier(index.idxname)) };
  }
  const reindex = read(part.node, 'ReindexStmt');
  const concurrently = readAll(reindex?.params, 'DefElem').some(({ defname }) => defname === 'concurrently');
  return reindex?.relation && concurrently ? { reindexes: nameOf(reindex.relation) } : undefined;
}
