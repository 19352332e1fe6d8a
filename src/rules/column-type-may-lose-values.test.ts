import rule from './column-type-may-lose-values.js';
import { testRule } from './testing.js';

testRule(rule, {
  finds: {
    'fewer digits': [
      'ALTER TABLE orders ALTER COLUMN total TYPE numeric(8,2)',
      'every value of orders.total is converted to numeric(8,2), which may round or cut values',
    ],
    'a smaller number': [
      'ALTER TABLE orders ALTER COLUMN n TYPE smallint',
      'every value of orders.n is converted to int2, which may round or cut values',
    ],
    'any expression, even one that keeps the type': [
      'ALTER TABLE orders ALTER COLUMN name TYPE text USING lower(name)',
      'every value of orders.name is converted to text, by an expression of its own',
    ],
    'only that command of several': [
      'ALTER TABLE orders ALTER a TYPE text, ALTER b TYPE date',
      'every value of orders.b is converted to date, which may round or cut values',
    ],
  },
  allows: {
    'types that take every digit':
      'ALTER TABLE t ALTER a TYPE bigint, ALTER b TYPE numeric, ALTER c TYPE text',
    'lengths, which refuse what is too long': 'ALTER TABLE t ALTER a TYPE varchar(10)',
  },
});
