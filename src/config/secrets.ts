import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { missingSecret, unreadableSecret } from '../domain/problems/settings.js';

/**
 * A setting with its references resolved: `${NAME}` from the environment, `file:PATH` from the first line of
 * a file (relative to `folder`). Done where the value is used, so that no secret is kept or travels.
 *
 * @param where - the setting's path, for the message
 * @throws Problem `missing-secret`, `unreadable-secret`
 */
export function resolved(text: string, where: string, folder: string, env = process.env): string {
  if (text.startsWith('file:')) return fromFile(resolve(folder, text.slice('file:'.length)), where);
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '') throw missingSecret(name, where);
    return value;
  });
}

/** The same where all of a file is meant, such as one with several keys. */
export const resolvedWhole = (text: string, where: string, folder: string): string =>
  text.startsWith('file:')
    ? contentOf(resolve(folder, text.slice('file:'.length)), where)
    : resolved(text, where, folder);

/** All values of a record, resolved. */
export const resolvedAll = (
  all: Readonly<Record<string, string>>,
  where: string,
  folder: string,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, resolved(value, `${where}.${key}`, folder)]),
  );

function fromFile(path: string, where: string): string {
  const text = contentOf(path, where).split('\n')[0]!.trim();
  if (!text) throw unreadableSecret(path, where, 'its first line is empty');
  return text;
}

function contentOf(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableSecret(path, where, (error as Error).message);
  }
}
