/** Types of which equal values are the same text, as long as their collation is deterministic. */
const STRICT =
  `bool int2 int4 int8 oid text varchar name char uuid bytea date time timestamp timestamptz inet cidr
  macaddr macaddr8 bit varbit money`.split(/\s+/);

/**
 * SQL that says of the attribute `a` whether equal values of it may be written in several ways, as `1.0` and `1.00` or
 * citext's `Bob` and `bob`. Domains are what they are made of.
 */
export const looseQuery = `
  (WITH RECURSIVE base AS (
    SELECT a.atttypid AS oid UNION ALL
    SELECT t.typbasetype FROM base JOIN pg_type t ON t.oid = base.oid WHERE t.typtype = 'd')
  SELECT NOT (t.typtype = 'e' OR t.typname = ANY ('{${STRICT.join()}}') AND t.typnamespace = 'pg_catalog'::regnamespace)
    OR to_jsonb(o)->>'collisdeterministic' = 'false'
  FROM base JOIN pg_type t ON t.oid = base.oid LEFT JOIN pg_collation o ON o.oid = a.attcollation
  WHERE t.typtype <> 'd')`;
