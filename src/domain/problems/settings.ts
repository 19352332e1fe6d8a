import { Problem } from '../problem.js';
import { count } from '../units.js';

export const noSettings = (path: string) =>
  new Problem('no-settings', {
    what: `there is no ${path}`,
    next: [
      'lockkeeper init writes one from what it finds in this folder',
      'or name another: lockkeeper --config PATH …, or LOCKKEEPER_CONFIG',
      'files of SQL are checked without: lockkeeper check --sql FILE…',
    ],
    retry: false,
  });

export const unreadableSettings = (path: string, why: string) =>
  new Problem('unreadable-settings', {
    what: `${path} cannot be read`,
    why,
    next: ['see that it is a file, and that this user may read it'],
    retry: false,
  });

/** All faults at once, each with its path and what was expected. */
export const settingsFaults = (path: string, faults: readonly string[]) =>
  new Problem('settings-faults', {
    what: `${path} has ${count(new Set(faults).size, 'fault')}`,
    why: [...new Set(faults)].map((fault) => `- ${fault}`).join('\n'),
    next: ['correct them; docs/configuration.md names every setting'],
    retry: false,
  });

export const noTarget = (name: string | undefined, names: readonly string[], path: string) =>
  new Problem('no-target', {
    what: name ? `there is no target ${name}` : 'which target? there are several',
    why: `${path} has ${names.join(', ')}`,
    next: [`name one of them: lockkeeper check ${names[0] ?? 'NAME'}`],
    retry: false,
  });

export const missingSecret = (name: string, where: string) =>
  new Problem('missing-secret', {
    what: `the environment variable ${name} is not set`,
    why: `${where} refers to it`,
    next: [`set ${name} where this command runs; for a run of a workflow: where the worker runs`],
    retry: false,
  });

export const unreadableSecret = (path: string, where: string, why: string) =>
  new Problem('unreadable-secret', {
    what: `the file ${path} cannot be read`,
    why: `${where} refers to it; ${why}`,
    next: ['create it, readable for the user that runs the worker only (chmod 600)'],
    retry: false,
  });
