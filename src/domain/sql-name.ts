/** A name as SQL needs it: quoted where PostgreSQL would otherwise read another name. */
export const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** A name of SQL as it stands in the catalog: SQL folds what is not quoted to lower case. */
export const inCatalog = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();

/** `sales.orders`; the name alone where the schema is not known. */
export const keyIn = (place: string, name: string): string => (place ? `${place}.${name}` : name);

const qualified = /^("(?:[^"]|"")*"|[^".]+)\.([^]+)$/;

export const isQualified = (name: string): boolean => name.includes('.') && qualified.test(name);

/** @returns schema and name of `sales.orders`; the schema is `''` where there is none */
export function partsOf(name: string): [place: string, local: string] {
  // Asked for every name of every statement, of which hardly one has a dot.
  if (!name.includes('.')) return ['', name];
  const [, place, local] = qualified.exec(name) ?? [];
  return place === undefined || local === undefined ? ['', name] : [place, local];
}

export const placeOf = (key: string): string => partsOf(key)[0];
export const localOf = (key: string): string => partsOf(key)[1];
