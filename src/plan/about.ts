import type { Finding } from '../domain/plan.js';
import type { Rule } from '../rules/rule.js';
import type { PendingRevision } from './facts.js';

/** Where a finding on a revision as a whole is. */
export const whereOf = ({ revision, file }: PendingRevision): Pick<Finding, 'revision' | 'file'> => ({
  revision,
  file,
});

/** A finding on a file as a whole, or on a revision, rather than on a statement. */
export const about = (
  rule: Rule,
  where: Pick<Finding, 'revision' | 'file' | 'line'>,
  message: string,
): Finding => ({
  rule: rule.id,
  risk: rule.risk,
  ...where,
  ...{ statement: '', relations: [], dataLoss: false, breaksRunning: false },
  evidence: 'static',
  message,
  instead: rule.instead.says,
});
