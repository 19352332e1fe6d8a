import { Problem } from '../problem.js';

export const modeNeeded = () =>
  new Problem('mode-needed', {
    what: 'say whether the migration shall run: nobody sits here who could be asked',
    next: ['--auto-migrate: check, and run what the risk allows', '--skip-migrate: deploy only'],
    retry: false,
  });

export const oneMode = () =>
  new Problem('one-mode', {
    what: 'only one of --auto-migrate, --manual-migrate and --skip-migrate can be chosen',
    next: ['choose one'],
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
