const MASK = '•••';

/**
 * Takes secrets out of a text: the given values, the passwords within them when they are URLs, and every
 * password in a URL whatever it is. Values shorter than 6 characters are left: they would mask half a log.
 */
export const masker = (secrets: readonly string[]) => {
  const known = secrets.flatMap((secret) => passwordsIn(secret)).filter((each) => each.length >= 6);
  return (text: string): string =>
    known.reduce((masked, secret) => masked.replaceAll(secret, MASK), text).replace(IN_URL, `$1${MASK}@`);
};

const IN_URL = /(:\/\/[^/@\s:]*:)[^/@\s]+@/g;

function passwordsIn(secret: string): string[] {
  const inUrl = /:\/\/[^/@\s:]*:([^/@\s]+)@/.exec(secret)?.[1];
  if (inUrl) return [inUrl, safelyDecoded(inUrl)];
  return secret.includes('://') ? [] : [secret];
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
