import type { CommentLine } from './revision.js';

/** The parts of a change that goes over several releases. The deploy between expand and backfill has no revision. */
export const phasesOfChange = ['expand', 'backfill', 'constrain', 'contract'] as const;
export type PhaseOfChange = (typeof phasesOfChange)[number];

/** Which part of which change a revision is. */
export interface Phased {
  phase: PhaseOfChange;
  /** Name of the change. */
  change: string;
}

const CHANGE = '[a-z0-9][a-z0-9._-]{0,39}';
const said = new RegExp(`^phase\\s+(${phasesOfChange.join('|')})\\s+of\\s+(${CHANGE})$`);

/** Whether a text can name a change: it is also the name of its backfill, and part of workflow ids. */
export const isChangeName = (name: string): boolean => new RegExp(`^${CHANGE}$`).test(name);

/** The comment that says it in a revision file. */
export const phaseComment = ({ phase, change }: Phased): string =>
  `# lockkeeper: phase ${phase} of ${change}`;

/**
 * Reads `phase expand of orders-remark`, what stands behind `lockkeeper:` in a comment.
 *
 * @returns undefined where it says something else
 */
export function phaseIn(words: string): Phased | undefined {
  const [, phase, change] = said.exec(words.replace(/\s+/g, ' ').trim()) ?? [];
  return phase && change ? { phase: phase as PhaseOfChange, change } : undefined;
}

/** What is wrong with `expand of orders-remark`; null when it is well formed, or not there. */
export const whyBadUpTo = (upTo: unknown): string | null =>
  upTo === undefined || (typeof upTo === 'string' && phaseIn(`phase ${upTo}`))
    ? null
    : '"upTo" must name a phase of a change: "expand of orders-remark"';

/**
 * Which part of which change a revision is, by the comments of its file.
 *
 * @returns undefined where no comment says so
 */
export const phasedBy = (comments: readonly CommentLine[]): Phased | undefined =>
  comments
    .map(({ text }) => phaseIn(/^#+\s*lockkeeper\s*:\s*(.*)$/i.exec(text.trim())?.[1] ?? ''))
    .find((phased) => phased !== undefined);
