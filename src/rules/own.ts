import { lockModes, type LockedRelation } from '../domain/plan.js';
import { ownRuleFailed } from '../domain/problems/own-rules.js';
import { risks, type Risk } from '../domain/risk.js';
import { kindOfAction, type Node } from '../sql/ast.js';
import type { Found } from './block.js';
import type { OwnRule } from './policy.js';
import { withModel } from './relations.js';
import { locked, type Context, type Hit } from './rule.js';

/** Where a statement is, for whoever has written the rule. */
interface Place {
  file: string;
  statement: string;
}

/**
 * What the user's own rules find in one statement (ALTER TABLE: one command). They never make a statement a known one.
 *
 * @throws Problem `own-rule-failed`: what a rule could not judge was not judged
 */
export function ownHits(
  own: readonly OwnRule[],
  action: Node,
  context: Context,
  onlyNew: boolean,
  place: Place,
): Found[] {
  const kind = kindOfAction(action);
  return own.flatMap((rule) => {
    if ((onlyNew && !rule.alsoNew) || (rule.on && !rule.on.includes(kind))) return [];
    const hit = asked(rule, action, context, place);
    return hit ? [{ rule, hit: withModel(hit, context) }] : [];
  });
}

function asked(rule: OwnRule, action: Node, context: Context, { file, statement }: Place): Hit | undefined {
  const failed = (why: string) => ownRuleFailed(rule, { file, statement }, why);
  let answer: unknown;
  try {
    // A copy: what a rule does to its statement is nobody else's business.
    answer = rule.check?.(structuredClone(action), context);
  } catch (error) {
    throw failed(`it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
  if (answer === undefined || answer === null || answer === false) return undefined;
  const hit = asHit(answer);
  if (typeof hit === 'string') throw failed(`it answered with ${hit}`);
  return hit;
}

/** @returns what is wrong with the answer, as text */
function asHit(answer: unknown): Hit | string {
  if (answer instanceof Promise) return 'a promise; check must answer at once';
  if (typeof answer !== 'object' || answer === null) return 'something else than { message, relations }';
  const { message, relations = [], risk, fails, dataLoss, breaksRunning, unsure } = answer as Partial<Hit>;
  if (typeof message !== 'string' || !message.trim()) return 'no message';
  if (risk !== undefined && !risks.includes(risk)) return `the risk ${String(risk)}, not ${risks.join(', ')}`;
  if (!Array.isArray(relations) || !relations.every(isRelation))
    return `relations that are no list of { name, lock }, with locks such as ${lockModes.slice(-2).join(' or ')}`;
  return {
    message: message.replace(/\s+/g, ' ').trim(),
    relations: (relations as LockedRelation[]).map(({ name, lock }) => locked(name, lock)),
    ...(fails === true ? { fails } : {}),
    ...(risk === undefined ? {} : { risk: risk satisfies Risk }),
    ...(typeof dataLoss === 'boolean' ? { dataLoss } : {}),
    ...(typeof breaksRunning === 'boolean' ? { breaksRunning } : {}),
    ...(typeof unsure === 'string' ? { unsure } : {}),
  };
}

const isRelation = (value: unknown): boolean => {
  const { name, lock } = (value ?? {}) as Partial<LockedRelation>;
  return typeof name === 'string' && lock !== undefined && lockModes.includes(lock);
};
