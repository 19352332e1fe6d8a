import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { literally } from '../domain/pattern.js';

export const isGlob = (name: string): boolean => /[*?]/.test(name);

/** The files that fit a pattern that the shell has left as it is: `*` and `?` within a name, `**` for any folders. */
export function globbed(pattern: string): string[] {
  const parts = pattern.split('/');
  const plain = parts.findIndex(isGlob);
  const root = parts.slice(0, plain).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const fits = new RegExp(
    `^${parts.slice(plain).map(asRegExp).join('/').replaceAll('\0/', '(?:.*/)?').replace('\0', '.*')}$`,
  );
  return entriesOf(root)
    .filter((file) => fits.test(file.split(sep).join('/')))
    .sort()
    .map((file) => (root === '.' && !pattern.startsWith('./') ? file : join(root, file)));
}

/** `\0` stands for `**`, which no name can hold. */
const asRegExp = (part: string): string =>
  part === '**' ? '\0' : literally(part).replaceAll('\\*', '[^/]*').replaceAll('\\?', '[^/]');

function entriesOf(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((path) => (root === '.' ? path : path.slice(root.length).replace(/^\//, '')));
  } catch {
    return [];
  }
}
