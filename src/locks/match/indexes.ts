import type { Index, Relation, Schema } from '../../schema/model.js';
import { indexNamed } from '../../schema/resolve.js';
import type { Content, Node } from '../../sql/ast.js';
import { identifier, nameOf, read, readAll } from '../../sql/ast.js';
import { actorOf, heirsOf, indexActor, indexesOf } from '../actors.js';
import { matched, type Match } from '../match.js';
import { namedIndex } from './alter-others.js';
import { heirsUnsure, targetOf, withIndexes, type Target } from './target.js';

export function createIndexMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'IndexStmt');
  if (!statement) return [];
  const target = targetOf(schema, nameOf(statement.relation), !statement.relation?.inh);
  const name = identifier(statement.idxname ?? '');
  const isThere = statement.if_not_exists && target.relation?.indexes.some((index) => index.name === name);
  const table = [target.table];
  if (statement.concurrent) return [concurrently(target, Boolean(isThere))];
  if (isThere) return [matched('create index, there already', { table })];
  if (!statement.relation?.inh) return [matched('create index on only', { table })];
  const unsure = target.isKnown ? [] : [`partitions of ${target.name} would be locked as well`];
  return [matched('create index', { table, ...partitionsFor(statement, target) }, { unsure })];
}

function concurrently({ table, relation, name }: Target, isThere: boolean): Match {
  if (isThere) return matched('create index concurrently, there already', { table: [table] });
  const why = `${name} is partitioned: its indexes are not built CONCURRENTLY`;
  const fails = relation?.kind === 'partitioned table' ? { fails: { why } } : {};
  return matched('create index concurrently', { table: [table] }, fails);
}

/** Child tables that are no partitions get no index. */
function partitionsFor(statement: Content<'IndexStmt'>, { schema, relation, name }: Target) {
  const heirs = relation?.kind === 'partitioned table' ? heirsOf(schema, relation) : [];
  const such = heirs.map((each) => ({ each, indexes: suchIndexes(each, statement) }));
  const actors = (having: boolean) =>
    such
      .filter(({ indexes }) => indexes.length > 0 === having)
      .map(({ each }) => actorOf(each, `partition of ${name}`));
  return {
    heirs: actors(false),
    ready: actors(true),
    indexes: such.flatMap(({ each, indexes }) => indexes.map((index) => indexActor(each, index))),
  };
}

/** An index that a partition has already is taken for its part of the new one. */
function suchIndexes(partition: Relation, statement: Content<'IndexStmt'>): Index[] {
  const keys = readAll(statement.indexParams, 'IndexElem').map(({ name }) =>
    name ? identifier(name) : null,
  );
  if (keys.includes(null) || statement.whereClause) return [];
  return partition.indexes.filter(
    (index) =>
      !index.isPartial &&
      !index.partOf &&
      index.unique === Boolean(statement.unique) &&
      index.keys.join() === keys.join(),
  );
}

export function reindexMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'ReindexStmt');
  const name = nameOf(statement?.relation);
  const isConcurrent = readAll(statement?.params, 'DefElem').some(
    ({ defname }) => defname === 'concurrently',
  );
  switch (statement?.kind) {
    case 'REINDEX_OBJECT_INDEX': {
      const found = indexNamed(schema, name);
      const table = found ? [{ ...actorOf(found.relation, `table of ${name}`), indexes: 1 }] : [];
      const index = [namedIndex(schema, name)];
      const unsure = found || schema.source !== 'none' ? [] : [`the table of ${name} is locked as well`];
      return [
        matched(
          isConcurrent ? 'reindex concurrently' : 'reindex index',
          { table, index, indexes: index },
          { unsure },
        ),
      ];
    }
    case 'REINDEX_OBJECT_TABLE': {
      const target = targetOf(schema, name);
      const isPartitioned = target.relation?.kind === 'partitioned table';
      const all = isPartitioned
        ? withIndexes(target)
        : { table: [target.table], indexes: indexesOf(target.all.slice(0, 1)) };
      if (isConcurrent) return [matched('reindex concurrently', all)];
      return [matched(isPartitioned ? 'reindex partitioned table' : 'reindex table', all)];
    }
    default: {
      const all = [...schema.relations.values()].filter(({ indexes }) => indexes.length > 0);
      const actors = { table: all.map((each) => actorOf(each, 'it has indexes')), indexes: indexesOf(all) };
      const unsure = schema.source === 'none' ? ['all tables are locked, one after the other'] : [];
      return [matched(isConcurrent ? 'reindex concurrently' : 'reindex all', actors, { unsure })];
    }
  }
}

export function clusterMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'ClusterStmt');
  if (!statement?.relation)
    return [
      matched(
        'cluster all',
        {},
        { unsure: ['every table that was clustered before is locked and rewritten'] },
      ),
    ];
  const target = targetOf(schema, nameOf(statement.relation), true);
  return [matched('cluster', withIndexes(target))];
}

/** VACUUM and ANALYZE. */
export function vacuumMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'VacuumStmt');
  const options = readAll(statement?.options, 'DefElem').map(({ defname = '' }) => defname);
  const shape = !statement?.is_vacuumcmd ? 'analyze' : options.includes('full') ? 'vacuum full' : 'vacuum';
  const tables = readAll(statement?.rels, 'VacuumRelation').map(({ relation }) => nameOf(relation));
  if (tables.length === 0)
    return [matched(shape, {}, { unsure: ['every table is locked, one after the other'] })];
  return tables.map((name) => {
    const target = targetOf(schema, name);
    return matched(shape, withIndexes(target), {
      unsure: shape === 'vacuum full' ? heirsUnsure(target) : [],
    });
  });
}
