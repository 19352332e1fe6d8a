import type { Instead, KeepableTable } from '../domain/keepsake.js';
import { KEEPSAKES } from '../domain/keepsake.js';
import { identifier, keyIn, localOf, placeOf } from '../domain/sql-name.js';
import type { Gone } from './gone.js';

/** Names in PostgreSQL have at most 63 bytes; `{run}_` becomes 9 of them. */
const MOST_CHARS = 50;

/** What a kept table is called: the run's word, and as much of its own name as there is room for. */
export const movedName = (local: string): string =>
  identifier(`{run}_${local.replace(/^"|"$/g, '').replaceAll('""', '"').slice(0, MOST_CHARS)}`);

/** Why a table that the plan drops cannot be moved away; undefined where it can. */
export function whyNotMoved(table: KeepableTable, drop: Gone, dropsTypes: boolean): string | undefined {
  const { kind, isPartition, hasChildren, publications, rules, cascades, columns } = table;
  if (kind !== 'table' || isPartition || hasChildren) return 'it is part of a partitioned or inherited table';
  if (publications.length > 0) return `it is published (${publications.join(', ')})`;
  if (rules.length > 0) return `it has rules (${rules.join(', ')})`;
  if (!drop.drop?.alone) return 'one statement drops several tables';
  if (drop.drop.cascades && cascades === null)
    return 'CASCADE drops with it what cannot be dropped one by one';
  if (dropsTypes && columns.some(({ builtIn }) => !builtIn))
    return 'it has columns of a type of its own, and the plan drops types';
  return undefined;
}

/**
 * What is sent in place of DROP TABLE: what would hold others or be held by them goes as with the table, and the
 * rest is moved. A trigger is dropped, not only switched off: its function could not be dropped any more.
 */
export function insteadOf(table: KeepableTable, { named, revision, drop }: Gone): Instead {
  const place = placeOf(table.full);
  const now = keyIn(placeOf(named) || place, localOf(named));
  const moved = movedName(localOf(named));
  const alter = `ALTER TABLE ${now}`;
  return {
    drops: named,
    revision,
    statements: [
      ...(drop?.cascades ? (table.cascades ?? []) : []),
      ...[...table.foreignKeys, ...table.checks].map(
        (name) => `${alter} DROP CONSTRAINT IF EXISTS ${identifier(name)}`,
      ),
      ...table.triggers.map((name) => `DROP TRIGGER IF EXISTS ${identifier(name)} ON ${now}`),
      ...table.policies.map((name) => `DROP POLICY IF EXISTS ${identifier(name)} ON ${now}`),
      ...table.statistics.map((name) => `DROP STATISTICS IF EXISTS ${name}`),
      ...table.columns.flatMap(({ name, hasDefault }) =>
        hasDefault ? [`${alter} ALTER COLUMN ${identifier(name)} DROP DEFAULT`] : [],
      ),
      ...table.otherIndexes.map((name) => `DROP INDEX IF EXISTS ${name}`),
      ...table.constraintIndexes.map(
        (name, at) => `ALTER INDEX IF EXISTS ${name} RENAME TO "{run}_i${at}_${shortOf(moved)}"`,
      ),
      ...table.sequences.map(
        (name, at) => `ALTER SEQUENCE IF EXISTS ${name} RENAME TO "{run}_s${at}_${shortOf(moved)}"`,
      ),
      `${alter} RENAME TO ${moved}`,
      `ALTER TABLE ${keyIn(place, moved)} SET SCHEMA ${KEEPSAKES}`,
    ],
  };
}

/** Enough to tell tables of one run apart: their names follow. */
const shortOf = (moved: string): string => moved.replaceAll('"', '').slice('{run}_'.length, MOST_CHARS);
