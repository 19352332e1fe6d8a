import { Problem } from '../problem.js';

export const modeNeeded = () =>
  new Problem('mode-needed', {
    what: 'shall the migration run? there is no terminal here to ask at',
    next: [
      'say it: --auto-migrate (check, and run what the risk allows) or --skip-migrate (deploy only)',
      'lockkeeper check shows what would run',
    ],
    retry: false,
  });

export const oneMode = () =>
  new Problem('one-mode', {
    what: 'only one of --auto-migrate, --manual-migrate and --skip-migrate can be chosen',
    next: ['keep one: --auto-migrate runs what the risk allows, --skip-migrate only deploys'],
    retry: false,
  });
