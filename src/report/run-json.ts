import { linesOf } from '../domain/page.js';
import type { RunRecord } from '../domain/record.js';
import { stateOf } from '../domain/state.js';

/** A run for machines: the record as it is, and what is computed from it. `schemaVersion` changes with its shape. */
export const runJson = (record: RunRecord) => ({
  schemaVersion: 1,
  ...record,
  lines: linesOf(record),
  state: stateOf(record),
});
