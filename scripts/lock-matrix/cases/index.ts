import { casesOf, type Case } from '../case.js';
import { columnCases } from './columns.js';
import { constraintCases } from './constraints.js';
import { createCases } from './create.js';
import { indexCases } from './indexes.js';
import { moreCases } from './more.js';
import { tableCases } from './tables.js';
import { typeCases } from './types.js';

/** Every statement that is measured, about each shape of the model at least once. */
export const cases: readonly Case[] = casesOf([
  ...createCases,
  ...columnCases,
  ...typeCases,
  ...constraintCases,
  ...indexCases,
  ...tableCases,
  ...moreCases,
]);
