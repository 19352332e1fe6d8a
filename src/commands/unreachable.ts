import { Problem } from '../domain/problem.js';

const CODES: readonly string[] = ['temporal-unreachable', 'no-namespace', 'bad-temporal-settings'];

/** Temporal itself does not answer, or cannot be asked. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof Problem && CODES.includes(error.code);
