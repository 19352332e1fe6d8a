import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readOwnRule } from '../config/check.js';
import { faultAt } from '../config/load.js';
import { near } from '../domain/near.js';
import type { OwnRuleFile } from '../domain/plan.js';
import { ownRuleNotLoaded, ownRuleTwice, ownRuleWrong } from '../domain/problems/own-rules.js';
import { settingsFaults } from '../domain/problems/settings.js';
import { atLeast } from '../domain/risk.js';
import type { OwnRule, Policy } from '../rules/policy.js';
import type { Rule } from '../rules/rule.js';
import type { Target } from './home.js';

/** How a target wants its changes judged, and the files of its own rules as they were read. */
export interface TargetPolicy {
  policy: Policy;
  ownRules: readonly OwnRuleFile[];
}

/**
 * Reads the `check` section of a target, and loads its own rules: each anew when its file has changed.
 *
 * @throws Problem `settings-faults`, `own-rule-not-loaded`, `own-rule-wrong`, `own-rule-twice`
 */
export async function policyOf({
  name,
  settings,
  config,
}: Pick<Target, 'name' | 'settings' | 'config'>): Promise<TargetPolicy> {
  const { raise, largeTableGiB, busyTables } = settings.check;
  // The catalogue is some hundred rules: loaded where there is something to hold against it.
  const isPlain = settings.check.rules.length === 0 && Object.keys(raise).length === 0;
  const { rules } = isPlain ? { rules: [] } : await import('../rules/catalogue.js');
  const own: OwnRule[] = [];
  const ownRules: OwnRuleFile[] = [];
  for (const file of settings.check.rules) {
    const { rule, sha256 } = await loadRule(file, config.folder);
    const other =
      own.find(({ id }) => id === rule.id)?.file ??
      (rules.some(({ id }) => id === rule.id) ? 'a rule of Lockkeeper' : undefined);
    if (other !== undefined) throw ownRuleTwice(rule.id, file, other);
    own.push(rule);
    ownRules.push({ file, sha256 });
  }
  const faults = raiseFaults(raise, [...rules, ...own]);
  if (faults.length)
    throw settingsFaults(
      config.path,
      faults.map(({ id, says }) => faultAt(config.path, ['targets', name, 'check', 'raise', id], says)),
    );
  return {
    policy: { raise, busyTables, own, ...(largeTableGiB === undefined ? {} : { largeTableGiB }) },
    ownRules,
  };
}

function raiseFaults(raise: Policy['raise'], known: readonly Rule[]): { id: string; says: string }[] {
  return Object.entries(raise).flatMap(([id, risk]) => {
    const rule = known.find((each) => each.id === id);
    if (rule && atLeast(risk, rule.risk)) return [];
    if (rule)
      return [{ id, says: `${risk} is lower than the rule's own ${rule.risk}; a risk can only be raised` }];
    const meant = near(
      id,
      known.map((each) => each.id),
    );
    return [
      { id, says: `there is no such rule${meant.length ? `; did you mean ${meant.join(' or ')}?` : ''}` },
    ];
  });
}

async function loadRule(file: string, folder: string): Promise<{ rule: OwnRule; sha256: string }> {
  const path = resolve(folder, file);
  const failed = (error: unknown) =>
    ownRuleNotLoaded(file, (error as Error | undefined)?.message ?? String(error));
  const text = await readFile(path).catch((error: unknown) => {
    throw failed(error);
  });
  const sha256 = createHash('sha256').update(text).digest('hex');
  // Node keeps a module by its URL: a worker runs for weeks, and rules change.
  const url = `${pathToFileURL(path).href}?sha256=${sha256}`;
  const loaded = await (import(url) as Promise<{ default?: unknown }>).catch((error: unknown) => {
    throw failed(error);
  });
  const read = readOwnRule(loaded.default);
  if ('faults' in read) throw ownRuleWrong(file, read.faults);
  return { rule: { ...(read.rule as unknown as Rule), file }, sha256 };
}
