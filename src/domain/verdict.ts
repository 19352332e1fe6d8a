import type { Coverage, Finding, ProcedureName } from './plan.js';
import { highest, type Risk } from './risk.js';

/** What a check of one file of SQL came to. */
export interface FileVerdict {
  /** As it was named; `-` is standard input. */
  file: string;
  risk: Risk;
  coverage: Coverage;
  findings: readonly Finding[];
}

/** What any check comes to, of files or of a target. */
export interface Verdict {
  risk: Risk;
  procedure: ProcedureName;
  coverage: Coverage;
  findings: readonly Finding[];
}

export const riskOf = (findings: readonly Finding[]): Risk => highest(findings.map(({ risk }) => risk));

export const procedures: Record<Risk, ProcedureName> = {
  low: 'low-risk',
  medium: 'medium-risk',
  high: 'high-risk',
  'very-high': 'very-high-risk',
};

/** The verdict on all files; of none it is the lowest. */
export function verdictOn(files: readonly FileVerdict[]): Verdict {
  const risk = highest(files.map((file) => file.risk));
  const sum = (part: keyof Coverage) => files.reduce((all, { coverage }) => all + coverage[part], 0);
  return {
    risk,
    procedure: procedures[risk],
    coverage: { analysed: sum('analysed'), total: sum('total') },
    findings: files.flatMap(({ findings }) => findings),
  };
}

/** What a check without a database has assumed in place of it. */
export interface Offline {
  /** Revisions that it was taken to have; empty: none. */
  from: readonly string[];
  /** The file that its schema was read from; null: nothing was known of it. */
  schema: string | null;
}
