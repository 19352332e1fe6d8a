import lockTimeoutLoosened from '../../../src/rules/lock-timeout-loosened.js';
import preparedStatementRun from '../../../src/rules/prepared-statement-run.js';
import programRun from '../../../src/rules/program-run.js';
import rowsLocked from '../../../src/rules/rows-locked.js';
import transactionPrepared from '../../../src/rules/transaction-prepared.js';
import transactionRolledBack from '../../../src/rules/transaction-rolled-back.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(lockTimeoutLoosened, {
  finds: {
    'SET lock_timeout = 0': [
      'SET lock_timeout = 0',
      'statements may wait for their locks without a limit from here on',
    ],
    "SET LOCAL lock_timeout = '1min'": [
      "SET LOCAL lock_timeout = '1min'",
      'statements may wait for their locks for up to 60 s from here on',
    ],
    'SET lock_timeout = 60000': [
      'SET lock_timeout = 60000',
      'statements may wait for their locks for up to 60 s from here on',
    ],
    "SET lock_timeout = '0'": [
      "SET lock_timeout = '0'",
      'statements may wait for their locks without a limit from here on',
    ],
  },
  allows: {
    'a few seconds': "SET lock_timeout = '5s'",
    milliseconds: 'SET lock_timeout = 500',
    'what the server has': 'RESET lock_timeout',
    'another one': 'SET statement_timeout = 0',
  },
});

testRule(rowsLocked, {
  finds: {
    'SELECT * FROM orders o, items WHERE o.id = items.order_id FOR UPDATE OF o': [
      'SELECT * FROM orders o, items WHERE o.id = items.order_id FOR UPDATE OF o',
      'rows of orders are locked until the transaction ends',
    ],
    'SELECT * FROM (SELECT id FROM orders FOR SHARE) x': [
      'SELECT * FROM (SELECT id FROM orders FOR SHARE) x',
      'rows of orders are locked until the transaction ends',
    ],
    'WITH a AS (SELECT 1 FROM orders FOR KEY SHARE) SELECT 1': [
      'WITH a AS (SELECT 1 FROM orders FOR KEY SHARE) SELECT 1',
      'rows of orders are locked until the transaction ends',
    ],
  },
  allows: {
    'a new table': 'CREATE TABLE a (id int PRIMARY KEY); SELECT * FROM a FOR UPDATE',
    'a plain read': 'SELECT * FROM orders',
  },
});

testRule(preparedStatementRun, {
  finds: {
    'EXECUTE p(1)': ['EXECUTE p(1)', 'this runs p, which was prepared elsewhere'],
    'CREATE TABLE a AS EXECUTE p': [
      'CREATE TABLE a AS EXECUTE p',
      'this runs p, which was prepared elsewhere',
    ],
  },
  allows: {
    'one that is only prepared': 'PREPARE p AS SELECT 1',
  },
});

testRule(programRun, {
  finds: {
    "COPY orders FROM PROGRAM 'x'": ["COPY orders FROM PROGRAM 'x'", 'the server runs x'],
    "LOAD 'auto_explain'": ["LOAD 'auto_explain'", 'the library auto_explain is loaded into the server'],
  },
  allows: {
    'to the client': 'COPY orders TO STDOUT',
  },
});

testRule(transactionPrepared, {
  finds: {
    "PREPARE TRANSACTION 'x'": [
      "PREPARE TRANSACTION 'x'",
      'the transaction keeps its locks under the name x',
    ],
    "COMMIT PREPARED 'x'": ["COMMIT PREPARED 'x'", 'what was prepared as x is not to be seen here'],
    "ROLLBACK PREPARED 'x'": ["ROLLBACK PREPARED 'x'", 'what was prepared as x is not to be seen here'],
  },
  allows: {
    'an ordinary end': 'BEGIN; SELECT 1; COMMIT',
  },
});

testRule(transactionRolledBack, {
  finds: {
    'BEGIN; SELECT 1; ROLLBACK': [
      'BEGIN; SELECT 1; ROLLBACK',
      'ROLLBACK undoes what came before it in the transaction',
    ],
  },
  allows: {
    'to a savepoint': 'BEGIN; SAVEPOINT a; ROLLBACK TO SAVEPOINT a; COMMIT',
  },
});
