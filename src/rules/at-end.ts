import type { Finding } from '../domain/plan.js';
import type { Schema } from '../schema/model.js';
import type { Node } from '../sql/ast.js';
import type { Statement } from '../sql/parse.js';
import type { Found } from './block.js';
import type { AtEnd, Context, Rule } from './rule.js';
import { finding } from './finding.js';
import type { Source } from './told.js';
import { touchesOnlyNew } from './touched.js';

/** A statement that is judged when the run is done. */
export interface Awaited extends AtEnd {
  rule: Rule;
  part: Statement;
  source: Source;
}

/** What a run has to judge at its end. */
export interface AwaitingRun {
  awaited: Awaited[];
  /** Rules with what they speak of. */
  awaitedAbout: Set<string>;
}

/** Asks the rules that judge at the end what they will have to look at. */
export function awaitEnd(
  run: AwaitingRun,
  rules: readonly Rule[],
  action: Node,
  context: Context,
  where: Pick<Awaited, 'part' | 'source'>,
): void {
  for (const rule of rules) {
    if (!rule.checkAtEnd || (!rule.alsoNew && touchesOnlyNew(action, context.newTables))) continue;
    const asked = rule.checkAtEnd(action, context);
    if (!asked) continue;
    const about = asked.about === undefined ? undefined : `${rule.id} ${asked.about}`;
    if (about !== undefined && run.awaitedAbout.has(about)) continue;
    if (about !== undefined) run.awaitedAbout.add(about);
    run.awaited.push({ rule, ...where, ...asked });
  }
}

/** What there is to say now that the run is done; the same words once. */
export function foundAtEnd(run: AwaitingRun, schema: Schema): (Awaited & Found)[] {
  const said = new Set<string>();
  return run.awaited.splice(0).flatMap((one) =>
    one.judge(schema).flatMap((hit) => {
      const words = `${one.rule.id} ${hit.message}`;
      if (said.has(words)) return [];
      said.add(words);
      return [{ ...one, hit }];
    }),
  );
}

/** The same as findings, each of the revision whose statement it is about. */
export const findingsAtEnd = (run: AwaitingRun, schema: Schema): Finding[] =>
  foundAtEnd(run, schema).map(({ rule, hit, part, source }) => finding(rule, hit, part, source));
