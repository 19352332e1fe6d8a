import { resolve } from 'node:path';
import { noClosure } from '../domain/problems/closure.js';
import type { Target } from './home.js';

/** The settings of a closure with absolute paths. */
export interface ClosureSettings extends Omit<NonNullable<Target['settings']['closure']>, 'flag' | 'page'> {
  flag: string;
  page: string | null;
}

/** @throws Problem `no-closure` when the target has none */
export function closureSettings({ name, settings, config }: Target): ClosureSettings {
  const { closure } = settings;
  if (!closure) throw noClosure(name);
  return {
    ...closure,
    flag: resolve(config.folder, closure.flag),
    page: closure.page === undefined ? null : resolve(config.folder, closure.page),
  };
}
