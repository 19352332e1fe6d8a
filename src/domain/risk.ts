/** How dangerous a change is, from harmless to "only a backup brings it back". */
export const risks = ['low', 'medium', 'high', 'very-high'] as const;
export type Risk = (typeof risks)[number];

/** The higher of two risks. */
export const higher = (a: Risk, b: Risk): Risk => (risks.indexOf(a) >= risks.indexOf(b) ? a : b);

/** The highest of all; `low` when there is none. */
export const highest = (all: readonly Risk[]): Risk => all.reduce(higher, 'low');

/** The gravest first; those of one risk in the order in which they were. */
export const gravestFirst = <T extends { risk: Risk }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => risks.indexOf(b.risk) - risks.indexOf(a.risk));

/** Whether `a` is at least as dangerous as `b`. */
export const atLeast = (a: Risk, b: Risk): boolean => risks.indexOf(a) >= risks.indexOf(b);
