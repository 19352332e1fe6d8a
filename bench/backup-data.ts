/**
 * The data of the benchmark of backups: about 1 GB of tables as applications have them. By bytes of plain SQL about a third is
 * prose, a third events (lines of templates, and JSON with the same keys), a quarter narrow rows of numbers, and the rest
 * pictures, which do not compress.
 */

/** Words of common lengths, some far more often than others; the same ones each time. */
const sentences = `
  CREATE TEMP TABLE sentences AS
  WITH words AS (SELECT n, left(translate(md5(n::text), '0123456789', 'eaiotnrslu'), 2 + n % 9) AS word
    FROM generate_series(0, 3999) n),
  picked AS (SELECT s, w, floor(4000 * power(random(), 2.5))::int AS n
    FROM generate_series(0, 19999) s, generate_series(1, 14) w)
  SELECT s AS n, string_agg(word, ' ' ORDER BY w) AS text FROM picked JOIN words USING (n) GROUP BY s;
  CREATE INDEX ON sentences (n);
  ANALYZE sentences`;

const documents = (rows: number): string => `
  CREATE TABLE documents (id bigint, key uuid, title text, body text, about jsonb, price numeric(12, 2),
    tags text[], created_at timestamptz);
  INSERT INTO documents
  SELECT d, md5(d::text)::uuid, left(a.text, 40), concat_ws('. ', a.text, b.text, c.text, e.text, f.text, g.text, h.text),
    jsonb_build_object('author', d % 9000, 'kind', (ARRAY['draft', 'final', 'old'])[1 + d % 3], 'summary', c.text,
      'score', round((d % 997) / 7.0, 2)),
    (d * 7919 % 1000000) / 100.0, ARRAY[left(b.text, 8), left(e.text, 8)], timestamptz '2024-01-01' + d * interval '37 s'
  FROM generate_series(1, ${rows}::bigint) d
    JOIN sentences a ON a.n = d * 7 % 20000 JOIN sentences b ON b.n = d * 13 % 19997 JOIN sentences c ON c.n = d * 29 % 19993
    JOIN sentences e ON e.n = d * 31 % 19991 JOIN sentences f ON f.n = d * 37 % 19983 JOIN sentences g ON g.n = d * 41 % 19977
    JOIN sentences h ON h.n = d * 43 % 19973;
  ALTER TABLE documents ADD PRIMARY KEY (id);
  CREATE INDEX ON documents (created_at);
  CREATE INDEX ON documents USING gin (about jsonb_path_ops)`;

const lines = (rows: number): string => `
  CREATE TABLE lines (id bigint, document_id bigint, amount int, price numeric(12, 2), day date);
  INSERT INTO lines SELECT n, 1 + n % 200000, 1 + n % 9, (n * 7919 % 1000000) / 100.0, date '2024-01-01' + (n / 9000)::int
  FROM generate_series(1, ${rows}::bigint) n;
  ALTER TABLE lines ADD PRIMARY KEY (id);
  CREATE INDEX ON lines (document_id)`;

/** What happened, as programs write it down. */
const events = (rows: number): string => `
  CREATE TABLE events (id bigint, at timestamptz, level text, source text, message text, payload jsonb);
  INSERT INTO events
  SELECT n, timestamptz '2024-01-01' + n * interval '11 s', (ARRAY['info', 'info', 'info', 'warning', 'error'])[1 + n * 7 % 5],
    (ARRAY['checkout', 'catalogue', 'search', 'accounts', 'mail'])[1 + n % 5],
    format((ARRAY['order %s was paid by card, receipt sent to customer %s', 'customer %2$s opened the page of product %1$s',
      'payment of order %s was declined by the bank, customer %s was told', 'stock of product %s fell below %s pieces']
      )[1 + n * 3 % 4], n * 31 % 900000, n * 17 % 70000),
    jsonb_build_object('customer_id', n * 17 % 70000, 'session', left(md5((n / 12)::text), 8), 'duration_ms', n * 13 % 900,
      'country', (ARRAY['de', 'fr', 'kr', 'us', 'jp'])[1 + (n / 12) % 5], 'agent', 'Mozilla/5.0 (X11; Linux x86_64)',
      'flags', jsonb_build_object('beta', n % 17 = 0, 'mobile', n % 3 = 0))
  FROM generate_series(1, ${rows}::bigint) n;
  ALTER TABLE events ADD PRIMARY KEY (id);
  CREATE INDEX ON events (at);
  CREATE INDEX ON events (source, level)`;

/** Pictures and the like, which do not compress. */
const images = (rows: number): string => `
  CREATE TABLE images (id bigint PRIMARY KEY, content bytea);
  INSERT INTO images SELECT n, decode(string_agg(md5(n::text || k || random()), ''), 'hex')
  FROM generate_series(1, ${rows}::bigint) n, generate_series(1, 256) k GROUP BY n`;

/** @param scale - 1: about 1 GB of tables */
export const statements = (scale: number): readonly string[] => [
  sentences,
  documents(Math.round(330_000 * scale)),
  events(Math.round(1_300_000 * scale)),
  lines(Math.round(4_500_000 * scale)),
  images(Math.round(2_500 * scale)),
  'CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)',
  `INSERT INTO alembic_version VALUES ('a1b2c3')`,
  'DROP TABLE sentences',
  'VACUUM ANALYZE',
];

export const tables = ['documents', 'events', 'lines', 'images', 'alembic_version'] as const;
