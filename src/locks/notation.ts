import type { LockMode } from '../domain/plan.js';
import type { RelationEffect } from './effects.js';

/** What is compared between the model and a real server. */
export type Noted = Pick<RelationEffect, 'name' | 'kind' | 'lock' | 'rewrites' | 'scans' | 'builds'>;

/** The manual's modes, short. */
export const shortModes: Record<LockMode, string> = {
  'ACCESS SHARE': 'AS',
  'ROW SHARE': 'RS',
  'ROW EXCLUSIVE': 'RE',
  'SHARE UPDATE EXCLUSIVE': 'SUE',
  SHARE: 'S',
  'SHARE ROW EXCLUSIVE': 'SRE',
  EXCLUSIVE: 'E',
  'ACCESS EXCLUSIVE': 'AE',
};

/** The planner takes these on indexes, and nextval() on sequences, as they like. Nobody waits for them but DDL. */
const passing: readonly LockMode[] = ['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE'];

/**
 * Effects on one line, such as `t=AE+rewrite+build7 t_pkey=AE`, sorted by name: for records that people compare.
 * `AE` is ACCESS EXCLUSIVE, and so on. Left out is what keeps nobody waiting: weak locks on indexes and sequences,
 * and reading under a weak lock. Reading is not told of what is rewritten or gets an index, since that reads it too.
 */
export const noted = (effects: readonly Noted[]): string =>
  effects
    .filter(({ kind, lock }) => (kind !== 'index' && kind !== 'sequence') || !passing.includes(lock))
    .map((effect) => `${effect.name}=${[shortModes[effect.lock], ...workOf(effect)].join('+')}`)
    .sort()
    .join(' ') || 'none';

const workOf = ({ lock, rewrites, scans, builds }: Noted): string[] => [
  ...(rewrites ? ['rewrite'] : []),
  ...(builds > 0 ? [`build${builds}`] : []),
  ...(scans && !rewrites && builds === 0 && !passing.includes(lock) ? ['scan'] : []),
];
