import type { Problem } from '../../domain/problem.js';
import { mayNotRead, mayNotReadLargeObjects, rowsHidden } from '../../domain/problems/backup.js';
import type { Client } from '../postgres/client.js';

interface Reading {
  role: string;
  unreadable: string[];
  hidden: string[];
  largeObjects: number;
}

const relations = `
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`;

/**
 * Sequences need a function of their own: has_table_privilege would refuse them. Of an extension's tables those that
 * it has registered as settings are dumped.
 */
const query = `
  SELECT current_user AS role,
    ARRAY(SELECT format('%I.%I', n.nspname, c.relname) ${relations}
      AND CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN c.relkind IN ('r', 'p', 'S')
        WHEN c.relkind IN ('r', 'p') THEN NOT has_table_privilege(c.oid, 'SELECT')
        WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT')
        ELSE false END
      UNION SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_extension x, unnest(x.extconfig) config
        JOIN pg_class c ON c.oid = config JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT has_schema_privilege(n.oid, 'USAGE') OR NOT CASE c.relkind
          WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END
      ORDER BY 1) AS unreadable,
    ARRAY(SELECT format('%I.%I', n.nspname, c.relname) ${relations}
      AND c.relkind IN ('r', 'p') AND row_security_active(c.oid) ORDER BY 1) AS hidden,
    (SELECT count(*)::int FROM pg_largeobject_metadata l
      WHERE NOT pg_has_role(l.lomowner, 'USAGE') AND NOT current_setting('lo_compat_privileges')::bool
        AND NOT EXISTS (SELECT FROM aclexplode(l.lomacl) a WHERE a.privilege_type = 'SELECT'
          AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))) AS "largeObjects"`;

/** @returns one Problem for each kind of thing that the role may not read, with all names in it */
export async function readingObstacles(client: Client): Promise<Problem[]> {
  const { rows } = await client.query<Reading>(query);
  const [found] = rows;
  if (!found) return [];
  const { role, unreadable, hidden, largeObjects } = found;
  return [
    ...(unreadable.length ? [mayNotRead(role, unreadable)] : []),
    ...(hidden.length ? [rowsHidden(role, hidden)] : []),
    ...(largeObjects > 0 ? [mayNotReadLargeObjects(role, largeObjects)] : []),
  ];
}
