import { shape } from '../shape.js';

/** Commands of ALTER TABLE on columns. */
export const columnShapes = {
  'add column': shape('ALTER TABLE t ADD COLUMN c int', ['table AE', 'heirs AE']),
  'add column that rewrites': shape('ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()', [
    'table AE rewrite',
    'heirs AE rewrite',
    'indexes AE',
  ]),
  'add column of a domain with volatile default': shape('ALTER TABLE t ADD COLUMN c dom', [
    'table AE -12',
    'heirs AE -12',
    'table AE rewrite 13-',
    'heirs AE rewrite 13-',
    'indexes AE 13-',
  ]),
  'add column with check': shape('ALTER TABLE t ADD COLUMN c int CHECK (c > 0)', [
    'table AE scan',
    'heirs AE scan',
  ]),
  'add column with unique': shape('ALTER TABLE t ADD COLUMN c int UNIQUE', [
    'table AE build',
    'heirs AE build',
  ]),
  'add column with reference': shape('ALTER TABLE t ADD COLUMN c int REFERENCES r', [
    'table AE',
    'heirs AE',
    'referenced SRE',
  ]),
  'add column with reference and default': shape('ALTER TABLE t ADD COLUMN c int DEFAULT 1 REFERENCES r', [
    'table AE scan',
    'heirs AE scan',
    'referenced SRE scan',
  ]),
  'drop column': shape('ALTER TABLE t DROP COLUMN c', [
    'table AE',
    'heirs AE',
    'columnIndexes AE',
    'referenced AE',
    'referencedRoot AE 15-',
    'referencing AE',
    'sequences AE',
    'dependants AE',
  ]),
  'change type with rewrite': shape('ALTER TABLE t ALTER COLUMN c TYPE bigint', [
    'table AE rewrite',
    'heirs AE rewrite',
    'indexes AE',
    'referenced AE scan',
    'referencing AE scan',
    'sequences SRE',
  ]),
  'change type without rewrite': shape('ALTER TABLE t ALTER COLUMN c TYPE text', [
    'table AE',
    'heirs AE',
    'columnIndexes AE',
    'referenced AE',
    'referencing AE',
    'sequences SRE',
  ]),
  'change type of a checked column': shape('ALTER TABLE t ALTER COLUMN c TYPE text', [
    'table AE scan',
    'heirs AE scan',
  ]),
  'change collation': shape('ALTER TABLE t ALTER COLUMN c TYPE text COLLATE "C"', [
    'table AE rebuild',
    'heirs AE rebuild',
    'columnIndexes AE',
  ]),
  'change between timestamp and timestamptz in UTC': shape('ALTER TABLE t ALTER COLUMN c TYPE timestamptz', [
    'table AE rewrite -11',
    'heirs AE rewrite -11',
    'indexes AE -11',
    'table AE 12-',
    'heirs AE 12-',
    'columnIndexes AE 12-',
  ]),
  'set default': shape('ALTER TABLE t ALTER COLUMN c SET DEFAULT 1', ['table AE', 'heirs AE']),
  'set not null': shape('ALTER TABLE t ALTER COLUMN c SET NOT NULL', ['table AE scan', 'heirs AE scan']),
  'set not null, proved by a check': shape('ALTER TABLE t ALTER COLUMN c SET NOT NULL', [
    'table AE scan -11',
    'heirs AE scan -11',
    'table AE 12-',
    'heirs AE 12-',
  ]),
  'set not null, set already': shape('ALTER TABLE t ALTER COLUMN c SET NOT NULL', ['table AE', 'heirs AE']),
  'drop not null': shape('ALTER TABLE t ALTER COLUMN c DROP NOT NULL', ['table AE', 'heirs AE']),
  'set statistics': shape('ALTER TABLE t ALTER COLUMN c SET STATISTICS 500', ['table SUE', 'heirs SUE']),
  'set column options': shape('ALTER TABLE t ALTER COLUMN c SET (n_distinct = 5)', ['table SUE']),
  'set storage': shape('ALTER TABLE t ALTER COLUMN c SET STORAGE EXTERNAL', ['table AE', 'heirs AE']),
  'set compression': shape('ALTER TABLE t ALTER COLUMN c SET COMPRESSION pglz', ['table AE']),
  'add identity': shape('ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY', [
    'table AE',
    'heirs AE 17-',
  ]),
  'set identity': shape('ALTER TABLE t ALTER COLUMN c SET GENERATED ALWAYS', [
    'table AE',
    'heirs AE 17-',
    'sequences SRE',
  ]),
  'drop identity': shape('ALTER TABLE t ALTER COLUMN c DROP IDENTITY', [
    'table AE',
    'heirs AE 17-',
    'sequences AE',
  ]),
  'set expression': shape('ALTER TABLE t ALTER COLUMN c SET EXPRESSION AS (a + 1)', [
    'table AE rewrite',
    'heirs AE rewrite',
    'indexes AE',
  ]),
  'set virtual expression': shape('ALTER TABLE t ALTER COLUMN c SET EXPRESSION AS (a + 1)', [
    'table AE',
    'heirs AE',
  ]),
  'drop expression': shape('ALTER TABLE t ALTER COLUMN c DROP EXPRESSION', ['table AE', 'heirs AE']),
  'rename column': shape('ALTER TABLE t RENAME COLUMN a TO b', ['table AE', 'heirs AE']),
};
