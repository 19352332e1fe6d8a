const notCounted =
  'medium, but nobody waits, nothing is lost and nothing fails at once, which is what counts here';

/** Why we say something else than the label, by the rule that decides: thought about, and left so. */
export const reasons: Readonly<Record<string, string>> = {
  'constraint-not-valid':
    'no harm to the table, but the running release must write only what fits: somebody should look',
  'autovacuum-switched-off': notCounted,
  'privileges-widened': notCounted,
  'security-definer-open': notCounted,
  'constraint-dropped':
    'of a CHECK only the columns that it keeps from being NULL are known, not whether it says more',
  'table-locked': 'LOCK TABLE takes the children of a table as well, and a new table may have got old ones',
  'domain-scans-tables': 'a column of an old table may have got the new domain in between',
  'code-block': 'what a DO block does is told only as far as its PL/pgSQL can be read',
};
