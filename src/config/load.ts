import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { noSettings, noTarget, settingsFaults, unreadableSettings } from '../domain/problems/settings.js';
import { stateNotWritable } from '../domain/problems/state.js';
import { faultsOf, type SettingPath } from './faults.js';
import { settingsSchema, type Settings, type TargetSettings } from './schema.js';
import { readYaml } from './yaml.js';

export const SETTINGS_FILE = 'lockkeeper.yaml';

/** Valid settings, and where they stand. `folder` is what relative paths are relative to. */
export interface Config extends Settings {
  path: string;
  folder: string;
  /** Absolute path of the state folder. */
  state: string;
}

/**
 * Reads the settings.
 *
 * @param path - of lockkeeper.yaml; default: $LOCKKEEPER_CONFIG, else lockkeeper.yaml in this folder
 * @throws Problem `no-settings`, `unreadable-settings`, `settings-faults` (all faults at once), `state-not-writable`
 */
export function loadConfig(path = process.env['LOCKKEEPER_CONFIG'] ?? SETTINGS_FILE): Config {
  const full = resolve(path);
  const settings = settingsOf(readSettings(full), full);
  const folder = dirname(full);
  const state = resolve(folder, settings.stateDir);
  assertHoldsFiles(state);
  return { ...settings, path: full, folder, state };
}

/** Of proc and sysfs (statfs(2)). Node's `mkdir(…, {recursive: true})` never comes back there. */
const NO_FILES: readonly number[] = [0x9fa0, 0x62656572];

function assertHoldsFiles(state: string): void {
  let there = state;
  while (!existsSync(there)) there = dirname(there);
  if (NO_FILES.includes(statfsSync(there).type))
    throw stateNotWritable(state, `${there} is of the kernel, and no place for files`);
}

/**
 * One target of the settings; without a name the only one.
 *
 * @throws Problem `no-target` naming those that there are
 */
export function targetOf(config: Config, name?: string): { name: string; settings: TargetSettings } {
  const names = Object.keys(config.targets);
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const settings = wanted !== undefined && names.includes(wanted) ? config.targets[wanted] : undefined;
  if (wanted === undefined || !settings) throw noTarget(name, names, config.path);
  return { name: wanted, settings };
}

function readSettings(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? noSettings(path)
      : unreadableSettings(path, (error as Error).message);
  }
}

/**
 * The settings in a text.
 *
 * @param path - of their file, for the message
 * @throws Problem `settings-faults`
 */
export function settingsOf(text: string, path: string): Settings {
  const given = readYaml(text);
  if ('faults' in given) throw settingsFaults(path, given.faults);
  const checked = settingsSchema.safeParse(given.value ?? {}, { reportInput: true });
  if (checked.success) return checked.data;
  const faults = faultsOf(checked.error.issues)
    .map((fault) => ({ ...fault, line: given.lineOf(fault.path) }))
    .sort((a, b) => a.line - b.line)
    .map((fault) => faultText(fault.line, fault.path, fault.says));
  throw settingsFaults(path, faults);
}

const faultText = (line: number, path: SettingPath, says: string): string =>
  `line ${line}: ${shown(path)}: ${says}`;

/** A fault that shows only when the settings are used, in the words of the others. */
export function faultAt(path: string, setting: SettingPath, says: string): string {
  const given = readYaml(readSettings(path));
  return faultText('faults' in given ? 1 : given.lineOf(setting), setting, says);
}

/** `targets.shop.verify[0].sql` */
const shown = (path: SettingPath): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${String(key)}`)).join('') ||
  'the file';
