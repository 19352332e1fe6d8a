/**
 * Pieces of the fingerprint's queries. Each gives one piece of a line, as SQL. They are written for a
 * session whose search_path is empty, so that PostgreSQL writes all names in full.
 */

/** Schemas whose contents count: not the system's, not temporary ones, not our own. */
export const counted = (schema: string): string =>
  `${schema} !~ '^pg_' AND ${schema} <> 'information_schema' AND ${schema} !~ '^lockkeeper'`;

/** Whether an object was made by itself: what belongs to an extension is told by the extension's version. */
export const ownObject = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend member
     WHERE member.classid = '${catalog}'::regclass AND member.objid = ${oid} AND member.deptype = 'e')`;

export const owner = (role: string): string => `' owner ' || pg_get_userbyid(${role})`;

export const comment = (oid: string, catalog: string): string =>
  `coalesce(' comment ' || quote_literal(obj_description(${oid}, '${catalog}')), '')`;

const granted = (acl: string): string =>
  `(SELECT coalesce(string_agg(DISTINCT g.words, ', ' ORDER BY g.words), 'nothing') FROM (
     SELECT format('%s=%s%s', CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END,
       privilege_type, CASE WHEN is_grantable THEN '*' ELSE '' END) AS words
     FROM aclexplode(${acl})) g)`;

/**
 * Privileges, where they are not the usual ones. A GRANT that was taken back leaves a list that says the
 * same as none; who granted is left out, because a restore may change it.
 *
 * @param kind - as acldefault() has it
 */
export const grants = (acl: string, kind: string, role: string): string =>
  `CASE WHEN ${acl} IS NULL OR ${granted(acl)} = ${granted(`acldefault('${kind}', ${role})`)} THEN ''
     ELSE ' grants ' || ${granted(acl)} END`;

/** `label text`, or nothing when the text is NULL. */
export const maybe = (label: string, text: string): string => `coalesce(' ${label} ' || (${text})::text, '')`;

/** Words, and a value after them, when a condition holds, else nothing. */
export const when = (condition: string, words: string, value?: string): string =>
  `CASE WHEN ${condition} THEN ' ${words}'${value ? ` || ' ' || ${value}::text` : ''} ELSE '' END`;

export const line = (pieces: readonly string[]): string => pieces.join('\n    || ');
