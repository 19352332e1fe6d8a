/**
 * The part of a run's id by which people tell it from others: its end, which is random. The beginning is a time (UUID
 * version 7), the same for all runs of a minute (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7).
 */
export const shortRun = (runId: string): string => runId.slice(-8);

/** Whether a run is meant: by its id, its end as it is shown, or its beginning. */
export const isRun = (runId: string, given: string): boolean =>
  given !== '' && (runId.startsWith(given) || runId.endsWith(given));
