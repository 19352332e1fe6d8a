import { risks } from '../domain/risk.js';
import type { Rule } from '../rules/rule.js';
import { WIDTH } from './finding.js';
import { sqlLine, wrapped } from './sql-line.js';

/** A rule in full: why, whom it keeps waiting, what to write instead. */
export function explainText(rule: Rule): string {
  const { id, risk, effect, blocks, dataLoss, breaksRunning, instead, bad, good } = rule;
  return [
    `${id}: ${risk} risk`,
    wrapped(effect, WIDTH, ''),
    [
      `Blocks           ${wrapped(blocks, WIDTH - 17, ' '.repeat(17))}`,
      `Data             ${dataLoss ? 'rows or values may be lost' : 'nothing is lost'}`,
      `Running release  ${breaksRunning ? 'may fail once this is done' : 'goes on as before'}`,
    ].join('\n'),
    part('Found', bad),
    part('Not found', good),
    `Instead: ${wrapped(instead.says, WIDTH - 9, '         ')}`,
    part('As SQL', instead.sql),
    part('With Alembic', instead.alembic),
    `To allow it, above the statement or at its end:\n  -- lockkeeper: allow ${id} because REASON`,
  ].join('\n\n');
}

const part = (title: string, text: string): string =>
  `${title}:\n${text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}`;

/** All rules, a line each, the gravest first. */
export function ruleList(rules: readonly Rule[]): string {
  const longest = Math.max(...rules.map(({ id }) => id.length));
  const lines = risks
    .toReversed()
    .flatMap((risk) =>
      rules
        .filter((rule) => rule.risk === risk)
        .map(
          ({ id, effect }) =>
            `${risk.padEnd(9)}  ${id.padEnd(longest)}  ${sqlLine(effect, WIDTH - longest - 13)}`,
        ),
    );
  return [...lines, '', 'One in full: lockkeeper check --explain RULE'].join('\n');
}
