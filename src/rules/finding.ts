import type { Finding } from '../domain/plan.js';
import type { Parsed } from '../sql/parse.js';
import { raised } from './policy.js';
import type { Source } from './told.js';
import type { Hit, Rule } from './rule.js';

/** What is told of a hit: where it is, what its rule says where the hit says nothing, at the risk of the settings. */
export function finding(rule: Rule, hit: Hit, part: Parsed, source: Source): Finding {
  const line = source.linesOfFile ? part.line : source.lineAt?.(part.offset);
  // Step by step, in the order in which people read it: spreads take longer than the rules that found it.
  const told = { rule: rule.id, risk: hit.risk ?? rule.risk } as Finding;
  if (source.revision !== undefined) told.revision = source.revision;
  told.file = source.file;
  if (line !== undefined) told.line = line;
  told.statement = part.text;
  told.relations = hit.relations;
  told.dataLoss = hit.dataLoss ?? rule.dataLoss ?? false;
  told.breaksRunning = hit.breaksRunning ?? rule.breaksRunning ?? false;
  if (hit.fails) told.fails = hit.fails;
  told.evidence = hit.evidence ?? 'static';
  told.message = hit.message;
  told.instead = rule.instead.says;
  if (hit.unsure !== undefined) told.unsure = hit.unsure;
  if (hit.forecast) told.forecast = hit.forecast;
  return raised(told, source.policy, hit.large);
}
