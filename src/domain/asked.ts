import { lastOf, type FactOf, type RunRecord } from './record.js';

/** What people were asked last, when they were. */
export const askedOf = (record: RunRecord): FactOf<'asked'> | undefined => lastOf(record, 'asked');

/** Approvals that were taken since people were asked; a choice to migrate counts as one. */
export const approvalsSince = ({ facts }: RunRecord, asked: FactOf<'asked'>): FactOf<'said'>[] =>
  facts
    .slice(facts.indexOf(asked))
    .filter(
      (fact): fact is FactOf<'said'> =>
        fact.kind === 'said' && (fact.message === 'approve' || fact.message === 'choose'),
    );

/** What the migration is blocked by while people are asked what to do about it; `people` must send the same budget. */
export const blockedOf = (record: RunRecord): FactOf<'blocked'> | undefined => {
  const last = record.facts.findLast(({ kind }) => kind === 'asked' || kind === 'blocked');
  return record.outcome === 'waiting' && last?.kind === 'blocked' ? last : undefined;
};

/** Who stands for which budget since it was blocked: each for the number that they sent last. */
export const budgetsSince = ({ facts }: RunRecord, blocked: FactOf<'blocked'>): FactOf<'said'>[] => {
  const said = facts
    .slice(facts.indexOf(blocked))
    .filter((fact): fact is FactOf<'said'> => fact.kind === 'said' && fact.budgetMs !== undefined);
  return said.filter(({ by, budgetMs }) => said.findLast((each) => each.by === by)?.budgetMs === budgetMs);
};
