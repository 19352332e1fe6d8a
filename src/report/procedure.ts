import type { ProcedureName } from '../domain/plan.js';
import { wrapped } from './sql-line.js';

const WIDTH = 100;

const means: Record<ProcedureName, string> = {
  'deploy-only': 'Only the application would be deployed.',
  'low-risk': 'online and automatic, a backup with --backup.',
  'medium-risk': 'backup, rehearsal, one person approves, online.',
  'high-risk': 'proven backup, one person approves, the site is closed.',
  'online-contract':
    'proven backup, people approve as its risk wants, and the site stays open\n(phases.contract: online), once the rehearsal has shown that going back brings back every value.',
  'very-high-risk':
    'proven backup, two people approve, the site is closed.\nOnly a restore brings back what is lost.',
};

/** Which procedure a plan calls for, and what that means. */
export const applies = (procedure: ProcedureName): string =>
  procedure === 'deploy-only' ? means[procedure] : `The ${procedure} procedure applies: ${means[procedure]}`;

/** The same of SQL that no plan has yet. */
export const appliesIn = (procedure: ProcedureName): string =>
  wrapped(`A release with it takes the ${procedure} procedure: ${means[procedure]}`, WIDTH, '');
