import type { AlterTableCmd } from '../../sql/ast.js';
import { identifier, read, readAll } from '../../sql/ast.js';
import { indexesOf, sequenceActors } from '../actors.js';
import { matched, type Match } from '../match.js';
import { heirsUnsure, onTable, withIndexes, type Target } from './target.js';

/** Partitions have copies of a row trigger, and of those of a foreign key; other children have their own. */
export function switchTrigger({ subtype }: AlterTableCmd, target: Target): Match[] {
  const { relation, table } = target;
  const unsure = heirsUnsure(target);
  if (relation?.kind === 'partitioned table' && relation.triggers.length > 0)
    return [matched('enable or disable trigger', onTable(target), { unsure })];
  const isAll = subtype?.endsWith('TrigAll');
  if (
    isAll &&
    relation?.kind === 'partitioned table' &&
    relation.constraints.some(({ kind }) => kind === 'foreign key')
  )
    return [matched('enable or disable foreign keys', onTable(target))];
  return [matched('enable or disable trigger', { table: [table] }, { unsure })];
}

/** Nothing but the table is looked at where it is the owner already. */
export function changeOwner({ newowner }: AlterTableCmd, target: Target): Match[] {
  const { relation, table, schema } = target;
  const isOwner = relation?.owner !== undefined && relation.owner === identifier(newowner?.rolename ?? '');
  if (isOwner) return [matched('change owner', { table: [table] })];
  const indexes = indexesOf(relation ? [relation] : []);
  return [matched('change owner', { table: [table], indexes, sequences: sequenceActors(schema, relation) })];
}

export function setLogged({ subtype }: AlterTableCmd, target: Target): Match[] {
  const isSo = target.relation && target.relation.unlogged === (subtype === 'AT_SetUnLogged');
  if (isSo) return [matched('set logged or unlogged, so already', { table: [target.table] })];
  const actors = {
    ...withIndexes({ ...target, heirs: [] }),
    sequences: sequenceActors(target.schema, target.relation),
  };
  return [matched('set logged or unlogged', actors)];
}

/** Options that change how the table is read, and so keep readers out. */
const strongOptions = ['user_catalog_table'];

export function setOptions({ def }: AlterTableCmd, target: Target): Match[] {
  const names = readAll(read(def, 'List')?.items, 'DefElem').map(({ defname = '' }) => defname);
  const isStrong = names.some((name) => strongOptions.includes(name));
  return [matched(isStrong ? 'set strong table options' : 'set table options', { table: [target.table] })];
}
