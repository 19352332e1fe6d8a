/** Settings of a session that change how long it works or waits, or how values are shown: not what it does. */
const harmless = new Set(
  `lock_timeout statement_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout
  search_path application_name client_min_messages client_encoding standard_conforming_strings work_mem
  temp_buffers timezone datestyle intervalstyle bytea_output extra_float_digits xmloption xmlbinary
  check_function_bodies default_tablespace default_table_access_method default_toast_compression
  default_transaction_isolation default_transaction_deferrable default_transaction_read_only default_with_oids
  default_statistics_target default_text_search_config escape_string_warning backslash_quote array_nulls
  quote_all_identifiers row_security plan_cache_mode effective_cache_size effective_io_concurrency
  random_page_cost seq_page_cost cursor_tuple_fraction constraint_exclusion from_collapse_limit
  join_collapse_limit hash_mem_multiplier deadlock_timeout password_encryption transaction_isolation
  transaction_read_only transaction_deferrable synchronous_commit jit max_stack_depth wal_compression
  temp_tablespaces temp_file_limit`.split(/\s+/),
);

const families =
  /^(enable|cpu|jit|geqo|log|track|parallel|min_parallel|max_parallel|maintenance|vacuum|lc|debug)_/;

/**
 * Whether a setting of the session, by its name, lets the statements that follow do what they say. Names with a dot are
 * those of applications and extensions.
 */
export const isHarmlessSetting = (name: string): boolean => {
  const small = name.toLowerCase();
  return harmless.has(small) || families.test(small) || /^(?!plpgsql\.)[a-z_]\w*\./.test(small);
};
