import { withClient } from '../adapters/postgres/client.js';
import { misfitsIn, type Misfits } from '../adapters/postgres/misfits.js';
import { rowsIn } from '../adapters/postgres/written.js';
import { shownKeys } from '../domain/example-keys.js';
import type { Plan } from '../domain/plan.js';
import { nameOfType } from '../domain/retyped.js';
import { localOf } from '../domain/sql-name.js';
import { count } from '../domain/units.js';
import type { Losses } from '../plan/losses.js';
import type { Target } from './home.js';
import { ofTheirOwn } from './phased/in-step.js';
import { sessionName } from './standing.js';

/**
 * Asks the database what a downgrade would remove or could not keep, as far as it can tell.
 *
 * @param renamed - local names of tables of which a downgrade that comes first changes names: what is there now under
 *   a name says nothing of what will be
 * @param upTo - of a phase: columns that its triggers keep in step have nothing of their own
 * @returns in words what was written since or does not fit; and statements of which it is not known what they lose
 */
export async function lossesNow(
  target: Target,
  { tables, columns, retyped }: Losses,
  { renamed, upTo }: { renamed: readonly string[]; upTo: Plan['upTo'] },
  signal: AbortSignal,
): Promise<{ found: string[]; unknown: string[] }> {
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, async (client) => {
    const own = upTo ? await ofTheirOwn(target, client, upTo, columns) : columns;
    const written = await rowsIn(client, { tables, columns: own });
    const found = written.map(({ what, rows }) => `${what} has ${count(rows, 'row')} written since`);
    const unknown: string[] = [];
    for (const each of retyped) {
      const misfits = renamed.includes(localOf(each.table)) ? null : await misfitsIn(client, each);
      if (!misfits) unknown.push(each.statement);
      else if (misfits.rows > 0) found.push(misfitText(each, misfits));
    }
    return { found, unknown };
  });
}

function misfitText({ table, column, to }: Losses['retyped'][number], { rows, more, keys }: Misfits): string {
  const many = `${more ? 'more than ' : ''}${count(rows, 'value')}`;
  return `${table}.${column} has ${many} that ${nameOfType(to)} cannot hold (${table} ${shownKeys(keys)}${rows > keys.length ? ', …' : ''})`;
}
