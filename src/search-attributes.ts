import type { Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { missingSearchAttributes } from './domain/problems/temporal.js';
import { searchAttributes } from './domain/search-attributes.js';

type Connected = Pick<NativeConnection | Connection, 'operatorService'>;

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD

/** Which of our search attributes the namespace lacks. */
export async function lackingSearchAttributes(
  { operatorService }: Connected,
  namespace: string,
): Promise<string[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.keys(searchAttributes).filter((name) => !(name in (customAttributes ?? {})));
}

/** @throws Problem `missing-search-attributes` */
export async function assertSearchAttributes(connection: Connected, namespace: string): Promise<void> {
  const missing = await lackingSearchAttributes(connection, namespace);
  if (missing.length) throw missingSearchAttributes(missing, namespace);
}

/** Registers those that are missing; harmless when there are none. */
export async function registerSearchAttributes(
  { operatorService }: Connected,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, KEYWORD])),
  });
}
