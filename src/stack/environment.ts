import type { PostgresState, StackState } from './state.js';

/** The variables that Temporal's SDKs and its CLI find our server by. */
export const clientEnvironment = ({ temporal }: StackState): Record<string, string> =>
  temporal ? { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace } : {};

/** A database of our server, with its password: for environments and files, never for arguments. */
export const databaseUrl = ({ user, password, host, port }: PostgresState, database: string): string =>
  `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}`;
