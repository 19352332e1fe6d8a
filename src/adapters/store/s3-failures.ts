import { Problem } from '../../domain/problem.js';
import { storeRefuses, storeUnreachable } from '../../domain/problems/store.js';

interface Failed {
  name?: string;
  message?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

export const statusOf = (error: unknown): number | undefined => (error as Failed).$metadata?.httpStatusCode;

/** Codes of 4xx that a moment later may be another: the server was slow, or asks us to be. */
const PASSING = new Set([408, 409, 425, 429]);

/** What the SDK throws, as a Problem. Problems, and what the caller itself threw or aborted, stay as they are. */
export function s3Problem(where: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof Problem) return error;
  const { name = 'Error', message = '', code } = error as Failed;
  const status = statusOf(error);
  const why = [code ?? name, message, ...(status ? [`HTTP ${status}`] : [])].filter(Boolean).join(': ');
  const refused = status !== undefined && status >= 400 && status < 500 && !PASSING.has(status);
  return refused || name === 'CredentialsProviderError'
    ? storeRefuses(where, why)
    : storeUnreachable(where, why);
}
