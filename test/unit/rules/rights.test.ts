import extensionChanged from '../../../src/rules/extension-changed.js';
import privilegesWidened from '../../../src/rules/privileges-widened.js';
import roleChanged from '../../../src/rules/role-changed.js';
import securityDefinerOpen from '../../../src/rules/security-definer-open.js';
import sessionRoleChanged from '../../../src/rules/session-role-changed.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(privilegesWidened, {
  finds: {
    'GRANT SELECT ON customers, orders TO PUBLIC': [
      'GRANT SELECT ON customers, orders TO PUBLIC',
      'every role may use customers, orders',
    ],
    'GRANT CREATE ON SCHEMA sales TO app, PUBLIC': [
      'GRANT CREATE ON SCHEMA sales TO app, PUBLIC',
      'every role may use sales',
    ],
    'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC': [
      'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC',
      'every role may use what is made from now on',
    ],
    'GRANT pg_read_all_data TO reporting': [
      'GRANT pg_read_all_data TO reporting',
      'pg_read_all_data lets its members do more than tables allow',
    ],
  },
  allows: {
    'one role': 'GRANT SELECT ON customers TO app',
    "a role of one's own": 'GRANT staff TO ana',
    'taken from all': 'REVOKE ALL ON customers FROM PUBLIC',
  },
});

testRule(securityDefinerOpen, {
  finds: {
    "CREATE FUNCTION sales.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": [
      "CREATE FUNCTION sales.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
      'sales.f runs as its owner, by the search_path of whoever calls it',
    ],
    'ALTER FUNCTION f(int) SECURITY DEFINER': [
      'ALTER FUNCTION f(int) SECURITY DEFINER',
      'f runs as its owner, by the search_path of whoever calls it',
    ],
  },
  allows: {
    'with a path':
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1'",
    'as its caller': "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY INVOKER AS 'SELECT 1'",
  },
});

testRule(roleChanged, {
  finds: {
    'ALTER ROLE app NOLOGIN': [
      'ALTER ROLE app NOLOGIN',
      'may do other things than before, in every database: app',
    ],
    'DROP ROLE app, other': ['DROP ROLE app, other', 'gone, in every database: app, other'],
    'CREATE ROLE root SUPERUSER': [
      'CREATE ROLE root SUPERUSER',
      'may do all that there is, in every database: root',
    ],
    'CREATE ROLE app BYPASSRLS': [
      'CREATE ROLE app BYPASSRLS',
      'may do all that there is, in every database: app',
    ],
  },
  allows: {
    'a role more': "CREATE ROLE app LOGIN PASSWORD 'x'",
  },
});

testRule(sessionRoleChanged, {
  finds: {
    'SET ROLE owner': ['SET ROLE owner', 'what follows is done by owner'],
    'SET LOCAL ROLE "Owner"': ['SET LOCAL ROLE "Owner"', 'what follows is done by "Owner"'],
    'SET SESSION AUTHORIZATION owner': ['SET SESSION AUTHORIZATION owner', 'what follows is done by owner'],
    'DISCARD ALL': ['DISCARD ALL', 'all that was set in the session is gone, and its advisory locks as well'],
  },
  allows: {
    'back again': 'RESET ROLE',
    'to none': 'SET ROLE NONE',
    'plans alone': 'DISCARD PLANS',
  },
});

testRule(extensionChanged, {
  finds: {
    'CREATE EXTENSION IF NOT EXISTS pg_trgm': [
      'CREATE EXTENSION IF NOT EXISTS pg_trgm',
      'installing the extension pg_trgm runs a script that is not to be seen here',
    ],
    'CREATE EXTENSION postgis': [
      'CREATE EXTENSION postgis',
      'installing the extension postgis runs a script that is not to be seen here',
    ],
    'ALTER EXTENSION x ADD TABLE t': [
      'ALTER EXTENSION x ADD TABLE t',
      'altering the extension x runs a script that is not to be seen here',
    ],
    'DROP EXTENSION hstore': [
      'DROP EXTENSION hstore',
      'dropping the extension hstore runs a script that is not to be seen here',
    ],
  },
  allows: {
    'a schema for one': 'CREATE SCHEMA extensions',
  },
});
