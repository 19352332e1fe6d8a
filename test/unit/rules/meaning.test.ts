import collationVersionAccepted from '../../../src/rules/collation-version-accepted.js';
import meaningOfQueriesChanged from '../../../src/rules/meaning-of-queries-changed.js';
import searchChanged from '../../../src/rules/search-changed.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(searchChanged, {
  finds: {
    'ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR word': [
      'ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR word',
      'searches by c find other words than before',
    ],
    'ALTER TEXT SEARCH DICTIONARY sales.d (StopWords = x)': [
      'ALTER TEXT SEARCH DICTIONARY sales.d (StopWords = x)',
      'searches by sales.d find other words than before',
    ],
  },
  allows: {
    'a configuration more': 'CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)',
  },
});

testRule(collationVersionAccepted, {
  finds: {
    'ALTER COLLATION "de" REFRESH VERSION': [
      'ALTER COLLATION "de" REFRESH VERSION',
      'indexes under de keep their old order, and no warning says so',
    ],
    'ALTER DATABASE shop REFRESH COLLATION VERSION': [
      'ALTER DATABASE shop REFRESH COLLATION VERSION',
      'indexes under shop keep their old order, and no warning says so',
    ],
  },
  allows: {
    'a collation more': "CREATE COLLATION c (locale = 'de')",
  },
});

testRule(meaningOfQueriesChanged, {
  finds: {
    'CREATE CAST (text AS int) WITH INOUT AS IMPLICIT': [
      'CREATE CAST (text AS int) WITH INOUT AS IMPLICIT',
      'text becomes int4 wherever nothing else is said',
    ],
    'ALTER OPERATOR + (int, int) SET (JOIN = x)': [
      'ALTER OPERATOR + (int, int) SET (JOIN = x)',
      'queries that use "+" may mean something else',
    ],
    'CREATE OPERATOR CLASS c DEFAULT FOR TYPE x USING btree AS OPERATOR 1 <': [
      'CREATE OPERATOR CLASS c DEFAULT FOR TYPE x USING btree AS OPERATOR 1 <',
      'queries that use c may mean something else',
    ],
    'CREATE TRANSFORM FOR t LANGUAGE l (FROM SQL WITH FUNCTION f(internal))': [
      'CREATE TRANSFORM FOR t LANGUAGE l (FROM SQL WITH FUNCTION f(internal))',
      'queries that use functions with values of that type may mean something else',
    ],
  },
  allows: {
    'a cast that is asked for': 'CREATE CAST (text AS int) WITH INOUT',
    'operators that are asked for': 'CREATE OPERATOR CLASS c FOR TYPE x USING btree AS OPERATOR 1 <',
  },
});
