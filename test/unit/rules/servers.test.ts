import eventTriggerChanged from '../../../src/rules/event-trigger-changed.js';
import foreignDataChanged from '../../../src/rules/foreign-data-changed.js';
import replicaIdentityChanged from '../../../src/rules/replica-identity-changed.js';
import replicationChanged from '../../../src/rules/replication-changed.js';
import serverSettingChanged from '../../../src/rules/server-setting-changed.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(replicaIdentityChanged, {
  finds: {
    'ALTER TABLE orders REPLICA IDENTITY FULL': [
      'ALTER TABLE orders REPLICA IDENTITY FULL',
      'who follows the changes of orders gets all of each old row',
    ],
    'ALTER TABLE orders REPLICA IDENTITY USING INDEX i': [
      'ALTER TABLE orders REPLICA IDENTITY USING INDEX i',
      'who follows the changes of orders gets the key of an index',
    ],
    'ALTER TABLE orders REPLICA IDENTITY DEFAULT': [
      'ALTER TABLE orders REPLICA IDENTITY DEFAULT',
      'who follows the changes of orders gets the primary key',
    ],
  },
  allows: {
    'of a new table': 'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a REPLICA IDENTITY FULL',
  },
});

testRule(replicationChanged, {
  finds: {
    'CREATE PUBLICATION p FOR ALL TABLES': [
      'CREATE PUBLICATION p FOR ALL TABLES',
      'what p publishes changes',
    ],
    'ALTER PUBLICATION p ADD TABLE orders': [
      'ALTER PUBLICATION p ADD TABLE orders',
      'what p publishes changes',
    ],
    'DROP PUBLICATION p, q': ['DROP PUBLICATION p, q', 'subscribers of p, q hear of no change any more'],
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p": [
      "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
      'what s takes in from elsewhere changes',
    ],
    'ALTER SUBSCRIPTION s DISABLE': [
      'ALTER SUBSCRIPTION s DISABLE',
      'what s takes in from elsewhere changes',
    ],
    'DROP SUBSCRIPTION s': ['DROP SUBSCRIPTION s', 'what s takes in from elsewhere changes'],
  },
  allows: {
    'a look at the slots': 'SELECT slot_name FROM pg_replication_slots',
  },
});

testRule(eventTriggerChanged, {
  finds: {
    'CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f()': [
      'CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f()',
      'what e does at every DDL of this database changes',
    ],
    'ALTER EVENT TRIGGER e DISABLE': [
      'ALTER EVENT TRIGGER e DISABLE',
      'what e does at every DDL of this database changes',
    ],
    'DROP EVENT TRIGGER e': ['DROP EVENT TRIGGER e', 'what e does at every DDL of this database changes'],
  },
  allows: {
    'a new name': 'ALTER EVENT TRIGGER e RENAME TO g',
  },
});

testRule(serverSettingChanged, {
  finds: {
    'ALTER SYSTEM SET wal_level = logical': [
      'ALTER SYSTEM SET wal_level = logical',
      'wal_level of the whole server changes, outside of any transaction',
    ],
    'ALTER SYSTEM RESET ALL': [
      'ALTER SYSTEM RESET ALL',
      'every setting of the whole server changes, outside of any transaction',
    ],
    'ALTER DATABASE shop SET work_mem = 1': [
      'ALTER DATABASE shop SET work_mem = 1',
      'all sessions to come of shop have other settings',
    ],
    'ALTER ROLE ALL SET work_mem = 1': [
      'ALTER ROLE ALL SET work_mem = 1',
      'all sessions to come of every role have other settings',
    ],
    'ALTER ROLE "App" RESET work_mem': [
      'ALTER ROLE "App" RESET work_mem',
      'all sessions to come of "App" have other settings',
    ],
    'ALTER TABLESPACE fast SET (random_page_cost = 1)': [
      'ALTER TABLESPACE fast SET (random_page_cost = 1)',
      'all sessions to come of fast have other settings',
    ],
    'CREATE DATABASE other': ['CREATE DATABASE other', 'other is made beside this database'],
    "CREATE TABLESPACE fast LOCATION '/x'": [
      "CREATE TABLESPACE fast LOCATION '/x'",
      'fast is made beside this database',
    ],
  },
  allows: {
    'of the session': 'SET work_mem = 1',
    'of the transaction': 'SET LOCAL work_mem = 1',
  },
});

testRule(foreignDataChanged, {
  finds: {
    "ALTER SERVER s OPTIONS (SET host 'x')": [
      "ALTER SERVER s OPTIONS (SET host 'x')",
      'what the running release gets through s changes',
    ],
    'ALTER FOREIGN TABLE f DROP COLUMN a': [
      'ALTER FOREIGN TABLE f DROP COLUMN a',
      'what the running release gets through f changes',
    ],
    'DROP SERVER s': ['DROP SERVER s', 'what the running release gets through s changes'],
    "ALTER FOREIGN DATA WRAPPER w OPTIONS (SET a 'b')": [
      "ALTER FOREIGN DATA WRAPPER w OPTIONS (SET a 'b')",
      'what the running release gets through w changes',
    ],
    'IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b': [
      'IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b',
      'what the running release gets through s changes',
    ],
    'DROP USER MAPPING FOR app SERVER s': [
      'DROP USER MAPPING FOR app SERVER s',
      'what the running release gets through s changes',
    ],
  },
  allows: {
    'a foreign table more': 'CREATE FOREIGN TABLE f (a int) SERVER s',
  },
});
