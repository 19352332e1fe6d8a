import { createHash } from 'node:crypto';

/** PostgreSQL cuts an application_name after 63 bytes; a cut name would not be found again. */
const LONGEST = 63;
const ATTEMPT = 12;

/** What the sessions of all attempts begin with. */
export const sessionPrefix = (applicationName: string): string =>
  `${short(applicationName, LONGEST - ATTEMPT - 2)}/`;

/** What the sessions of one attempt are called, ours and that of pg_dump: no name begins another one. */
export const sessionName = (applicationName: string, attempt: number | string): string =>
  `${sessionPrefix(applicationName)}${short(String(attempt), ATTEMPT)}/`;

/** PostgreSQL shows what is not ASCII as `?`, so it is not kept. */
function short(text: string, longest: number): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  if (plain === text && text.length <= longest) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${plain.slice(0, longest - hash.length - 1)}~${hash}`;
}
