import type { Client } from '../postgres/client.js';

/** A row as text; NULL is null. */
export type Texts = readonly (string | null)[];

const AT_ONCE = 2_000;

/** The rows of a query, a few at a time, within the transaction that the session is in. */
export async function* rowsOf(client: Client, sql: string, signal: AbortSignal): AsyncGenerator<Texts> {
  const name = 'lockkeeper_rows';
  // All rows are wanted: without this the planner would look for the fastest first ones.
  await client.query('SET LOCAL cursor_tuple_fraction = 1');
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`);
  try {
    for (;;) {
      signal.throwIfAborted();
      const rows = await texts(client, `FETCH ${AT_ONCE} FROM ${name}`);
      yield* rows;
      if (rows.length < AT_ONCE) return;
    }
  } finally {
    await client.query(`CLOSE ${name}`).catch(() => undefined);
  }
}

export async function texts(client: Client, sql: string, values: unknown[] = []): Promise<Texts[]> {
  const { rows } = await client.query<(string | null)[]>({
    text: sql,
    values,
    rowMode: 'array',
    types: { getTypeParser: () => (value: unknown) => value },
  });
  return rows;
}

/** Two streams in the order of their first column, side by side: where both have it, together. */
export async function* merged(
  left: AsyncGenerator<Texts>,
  right: AsyncGenerator<Texts>,
): AsyncGenerator<[Texts | null, Texts | null]> {
  const next = async (stream: AsyncGenerator<Texts>) => (await stream.next()).value as Texts | undefined;
  try {
    let [a, b] = await Promise.all([next(left), next(right)]);
    while (a || b) {
      if (a && b && a[0] === b[0]) {
        yield [a, b];
        [a, b] = await Promise.all([next(left), next(right)]);
      } else if (a && (!b || a[0]! < b[0]!)) {
        yield [a, null];
        a = await next(left);
      } else {
        yield [null, b!];
        b = await next(right);
      }
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

/** No rows. */
export async function* none(): AsyncGenerator<Texts> {}
