/** A name as SQL needs it: quoted where PostgreSQL would otherwise read another name. */
export const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
