import type { Schema } from '../../schema/model.js';
import { indexNamed } from '../../schema/resolve.js';
import type { AlterTableCmd } from '../../sql/ast.js';
import { read, readAll } from '../../sql/ast.js';
import { indexActor, named, unknownIndex, type Actor } from '../actors.js';
import { matched, type Match } from '../match.js';
import type { ShapeName } from '../model/index.js';

/** An index that the statement names. */
export function namedIndex(schema: Schema, name: string): Actor {
  const found = indexNamed(schema, name);
  return found ? indexActor(found.relation, found.index, undefined, name) : unknownIndex(name);
}

export const alterViewMatches = (schema: Schema, name: string): Match[] => [
  matched('change view', { view: [named(schema, name, 'view')] }),
];

/** ALTER INDEX, but for RENAME and ATTACH PARTITION. */
export const alterIndexMatches = (schema: Schema, name: string, cmd: AlterTableCmd): Match[] => {
  const shape = indexShape(cmd);
  return shape ? [matched(shape, { index: [namedIndex(schema, name)] })] : [];
};

/** They change what the index does with a row, and so wait for all who use it (PostgreSQL's reloptions.c). */
const strongOptions = [
  'fastupdate',
  'buffering',
  'gin_pending_list_limit',
  'pages_per_range',
  'autosummarize',
];

function indexShape({ subtype, def }: AlterTableCmd): ShapeName | undefined {
  switch (subtype) {
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions': {
      const names = readAll(read(def, 'List')?.items, 'DefElem').map(({ defname = '' }) => defname);
      return names.some((name) => strongOptions.includes(name))
        ? 'set strong index options'
        : 'set index options';
    }
    case 'AT_SetStatistics':
      return 'set index statistics';
    case 'AT_SetTableSpace':
      return 'move index';
    default:
      return undefined;
  }
}
