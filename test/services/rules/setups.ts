/** What must be there for the examples of a rule that speaks of a lock: DDL, run in a schema of its own. */
interface Setup {
  /** Before the bad example, and before the good one where `good` says nothing else. */
  bad: string;
  good?: string;
}

const numbered = 'CREATE TABLE orders (id int PRIMARY KEY, number int NOT NULL);';
const plain = 'CREATE TABLE orders (id serial PRIMARY KEY, customer_id int, code text, state text);';
const shops = 'CREATE TABLE shops (id int PRIMARY KEY);';
const shopped = `${shops} CREATE TABLE orders (id int PRIMARY KEY, shop_id int`;
const amounts = 'CREATE TABLE orders (id int PRIMARY KEY, amount int';
const customers = 'CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric);';
const years = 'CREATE TABLE orders (year int NOT NULL) PARTITION BY';
const log =
  "CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; " +
  'CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION log_order();';
const notes = 'CREATE TABLE orders (id int PRIMARY KEY, note text);';

export const setups: Readonly<Record<string, Setup>> = {
  'table-dropped': { bad: 'CREATE TABLE coupons (id int);' },
  'column-dropped': { bad: notes, good: plain },
  'table-truncated': { bad: 'CREATE TABLE sessions (id int);' },
  'rows-changed': { bad: plain },
  'column-type-may-lose-values': {
    bad: 'CREATE TABLE orders (id int PRIMARY KEY, customer_id int, ordered_at timestamptz);',
  },
  'column-type-changed': { bad: plain },
  'column-default-rewrites': { bad: plain },
  'column-sequence-rewrites': { bad: plain },
  'stored-column-rewrites': { bad: 'CREATE TABLE orders (id int PRIMARY KEY, price numeric, amount int);' },
  'column-type-unknown': {
    bad: `CREATE DOMAIN positive_int AS int CHECK (value > 0); ${numbered}`,
    good: numbered,
  },
  'column-without-value': { bad: numbered, good: 'CREATE TABLE orders (id int PRIMARY KEY);' },
  'column-check-scans': { bad: plain },
  'column-unique-builds-index': { bad: numbered },
  'column-reference-scans': { bad: `${shops} INSERT INTO shops VALUES (1); ${numbered}` },
  'not-null-scans': { bad: "CREATE TABLE orders (id int PRIMARY KEY, state text DEFAULT 'open');" },
  'default-dropped': { bad: "CREATE TABLE orders (id int PRIMARY KEY, state text DEFAULT 'open');" },
  'foreign-key-scans': { bad: `${shopped});` },
  'check-scans': { bad: `${amounts});` },
  'unique-builds-index': {
    bad: 'CREATE TABLE orders (id int PRIMARY KEY, code text);',
    good: 'CREATE TABLE orders (id int PRIMARY KEY, code text); CREATE UNIQUE INDEX orders_code ON orders (code);',
  },
  'work-under-lock': { bad: `${amounts});` },
  'new-column-required': { bad: 'CREATE TABLE orders (id int PRIMARY KEY);' },
  'column-renamed': { bad: plain },
  'table-renamed': { bad: plain },
  'table-rewritten': { bad: plain },
  'table-locked': { bad: plain },
  'reindex-blocks-reads': { bad: plain },
  'view-changed': {
    bad: `${customers} CREATE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;`,
    good: customers,
  },
  'row-security-changed': { bad: plain },
  'trigger-switched-off': { bad: plain + log },
  'partition-changed': {
    bad: `${years} LIST (year); CREATE TABLE orders_2026 (year int NOT NULL);`,
    good: `${years} LIST (year);`,
  },
  'primary-key-dropped': {
    bad: numbered,
    good: `${shopped}, CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops);`,
  },
  'rows-inserted': { bad: 'CREATE TABLE states (id int PRIMARY KEY, code text);', good: '' },
  'constraint-from-index': {
    bad: 'CREATE TABLE orders (number int); CREATE UNIQUE INDEX orders_number ON orders (number);',
  },
  'constraint-not-valid': { bad: `${amounts});`, good: numbered },
  'constraint-validated': {
    bad: `${amounts}); ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;`,
    good: numbered,
  },
  'constraint-dropped': {
    bad: `${shopped}, CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops);`,
  },
  'not-null-dropped': {
    bad: 'CREATE TABLE orders (id int PRIMARY KEY, state text NOT NULL);',
    good: numbered,
  },
  'index-blocks-writes': { bad: plain },
  'index-built-concurrently': { bad: plain },
  'index-dropped': { bad: `${plain} CREATE INDEX orders_customer ON orders (customer_id);` },
  'trigger-created': {
    bad: `${plain} CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';`,
  },
  'partition-made': { bad: `${years} RANGE (year);` },
  'sequence-altered': { bad: plain },
  'autovacuum-switched-off': { bad: plain },
  'constraint-not-enforced': { bad: `${shopped});` },
  'invalid-index-passes-over': { bad: plain },
  'replica-identity-changed': { bad: 'CREATE TABLE orders (id int PRIMARY KEY);' },
  'replication-changed': { bad: `${plain} CREATE PUBLICATION shop FOR TABLE orders;` },
  'rows-locked': { bad: plain },
  'table-referenced': { bad: plain, good: '' },
};
