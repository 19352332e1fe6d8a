import { targetSchema } from '../config/schema.js';
import type { Plan } from '../domain/plan.js';
import { settingsThatDiffer } from '../plan/differences.js';
import type { Target } from './home.js';

/** A plan's settings as this version has them: one that it brought, and that no file names, was not changed. */
export function settingsOf({ settings }: Pick<Plan, 'settings'>): unknown {
  const read = targetSchema.safeParse(settings);
  return read.success ? read.data : settings;
}

/**
 * Every step reads the settings of its moment, so that a wrong one can be corrected while the run goes on. That
 * they are others than those of the plan is said, in words to put behind others.
 */
export function settingsNote(plan: Plan, { settings }: Target): string {
  const changed = settingsThatDiffer(settingsOf(plan), settings).map((line) => line.split(':')[0]);
  return changed.length ? `; changed since the plan: ${changed.slice(0, SHOWN).join(', ')}` : '';
}

const SHOWN = 5;
