/** 1,000 SQL files as `alembic upgrade --sql` writes them, 7 statements each beside the bookkeeping; the same ones each time. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Small, seeded, and the same everywhere: mulberry32. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tables = ['orders', 'customers', 'items', 'invoices', 'events', 'sessions', 'payments', 'products'];
const columns = ['state', 'note', 'total', 'created_at', 'owner_id', 'kind', 'position', 'amount'];
const types = [
  'TEXT',
  'INTEGER',
  'BIGINT',
  'VARCHAR(120)',
  'TIMESTAMP WITHOUT TIME ZONE',
  'NUMERIC(12, 2)',
  'BOOLEAN',
];

/** What Alembic writes most, in about the proportions of real projects. */
const shapes = [
  ({ t, c, y }) => `ALTER TABLE ${t} ADD COLUMN ${c} ${y};`,
  ({ t, c, y }) => `ALTER TABLE ${t} ADD COLUMN ${c} ${y};`,
  ({ t, c }) => `ALTER TABLE ${t} ADD COLUMN ${c} BOOLEAN DEFAULT false NOT NULL;`,
  ({ t, c }) => `CREATE INDEX ix_${t}_${c} ON ${t} (${c});`,
  ({ t, c }) => `CREATE UNIQUE INDEX CONCURRENTLY uq_${t}_${c} ON ${t} (${c});`,
  ({ t, c, n }) =>
    `CREATE TABLE ${t}_${n} (\n    id SERIAL NOT NULL, \n    ${c} VARCHAR(80) NOT NULL, \n    ${t}_id INTEGER, \n` +
    `    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, \n    PRIMARY KEY (id), \n    FOREIGN KEY(${t}_id) REFERENCES ${t} (id)\n);`,
  ({ t, c, o }) => `ALTER TABLE ${t} ADD CONSTRAINT fk_${t}_${c} FOREIGN KEY(${c}) REFERENCES ${o} (id);`,
  ({ t, c }) => `ALTER TABLE ${t} ALTER COLUMN ${c} TYPE BIGINT;`,
  ({ t, c }) => `ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL;`,
  ({ t, c }) => `ALTER TABLE ${t} DROP COLUMN ${c};`,
  ({ t, c, n }) => `UPDATE ${t} SET ${c} = '${n}' WHERE ${c} IS NULL;`,
  ({ t, c }) => `COMMENT ON COLUMN ${t}.${c} IS 'what it''s for';`,
  ({ t, c }) => `DROP INDEX ix_${t}_${c};`,
  ({ t, n }) => `ALTER TABLE ${t} ADD CONSTRAINT ck_${t}_${n} CHECK (total >= ${n}) NOT VALID;`,
];

/** @returns the text of file `n` (from 0) */
function fileText(n, next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const statements = Array.from({ length: 7 }, (_, i) =>
    pick(shapes)({ t: pick(tables), o: pick(tables), c: pick(columns), y: pick(types), n: n * 7 + i }),
  );
  const id = (value) => (value + 4096).toString(16).padStart(12, 'a');
  return [
    ...['BEGIN;', `-- Running upgrade ${id(n)} -> ${id(n + 1)}`, ...statements],
    ...[
      `UPDATE alembic_version SET version_num='${id(n + 1)}' WHERE alembic_version.version_num = '${id(n)}';`,
      'COMMIT;',
    ],
  ].join('\n\n');
}

/** @returns the texts by file name */
export function corpus(files = 1000) {
  const next = random(20261126);
  return new Map(
    Array.from({ length: files }, (_, n) => [`${String(n).padStart(4, '0')}.sql`, fileText(n, next)]),
  );
}

/** Writes the corpus into `folder`. @returns the paths */
export async function writeCorpus(folder) {
  await mkdir(folder, { recursive: true });
  const texts = [...corpus()];
  await Promise.all(texts.map(([name, text]) => writeFile(join(folder, name), `${text}\n`)));
  return texts.map(([name]) => join(folder, name));
}
