import { addressOf, connectionOf } from '../adapters/postgres/connection.js';
import type { Plan } from '../domain/plan.js';
import { cellsWithoutWay } from '../domain/problems/cells.js';
import type { Target } from './home.js';
import { type PrivateCopy, privateEnvironment } from './private-environment.js';

/** Whether the releases are tried on the copy: where the settings say how, and the plan changes the schema. */
export const cellsTried = ({ settings }: Target, { revisions }: Pick<Plan, 'revisions'>): boolean =>
  settings.rehearsal.cells !== undefined && revisions.length > 0;

/** What the settings give the releases, with references resolved. */
export const variablesOfCells = (target: Target): Record<string, string> =>
  target.secrets(target.settings.rehearsal.cells?.environment ?? {}, 'rehearsal.cells.environment');

/**
 * Who connects to the copy besides those of env.py.
 *
 * @param nowhere - in place of the copy, before there is one
 * @throws Problem `cells-without-way`
 */
export function usersOfCells(target: Target, plan: Plan, nowhere: PrivateCopy): Iterable<string> {
  if (!cellsTried(target, plan)) return [];
  const live = connectionOf(target.url());
  const { users, mentions } = privateEnvironment(variablesOfCells(target), target.url(), nowhere);
  if (!mentions) throw cellsWithoutWay(`${addressOf(live)}/${live.database}`);
  return users;
}
