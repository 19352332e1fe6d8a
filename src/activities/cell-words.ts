import type { CellRequest } from '../config/cells.js';
import type { CommandSetting } from '../config/schema.js';

/** A command as people read it. */
export const shown = (setting: CommandSetting): string =>
  typeof setting === 'string' ? setting : setting.join(' ');

/** A command with `{release}`, `{port}` and `{label}` filled in. */
export function filledIn(setting: CommandSetting, words: Readonly<Record<string, string>>): CommandSetting {
  const fill = (text: string) => text.replace(/\{(release|port|label)\}/g, (_, word: string) => words[word]!);
  return typeof setting === 'string' ? fill(setting) : setting.map(fill);
}

/** Path and query of a URL; of none the usual path of a health check. */
export const pathOf = (url: string | undefined): string => {
  if (url === undefined) return '/health';
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
};

/** A request, whichever way it is written. */
export function partsOf(request: CellRequest) {
  if (typeof request !== 'string') return { body: undefined, status: undefined, ...request };
  const [method = 'GET', path = '/'] = request.split(' ');
  return { method, path, body: undefined, status: undefined };
}

/** `GET /orders` */
export const nameOf = (request: CellRequest): string => {
  const { method, path } = partsOf(request);
  return `${method} ${path}`;
};

/** A body with `{unique}` filled in. */
export const asSent = (body: unknown, unique: string): unknown =>
  JSON.parse(JSON.stringify(body).replaceAll('{unique}', unique));
