import { phaseComment } from '../domain/phased.js';
import type { Draft, Part } from './draft.js';

/** The bodies of a revision's functions, as Alembic's template takes them: all lines but the first indented. */
export interface RevisionText {
  /** First line of its docstring, and what its file is called after. */
  message: string;
  upgrades: string;
  downgrades: string;
  /** A line that must stand in the file. */
  annotation: string;
}

const INDENT = '    ';

/**
 * Alembic runs all pending revisions in one transaction, unless env.py says `transaction_per_migration`: locks of the
 * one would be held while the next one waits for its own. What an autocommit block has before it is committed.
 */
const OWN_TRANSACTION = [
  '# ends the transaction of the revisions before, and their locks',
  'with op.get_context().autocommit_block():',
  `${INDENT}op.execute("SELECT 1")`,
];

/** @param change - name of the change */
export function revisionText(change: string, draft: Draft): RevisionText {
  const annotation = phaseComment({ phase: draft.phase, change });
  return {
    // It stands between quotes, in whatever template.
    message: `${change}: ${draft.does}`.replaceAll('"', ''),
    upgrades: bodyOf([annotation, ...block(draft.up, draft.upAlone)]),
    downgrades: bodyOf(block(draft.down, draft.downAlone)),
    annotation,
  };
}

/** Lines of SQL stay where they are: spaces in front of them are part of what people read in logs. */
const bodyOf = (lines: readonly string[]): string => lines.join(`\n${INDENT}`);

function block(statements: readonly Part[], alone: true | undefined): string[] {
  if (statements.length === 0) return ['pass'];
  const lines = statements.flatMap(({ sql, why }) => [
    ...(why?.split('\n').map((line) => `# ${line}`) ?? []),
    `op.execute(${pythonText(sql)})`,
  ]);
  if (!alone) return [...OWN_TRANSACTION, ...lines];
  return ['with op.get_context().autocommit_block():', ...lines.map((line) => INDENT + line)];
}

/** A colon in front of a word is a parameter to SQLAlchemy's text(), unless it is escaped. */
const unbound = (sql: string): string => sql.replace(/(?<![:\w\\]):(?=\w)/g, '\\:');

/** SQL as Python has texts. */
export function pythonText(sql: string): string {
  const text = unbound(sql);
  if (!/["\\\n]/.test(text)) return `"${text}"`;
  if (text.includes('\\') || text.includes('"""') || text.endsWith('"')) return JSON.stringify(text);
  return `"""${text}"""`;
}
