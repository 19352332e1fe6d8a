import { noSuchRule } from '../domain/problems/check.js';
import { explainText, ruleList } from '../report/explain.js';
import { rules } from '../rules/catalogue.js';
import { near } from '../domain/near.js';
import type { Io } from './io.js';

/**
 * Tells one rule in full, or all of them in a line each.
 *
 * @throws Problem `no-such-rule` with those that are written alike
 */
export function explain(id: string | true, io: Io): number {
  const rule = rules.find((each) => each.id === id);
  if (id !== true && !rule)
    throw noSuchRule(
      id,
      near(
        id,
        rules.map((each) => each.id),
      ),
    );
  if (rule) io.out(io.json ? JSON.stringify(asJson(rule), null, 2) : explainText(rule));
  else io.out(io.json ? JSON.stringify(rules.map(asJson), null, 2) : ruleList(rules));
  return 0;
}

const asJson = ({
  id,
  risk,
  effect,
  blocks,
  dataLoss,
  breaksRunning,
  instead,
  bad,
  good,
}: (typeof rules)[number]) => ({
  ...{ rule: id, risk, effect, blocks },
  dataLoss: dataLoss ?? false,
  breaksRunning: breaksRunning ?? false,
  ...{ instead, bad, good },
});
