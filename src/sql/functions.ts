import type { Node } from './ast.js';
import { inside, read, readAll } from './ast.js';
import { isHarmlessSetting } from './settings.js';

/** Functions of PostgreSQL with one answer a statement: as a default they cost nothing. */
const steady = new Set(
  `now transaction_timestamp statement_timestamp timezone date_trunc date_part extract age make_date
  make_time make_timestamp make_timestamptz make_interval justify_days justify_hours justify_interval
  to_timestamp to_date to_char to_number current_setting current_schema version lower upper initcap
  length char_length octet_length btrim ltrim rtrim trim left right lpad rpad substring substr replace
  translate reverse repeat concat concat_ws format split_part strpos position overlay starts_with
  ascii chr md5 sha224 sha256 sha384 sha512 encode decode quote_ident quote_literal quote_nullable
  regexp_replace regexp_match regexp_matches regexp_split_to_array regexp_count string_to_array
  array_to_string array_append array_prepend array_cat array_remove array_replace array_length
  array_position cardinality array_fill array_upper array_lower abs round ceil ceiling floor trunc mod
  div power sqrt exp ln log sign num_nulls num_nonnulls to_json to_jsonb row_to_json array_to_json
  to_tsvector to_tsquery plainto_tsquery setweight to_regclass to_regtype hashtext int4range int8range
  numrange tsrange tstzrange daterange`.split(/\s+/),
);

/** Functions that change nothing but may answer differently from row to row, or read many rows. */
const readers = new Set(
  `random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc
  uuid_generate_v4 clock_timestamp timeofday generate_series generate_subscripts unnest count sum min
  max avg bool_and bool_or every array_agg string_agg xmlagg stddev variance percentile_cont
  percentile_disc mode row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value
  last_value nth_value regexp_split_to_table string_to_table pg_get_serial_sequence
  pg_get_constraintdef pg_get_indexdef pg_get_viewdef pg_get_expr pg_table_size pg_total_relation_size
  pg_relation_size pg_size_pretty format_type obj_description col_description has_table_privilege
  has_schema_privilege nextval currval lastval setval pg_notify pg_advisory_lock
  pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
  pg_try_advisory_xact_lock pg_advisory_unlock pg_advisory_unlock_all pg_table_is_visible pg_type_is_visible pg_encoding_to_char`.split(
    /\s+/,
  ),
);

/** json_build_object, jsonb_set, jsonb_agg …: none of that family changes anything. */
const isJson = (name: string): boolean => /^jsonb?_/.test(name);

/** @returns the names of the functions called in it, each once; `pg_catalog.` left out, other schemas kept */
export function functionsIn(part: unknown): string[] {
  const names = [...inside(part)].flatMap((node) => {
    const parts = readAll(read(node, 'FuncCall')?.funcname, 'String').map(({ sval = '' }) => sval);
    return parts.length > 0 ? [parts.join('.').replace(/^pg_catalog\./, '')] : [];
  });
  return [...new Set(names)];
}

/** Whether a function may give every row another value; unknown ones count. */
export const isVolatile = (name: string): boolean => !steady.has(name) && !isJson(name);

/** The first function called that may change something: whatever is not known to be harmless. */
export const effectfulIn = (part: unknown): string | undefined =>
  functionsIn(part).find(
    (name) =>
      !steady.has(name) &&
      !readers.has(name) &&
      !isJson(name) &&
      !(name === 'set_config' && setsHarmless(part)),
  );

/** Whether every set_config() in it names a setting that changes nothing of what statements do. */
const setsHarmless = (part: unknown): boolean =>
  [...inside(part)].every((node) => {
    const call = read(node, 'FuncCall');
    if (readAll(call?.funcname, 'String').at(-1)?.sval !== 'set_config') return true;
    return isHarmlessSetting(read(call?.args?.[0], 'A_Const')?.sval?.sval ?? '');
  });
