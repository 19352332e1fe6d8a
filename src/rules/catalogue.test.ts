import { readdirSync } from 'node:fs';
import { atLeast, highest, risks } from '../domain/risk.js';
import { rules } from './catalogue.js';
import { findingsIn } from './testing.js';

const riskOf = async (sql: string, needs?: string) =>
  highest((await findingsIn(sql, undefined, needs)).map(({ risk }) => risk));

const folder = new URL('.', import.meta.url);
/** Files of this folder that are no rules. */
const machinery = [
  'added-columns',
  'allow',
  'allowing',
  'block',
  'catalogue',
  'catalogue-plan',
  'check',
  'column-change',
  'column-users',
  'context',
  'finding',
  'harmless',
  'held',
  'known',
  'relations',
  'rule',
  'testing',
  'touched',
  'transaction',
  'transaction-run',
  'type-change',
  'type-pairs',
];

describe('the catalogue of rules', () => {
  it('has every rule that has a file, under the name of the file', () => {
    const files = readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => file.slice(0, -'.ts'.length))
      .filter((name) => !machinery.includes(name));
    expect(rules.map(({ id }) => id).sort()).toEqual(files.sort());
  });

  it('shows the gravest first', () => {
    const order = rules.map(({ risk }) => risks.indexOf(risk));
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });

  const inSql = rules.filter(({ language }) => language === undefined);

  it.each(inSql)('$id finds its bad example', async ({ id, bad, needs }) => {
    expect((await findingsIn(bad, undefined, needs)).map(({ rule }) => rule)).toContain(id);
  });

  it.each(inSql)('$id allows its good example', async ({ id, good, needs }) => {
    expect((await findingsIn(good, undefined, needs)).map(({ rule }) => rule)).not.toContain(id);
  });

  it.each(rules)(
    '$id says all that a person needs, without a final stop where it goes into a sentence',
    (rule) => {
      for (const words of [rule.effect, rule.instead.says]) expect(words).toMatch(/^[A-Z][^]*\.$/);
      for (const words of [rule.blocks, rule.instead.sql, rule.instead.alembic]) expect(words).not.toBe('');
      expect(rule.blocks).not.toMatch(/\.$/);
      expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)+$/);
    },
  );

  it.each(inSql)('$id speaks of its bad example in a message that reads on', async ({ id, bad, needs }) => {
    const found = (await findingsIn(bad, undefined, needs)).filter(({ rule }) => rule === id);
    for (const { message } of found) {
      expect(message).not.toMatch(/undefined|\bnull\b|""|\.$| {2}/);
      expect(message.length).toBeLessThan(200);
    }
  });

  it.each(rules)('$id recommends SQL that can be read and is known', async ({ instead }) => {
    const found = (await findingsIn(instead.sql)).map(({ rule }) => rule);
    expect(found).not.toContain('unreadable-sql');
    expect(found).not.toContain('unknown-statement');
  });

  it.each(inSql)(
    '$id recommends what is less dangerous than its bad example',
    async ({ bad, instead, needs }) => {
      const [before, after] = [await riskOf(bad, needs), await riskOf(instead.sql, needs)];
      // What is medium already may be the careful way itself, as a build CONCURRENTLY is.
      if (atLeast(before, 'high')) expect(risks.indexOf(after)).toBeLessThan(risks.indexOf(before));
      else expect(risks.indexOf(after)).toBeLessThanOrEqual(risks.indexOf(before));
    },
  );

  it.each(inSql)(
    '$id has a good example of less danger than the bad one',
    async ({ risk, bad, good, needs }) => {
      if (risk === 'low') return expect(await riskOf(good, needs)).toBe('low');
      return expect(risks.indexOf(await riskOf(good, needs))).toBeLessThanOrEqual(
        risks.indexOf(await riskOf(bad, needs)),
      );
    },
  );
});
