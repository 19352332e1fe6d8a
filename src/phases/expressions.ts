import { columnOf, type Facts, type TableFacts } from './facts.js';
import { columnIn, tableIn } from './guards.js';
import type { Intent, Wanted } from './wanted.js';

/** What somebody wrote, and a query in which PostgreSQL can say what it thinks of it. */
export interface Expression {
  /** `--set "first=…"` */
  given: string;
  query: string;
}

/**
 * The expressions of a change. A trigger's body is looked at when it is called, not when it is made: a slip in it would
 * fail every write of the application.
 */
export function expressionsOf(intent: Intent, facts: Facts, wanted: Wanted): Expression[] {
  const table = tableIn(facts, wanted.table);
  if (intent === 'check')
    return [
      {
        given: `--expression "${wanted.expression}"`,
        query: `SELECT FROM ${table.name} WHERE (${wanted.expression}\n)`,
      },
    ];
  if (intent === 'change-type') return ofChangedType(table, wanted);
  const typeOf = (name: string) => wanted.into[name] ?? columnOf(table, name)?.type ?? 'text';
  const made = Object.entries(wanted.into).map(([name, type]) => `NULL::${type} AS ${name}`);
  return [
    ...Object.entries(wanted.set).map(([name, text]) =>
      expression(`--set "${name}=${text}"`, text, typeOf(name), table.name),
    ),
    ...Object.entries(wanted.back).map(([name, text]) =>
      expression(`--back "${name}=${text}"`, text, typeOf(name), `(SELECT ${made.join(', ')}) AS made`),
    ),
  ];
}

/** Both ways, also where nothing was given: not every type can be cast to every other. */
function ofChangedType(table: TableFacts, { columns, set, back, type = '' }: Wanted): Expression[] {
  const { name, type: old } = columnIn(table, columns[0] ?? '');
  const [forth, again] = [set[name] ?? name, back[name] ?? name];
  return [
    expression(`--set "${name}=${forth}"`, forth, type, table.name),
    expression(`--back "${name}=${again}"`, again, old, `(SELECT NULL::${type} AS ${name}) AS made`),
  ];
}

/** The line break ends a comment that an expression may end in. */
const expression = (given: string, text: string, type: string, from: string): Expression => ({
  given,
  query: `SELECT CAST((${text}\n) AS ${type}) FROM ${from}`,
});
