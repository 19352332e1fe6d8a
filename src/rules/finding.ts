import type { Finding } from '../domain/plan.js';
import type { Parsed } from '../sql/parse.js';
import type { Source } from './told.js';
import { raised } from './policy.js';
import type { Hit, Rule } from './rule.js';

/** A hit of a rule as a finding, at the risk that the settings give it. */
export function finding(rule: Rule, hit: Hit, part: Parsed, source: Source): Finding {
  const line = source.linesOfFile ? part.line : source.lineAt?.(part.offset);
  const found: Finding = {
    rule: rule.id,
    risk: hit.risk ?? rule.risk,
    ...(source.revision === undefined ? {} : { revision: source.revision }),
    file: source.file,
    ...(line === undefined ? {} : { line }),
    statement: part.text,
    relations: hit.relations,
    dataLoss: hit.dataLoss ?? rule.dataLoss ?? false,
    breaksRunning: hit.breaksRunning ?? rule.breaksRunning ?? false,
    ...(hit.fails ? { fails: hit.fails } : {}),
    evidence: hit.evidence ?? 'static',
    message: hit.message,
    instead: rule.instead.says,
    ...(hit.unsure === undefined ? {} : { unsure: hit.unsure }),
    ...(hit.forecast ? { forecast: hit.forecast } : {}),
  };
  return raised(found, source.policy, hit.large);
}
