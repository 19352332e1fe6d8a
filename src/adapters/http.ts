export interface Answer {
  status: number;
  body: string;
}

/** Longest wait for one answer. A health check that takes longer is a fault of its own. */
const ANSWER_MS = 5_000;

/**
 * Asks a URL once.
 *
 * @returns the answer, or in words why there is none
 * @throws the signal's reason when it is aborted
 */
export async function ask(url: string, signal: AbortSignal): Promise<Answer | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    return whyNot(error as Error & { cause?: { code?: string } });
  }
}

function whyNot(error: Error & { cause?: { code?: string } }): string {
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} seconds`;
  if (error.cause?.code === 'ECONNREFUSED') return 'nothing listens there (connection refused)';
  return error.cause?.code ?? error.message;
}

/**
 * Posts JSON.
 *
 * @returns in words why it was not taken; undefined when it was
 */
export async function post(url: string, body: unknown, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return response.ok ? undefined : `${url} answered ${response.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return `${url}: ${whyNot(error as Error & { cause?: { code?: string } })}`;
  }
}
