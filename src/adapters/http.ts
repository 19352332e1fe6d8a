export interface Answer {
  status: number;
  body: string;
}

/** Longest wait for one answer. A health check that takes longer is a fault of its own. */
const ANSWER_MS = 5_000;

/** What is sent besides a plain GET. */
export interface Asking {
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
}

/**
 * Asks a URL once.
 *
 * @returns the answer, or in words why there is none
 * @throws the signal's reason when it is aborted
 */
export async function ask(
  url: string,
  signal: AbortSignal,
  { method = 'GET', body }: Asking = {},
): Promise<Answer | string> {
  try {
    const response = await fetch(url, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    return whyNot(error as Error & { cause?: { code?: string; message?: string } });
  }
}

function whyNot(error: Error & { cause?: { code?: string; message?: string } }): string {
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} seconds`;
  if (error.cause?.code === 'ECONNREFUSED') return 'nothing listens there (connection refused)';
  return error.cause?.code ?? error.cause?.message ?? error.message;
}

/**
 * Posts JSON. The URL and the headers may be secrets: of the URL only the host is named.
 *
 * @returns in words why it was not taken; undefined when it was
 * @throws the signal's reason when it is aborted
 */
export async function post(
  url: string,
  body: unknown,
  { headers = {}, signal }: { headers?: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<string | undefined> {
  const host = hostOf(url);
  if (host === null) return 'its url is no http or https URL';
  const sent = headersOf(headers);
  if (sent === null) return `${host}: a header holds what none may hold, such as a line break`;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `${host} answered ${response.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return `${host}: ${whyNot(error as Error & { cause?: { code?: string; message?: string } })}`;
  }
}

function hostOf(url: string): string | null {
  const { host, protocol } = URL.canParse(url) ? new URL(url) : { host: '', protocol: '' };
  return /^https?:$/.test(protocol) ? host : null;
}

/** The error of a header that is none would repeat it. */
function headersOf(given: Readonly<Record<string, string>>): Headers | null {
  try {
    return new Headers({ 'content-type': 'application/json', ...given });
  } catch {
    return null;
  }
}
