import { Problem } from '../problem.js';

export const settingsExist = (path: string) =>
  new Problem('settings-exist', {
    what: `there is a ${path} already`,
    next: [
      'lockkeeper doctor tries whether it works',
      `or write a new one: lockkeeper init --force (the old one is kept as ${path}.bak)`,
    ],
    retry: false,
  });

export const settingsNotWritten = (path: string, why: string) =>
  new Problem('settings-not-written', {
    what: `${path} could not be written`,
    why,
    next: ['make its folder writable for this user', 'lockkeeper init'],
    retry: false,
  });
