import { hostname, userInfo } from 'node:os';

/** Who asks, as far as this machine can tell: LOCKKEEPER_USER, else user@host. A claim, not a proof. */
export function whoAmI(): string {
  const said = process.env['LOCKKEEPER_USER'];
  if (said) return said;
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}@${hostname()}`; // a container without an entry in /etc/passwd
  }
}
