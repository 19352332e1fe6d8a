import { inside, read, readAll } from './ast.js';
import { builtInFunctions } from './built-in-functions.js';
import { isHarmlessSetting } from './settings.js';

/** Of extensions, and of versions after 15. */
const others = new Set(
  `starts_with trim hashtext array_append array_prepend array_cat power uuid_generate_v3 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url
  uuid_ns_oid uuid_ns_x500 digest hmac crypt similarity word_similarity array_reverse array_sort casefold crc32 crc32c
  date_add date_subtract uuid_extract_timestamp uuid_extract_version`.split(/\s+/),
);

/** Whether it has one answer a statement: as a default it costs nothing. */
const isSteady = (name: string): boolean => builtInFunctions.has(name) || others.has(name);

/** Functions that change nothing but may answer differently from row to row, or read many rows. */
const readers = new Set(
  `random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc
  uuid_generate_v4 clock_timestamp timeofday generate_series generate_subscripts unnest count sum min
  max avg bool_and bool_or every array_agg string_agg xmlagg stddev variance percentile_cont
  percentile_disc mode row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value
  last_value nth_value regexp_split_to_table string_to_table pg_get_serial_sequence
  pg_get_constraintdef pg_get_indexdef pg_get_viewdef pg_get_expr pg_table_size pg_total_relation_size
  pg_relation_size pg_database_size pg_indexes_size pg_is_in_recovery pg_current_wal_lsn
  pg_blocking_pids any_value bit_and bit_or range_agg var_pop var_samp stddev_pop stddev_samp corr pg_size_pretty format_type obj_description col_description has_table_privilege
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
  const names = new Set<string>();
  for (const node of inside(part)) {
    const called = read(node, 'FuncCall')?.funcname;
    if (!called) continue;
    const parts = readAll(called, 'String').map(({ sval = '' }) => sval);
    if (parts.length > 0) names.add(parts.join('.').replace(/^pg_catalog\./, ''));
  }
  return [...names];
}

/** Whether a function may give every row another value; unknown ones count. */
export const isVolatile = (name: string): boolean => !isSteady(name) && !isJson(name);

/** The first function called that may change something: whatever is not known to be harmless. */
export const effectfulIn = (part: unknown): string | undefined =>
  functionsIn(part).find(
    (name) =>
      !isSteady(name) &&
      !readers.has(name) &&
      !isJson(name) &&
      !(name === 'set_config' && setsHarmless(part)),
  );

/** Whether every set_config() in it names a setting that changes nothing of what statements do. */
const setsHarmless = (part: unknown): boolean =>
  inside(part).every((node) => {
    const call = read(node, 'FuncCall');
    if (readAll(call?.funcname, 'String').at(-1)?.sval !== 'set_config') return true;
    return isHarmlessSetting(read(call?.args?.[0], 'A_Const')?.sval?.sval ?? '');
  });
