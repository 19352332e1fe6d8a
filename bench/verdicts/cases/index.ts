import type { Case } from '../case.js';
import { access } from './access.js';
import { columns } from './columns.js';
import { constraints } from './constraints.js';
import { data } from './data.js';
import { indexes } from './indexes.js';
import { ordinary } from './ordinary.js';
import { removals } from './removals.js';
import { tables } from './tables.js';
import { types } from './types.js';

export const groups: Readonly<Record<string, readonly Case[]>> = {
  columns,
  types,
  indexes,
  constraints,
  removals,
  data,
  tables,
  access,
  ordinary,
};
