/**
 * The search attributes that our workflows set, with Temporal's types. A server that does not know one
 * fails the workflow task for ever, so they are registered before any workflow starts
 * (https://docs.temporal.io/search-attribute).
 */
export const searchAttributes = {
  LockkeeperTarget: 'Keyword',
  LockkeeperRelease: 'Keyword',
  LockkeeperRisk: 'Keyword',
  LockkeeperState: 'Keyword',
  LockkeeperPlan: 'Keyword',
  LockkeeperSite: 'Keyword',
  LockkeeperBackups: 'Keyword',
} as const;
export type SearchAttributeName = keyof typeof searchAttributes;
