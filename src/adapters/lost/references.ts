import type { Client } from '../postgres/client.js';
import type { Reference } from './order.js';

/** A foreign key as the catalog has it. */
export interface ForeignKey extends Reference {
  /** Quoted where SQL needs it. */
  name: string;
  /** Whether it may be checked at the end of a transaction. */
  deferrable: boolean;
  /** Whether deleting a parent does nothing but fail, and only at the end. */
  lazy: boolean;
}

// Those of partitions are made from their table's: conparentid.
const query = `
  SELECT quote_ident(k.conname) AS name, format('%I.%I', cn.nspname, c.relname) AS child,
    format('%I.%I', pn.nspname, p.relname) AS parent, k.condeferrable AS deferrable,
    k.confdeltype = 'a' AND k.confupdtype = 'a' AS lazy
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0
  ORDER BY k.oid`;

export const referencesOf = async (client: Client): Promise<ForeignKey[]> =>
  (await client.query<ForeignKey>(query)).rows;
