import { columnShapes } from './columns.js';
import { constraintShapes } from './constraints.js';
import { dataShapes } from './data.js';
import { indexShapes } from './indexes.js';
import { objectShapes } from './objects.js';
import { tableShapes } from './tables.js';

/** By subject, for the page that is made of it. */
export const subjects = {
  Tables: tableShapes,
  Columns: columnShapes,
  Constraints: constraintShapes,
  Indexes: indexShapes,
  'Views, sequences, triggers, types and the like': objectShapes,
  Rows: dataShapes,
};

/** The lock model: what each shape of statement does to the relations that it involves. */
export const shapes = {
  ...tableShapes,
  ...columnShapes,
  ...constraintShapes,
  ...indexShapes,
  ...objectShapes,
  ...dataShapes,
};
export type ShapeName = keyof typeof shapes;
