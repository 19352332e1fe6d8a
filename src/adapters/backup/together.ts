/**
 * Does two things at the same time. When one fails the other is told to stop, and awaited: nothing goes on
 * behind the caller's back.
 *
 * @throws what failed first
 */
export async function together<A, B>(
  signal: AbortSignal,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const stopping = (error: unknown): never => {
    // The first reason stays; what the other throws because of it does not matter.
    stop.abort(error);
    throw error;
  };
  const [a, b] = await Promise.allSettled([one(either).catch(stopping), other(either).catch(stopping)]);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  signal.throwIfAborted();
  throw stop.signal.reason;
}

/** The same for any number of things. */
export async function all(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const [first, ...rest] = works;
  if (!first) return;
  await together(signal, first, (either) => all(either, rest));
}
