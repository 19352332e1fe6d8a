import type { BridgeAsk, Leave } from '../adapters/alembic/events.js';
import { runWord } from '../domain/keepsake.js';
import type { Plan } from '../domain/plan.js';
import { nameOfObject, read } from '../sql/ast.js';
import { parse } from '../sql/parse.js';

type Answer = (ask: BridgeAsk) => Leave | Promise<Leave>;

/**
 * Leave that says, for each DROP TABLE whose table the plan moves, what is sent in its place.
 *
 * @param runId - its word stands before the names of what is moved
 */
export function keeping({ keepsakes = [] }: Pick<Plan, 'keepsakes'>, runId: string, leave: Answer): Answer {
  const moved = keepsakes.flatMap(({ instead }) => instead ?? []);
  if (moved.length === 0) return leave;
  return async (ask) => {
    const answer = await leave(ask);
    if (answer.do !== 'go' || ask.ask !== 'statement' || !/\bdrop\s+table\b/i.test(ask.sql)) return answer;
    const dropped = await tableDroppedBy(ask.sql);
    const found = moved.find(({ drops, revision }) => revision === ask.revision && drops === dropped);
    if (!found) return answer;
    return { ...answer, instead: found.statements.map((sql) => sql.replaceAll('{run}', runWord(runId))) };
  };
}

/** The only table that the only statement drops. */
async function tableDroppedBy(sql: string): Promise<string | undefined> {
  const parsed = await parse(sql);
  const [only] = parsed;
  if (parsed.length !== 1 || !only || !('node' in only)) return undefined;
  const drop = read(only.node, 'DropStmt');
  const [object] = drop?.objects ?? [];
  return drop?.removeType === 'OBJECT_TABLE' && drop.objects?.length === 1 ? nameOfObject(object) : undefined;
}
