import type { Parsed } from '../sql/parse.js';
import { parse } from '../sql/parse.js';

/** SQL as a driver was given it: `%(name)s` and `%s` stand for values, and `%%` for a sign. */
export async function parseSent(sql: string): Promise<readonly Parsed[]> {
  const parsed = await parse(sql);
  if (parsed.every((part) => 'node' in part) || !sql.includes('%')) return parsed;
  return parse(sql.replace(/%(\([^)]*\))?s/g, () => '$1').replaceAll('%%', '%'));
}
