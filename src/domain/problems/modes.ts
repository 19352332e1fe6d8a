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

/** Manual mode needs the gate at which people decide, which this version does not have. */
export const manualNotYet = () =>
  new Problem('manual-mode-not-yet', {
    what: 'this version has no manual mode yet',
    next: [
      'lockkeeper check shows what would run',
      'lockkeeper deploy without a mode shows the check and asks; --auto-migrate runs a low-risk change',
    ],
    retry: false,
  });
