import type { Finding } from '../domain/plan.js';
import type { Parsed } from '../sql/parse.js';
import { leftOf, lowered, notesOf } from './allowing.js';
import type { Found } from './block.js';
import { finding } from './finding.js';
import type { Policy } from './policy.js';

/** Where the SQL comes from. */
export interface Source {
  /** As people find it; for a revision its Python file. */
  file: string;
  revision?: string;
  /** Whether a line of the SQL is a line of the file. Alembic renders the SQL of a revision: it is none. */
  linesOfFile: boolean;
  /** Where a statement, by its place in the SQL, stands in a file that the SQL was rendered from. */
  lineAt?: (offset: number) => number | undefined;
  /** Whether the BEGIN or COMMIT at that place is the runner's, which Alembic prints for its autocommit_block. */
  isRunners?: (offset: number) => boolean;
  /** Major version of the server, where it is known. */
  postgres?: number;
  /** Alembic's own table, without its schema; `alembic_version` unless env.py names another. */
  versionTable?: string;
  /** All of it runs in one transaction that was begun before it, as Alembic does unless it is told otherwise. */
  inTransaction?: boolean;
  /** How the settings want it judged besides the catalogue. */
  policy?: Policy;
}

const none: readonly Finding[] = [];

/** Findings of one part, those that its notes allow at a lower risk, and what is to be said of the notes. */
export function told(found: readonly Found[], part: Parsed, source: Source): readonly Finding[] {
  if (found.length === 0 && !part.notes && !part.below) return none;
  const findings = found.map(({ rule, hit }) => finding(rule, hit, part, source));
  if (!part.notes && !part.below) return findings;
  const { own, below } = notesOf(part, source.policy?.own);
  return [
    ...findings.map((each) => lowered(each, own)),
    ...leftOf([...own, ...below]).map(({ rule, note: { line, text }, message }) =>
      finding(rule, { message, relations: [] }, { ...part, text: `lockkeeper: ${text}`, line }, source),
    ),
  ];
}
