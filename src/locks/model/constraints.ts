import { shape } from '../shape.js';

/** ADD, DROP, VALIDATE, ALTER and RENAME CONSTRAINT. */
export const constraintShapes = {
  'add check': shape('ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0)', ['table AE scan', 'heirs AE scan']),
  'add check, not inherited': shape('ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0) NO INHERIT', [
    'table AE scan',
    'heirs AE 18',
  ]),
  'add check not valid': shape('ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0) NOT VALID', [
    'table AE',
    'heirs AE',
  ]),
  'add not null': shape('ALTER TABLE t ADD CONSTRAINT x NOT NULL a', ['table AE scan', 'heirs AE scan']),
  'add not null not valid': shape('ALTER TABLE t ADD CONSTRAINT x NOT NULL a NOT VALID', [
    'table AE',
    'heirs AE',
  ]),
  'add foreign key': shape('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r', [
    'table SRE scan',
    'heirs SRE scan',
    'referenced SRE scan',
  ]),
  'add foreign key not valid': shape('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES r NOT VALID', [
    'table SRE',
    'heirs SRE',
    'referenced SRE',
  ]),
  'add primary key': shape('ALTER TABLE t ADD PRIMARY KEY (a)', ['table AE build', 'heirs AE build']),
  'add unique': shape('ALTER TABLE t ADD UNIQUE (a)', [
    'table AE build',
    'heirs S build -17',
    'heirs AE build 18',
  ]),
  'add exclude': shape('ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)', [
    'table AE build',
    'heirs S build',
  ]),
  'add key from index': shape('ALTER TABLE t ADD UNIQUE USING INDEX x', [
    'table AE',
    'index AE -11',
    'index SUE 12-',
  ]),
  'add primary key from index on nullable columns': shape('ALTER TABLE t ADD PRIMARY KEY USING INDEX x', [
    'table AE scan',
    'index AE -11',
    'index SUE 12-',
  ]),
  'validate check': shape('ALTER TABLE t VALIDATE CONSTRAINT x', ['table SUE scan', 'heirs SUE scan']),
  'validate foreign key': shape('ALTER TABLE t VALIDATE CONSTRAINT x', [
    'table SUE scan',
    'referenced RS',
    'read AS',
  ]),
  'validate, valid already': shape('ALTER TABLE t VALIDATE CONSTRAINT x', ['table SUE']),
  'drop check': shape('ALTER TABLE t DROP CONSTRAINT x', ['table AE', 'heirs AE']),
  'drop foreign key': shape('ALTER TABLE t DROP CONSTRAINT x', [
    'table AE',
    'heirs AE',
    'referenced AE',
    'referencedRoot AE',
  ]),
  'drop key': shape('ALTER TABLE t DROP CONSTRAINT x CASCADE', [
    'table AE',
    'heirs AE',
    'columnIndexes AE',
    'referencing AE',
  ]),
  'alter constraint': shape('ALTER TABLE t ALTER CONSTRAINT x DEFERRABLE', ['table AE', 'heirs AE']),
  'enforce foreign key': shape('ALTER TABLE t ALTER CONSTRAINT x ENFORCED', [
    'table AE scan',
    'referenced SRE scan',
  ]),
  'stop enforcing foreign key': shape('ALTER TABLE t ALTER CONSTRAINT x NOT ENFORCED', [
    'table AE',
    'referenced AE',
  ]),
  'rename constraint': shape('ALTER TABLE t RENAME CONSTRAINT x TO y', [
    'table AE',
    'heirs AE',
    'index AE -11',
    'index SUE 12-',
  ]),
};
