import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems/database.js';
import { addressOf, type Connection } from './connection.js';

/** Code of a PostgreSQL error (SQLSTATE) or of Node's; undefined when it has none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'there was no answer in time',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name server did not answer',
  ENOENT: 'there is no such socket',
  EACCES: 'the socket may not be used',
};

/** @returns what an attempt to connect failed of, for an operator */
export function connectProblem(error: unknown, connection: Connection): Problem {
  const address = addressOf(connection);
  const message = messageOf(error);
  const code = codeOf(error) ?? '';
  const words = networkWords[code];
  if (words) return problems.databaseUnreachable(address, words);
  if (message === 'timeout expired')
    return problems.databaseUnreachable(address, 'there was no answer in time');
  if (/password must be a (non-empty )?string/.test(message))
    return problems.wrongPassword(connection.user, address, 'a password is asked for, and none is given');
  if (isTls(code, message)) return problems.encryptionFailed(address, message);
  return refusal(code, message, connection) ?? problems.databaseUnreachable(address, message);
}

const isTls = (code: string, message: string): boolean =>
  /does not support SSL|error establishing an SSL connection/.test(message) ||
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code);

/** The server's own refusals (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
function refusal(code: string, why: string, connection: Connection): Problem | undefined {
  const { user, database } = connection;
  const address = addressOf(connection);
  switch (code) {
    case '28P01':
      return problems.wrongPassword(user, address, why);
    case '28000':
      if (/role .* does not exist/.test(why)) return problems.noSuchRole(user, address, why);
      if (why.includes('no encryption')) return problems.encryptionFailed(address, why);
      return problems.loginRefused(user, database, address, why);
    case '42501':
      return problems.loginRefused(user, database, address, why);
    case '3D000':
      return problems.noSuchDatabase(database, address, why);
    case '55000':
      return problems.databaseClosed(database, address, why);
    case '53300':
      return problems.tooManyConnections(address, why);
    case '57P01':
    case '57P02':
    case '57P03':
      return problems.databaseNotReady(address, why);
    default:
      return undefined;
  }
}

/** Ended by an operator, a crash, a shutdown, or a time-out of idle sessions or transactions. */
const endedByServer = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04', '08006', '08003']);
const endedByNetwork = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether an error in the middle of work means that the session is gone. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  if (endedByServer.has(code) || endedByNetwork.has(code)) return true;
  return /^Connection terminated|not queryable|^Client was closed/.test(messageOf(error));
}

/** @returns the Problem for a session that was lost, and every other error as it is */
export const sessionProblem = (error: unknown, connection: Connection): unknown =>
  isLost(error) ? problems.connectionLost(addressOf(connection), messageOf(error)) : error;
