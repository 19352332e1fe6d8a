import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { encryptionFailed } from '../../domain/problems/database.js';
import { addressOf, type Connection, isSocket } from './connection.js';

/** How to encrypt one attempt to connect; false: not at all. */
export type Tls = false | ConnectionOptions;

/**
 * The attempts that libpq would make for the URL's sslmode, in order
 * (https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION). The pg library knows one
 * attempt only, and takes `prefer` for `verify-full`.
 *
 * @throws Problem `encryption-failed` when a certificate's file cannot be read
 */
export async function tlsAttempts(connection: Connection): Promise<Tls[]> {
  const { mode } = connection.tls;
  if (mode === 'disable' || isSocket(connection)) return [false];
  const encrypted = await encryption(connection);
  if (mode === 'prefer') return [encrypted, false];
  return mode === 'allow' ? [false, encrypted] : [encrypted];
}

async function encryption(connection: Connection): Promise<ConnectionOptions> {
  const { mode, rootCertificate, certificate, key } = connection.tls;
  const read = (path: string) =>
    readFile(path, 'utf8').catch((error: Error) => {
      throw encryptionFailed(addressOf(connection), error.message);
    });
  // As libpq does: require with an authority's certificate checks it, too.
  const checked = mode.startsWith('verify') || (mode === 'require' && rootCertificate !== undefined);
  return {
    rejectUnauthorized: checked,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    // `system` are the authorities that Node trusts anyway.
    ...(rootCertificate && rootCertificate !== 'system' ? { ca: await read(rootCertificate) } : {}),
    ...(certificate ? { cert: await read(certificate) } : {}),
    ...(key ? { key: await read(key) } : {}),
  };
}
