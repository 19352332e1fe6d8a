import type { Revision } from './alembic-files.js';
import { whole } from './kills-sample.js';

/** Instants at which a run can be held until it is let go: each in the middle of a step. */
export const instants = [
  'fetch release',
  'check',
  'back up',
  'marks',
  'migrate: a statement',
  'migrate: between two',
  'verify',
  'deploy',
  'health',
  'put the schema back',
  'put the release back',
] as const;

/** The same of a run that closes the site. `rehearse:` and `restore:` are instants on a copy. */
export const closedInstants = [
  'fetch release',
  'check',
  'back up',
  'rehearse: restoring',
  'rehearse: migrate: a statement',
  'rehearse: put the schema back',
  'approve',
  'window',
  'marks',
  'maintenance on',
  'maintenance on: a writer',
  'back up again',
  'migrate: a statement',
  'migrate: between two',
  'verify',
  'deploy',
  'health',
  'maintenance off',
  'put the release back',
  'restore: restoring',
  'restore: swapping',
  'maintenance off, undone',
] as const;
export type Instant = (typeof instants)[number] | (typeof closedInstants)[number];

export type Risk = 'low' | 'very-high';

/** An instant of a run. */
export interface Place {
  risk: Risk;
  at: Instant;
}
export const places: readonly Place[] = [
  ...instants.map((at) => ({ risk: 'low' as const, at })),
  ...closedInstants
    .filter((at) => whole || at !== 'window') // two minutes
    .map((at) => ({ risk: 'very-high' as const, at })),
];

/** The step that fails. */
export type Failing = 'verify' | 'health';

/** What has to fail late for an instant to come: those in the middle of an undo. */
export const failing = (at: Instant): Failing | undefined =>
  ({
    'put the schema back': 'verify' as const,
    'put the release back': 'health' as const,
    'restore: restoring': 'verify' as const,
    'restore: swapping': 'verify' as const,
    'maintenance off, undone': 'verify' as const,
  })[at as string];

/** An instant as a part of file names. */
export const plain = (instant: Instant): string => instant.replace(/\W+/g, '-');

/** A statement that env.py replaces by one that waits in the server, as a long one does: a check sees `select 1`. */
export const inServer = (instant: Instant): string =>
  `op.execute("/* hold in the server: ${plain(instant)} */ select 1")`;

/** The same, waiting in Python, not on a copy. */
const inPython = (instant: Instant): string =>
  `op.execute("/* hold in python: ${plain(instant)} */ select 1")`;

/** Waits in Python; says who it is while it does, so that two at once would be seen. */
const waiting = (name: string, indent: string): string =>
  `while "/lk_copy_" not in os.environ["DATABASE_URL"] and os.path.exists("../../hold-" + ${name}):
${indent}    open("../../ticks-" + ${name}, "a").write("%d\\n" % os.getpid())
${indent}    time.sleep(0.05)`;

/** Before env.py: what the revisions ask for in their comments happens here, which no check reads. */
export const HOLDING_ENV_PY = `import os
import re
import time

import sqlalchemy


@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "before_cursor_execute", retval=True)
def hold(connection, cursor, statement, parameters, context, executemany):
    found = re.match(r"/\\* hold in (the server|python): (\\S+) \\*/", statement)
    if not found:
        return statement, parameters
    if found[1] != "python":
        return "select lk_test.wait('" + found[2] + "')", parameters
    ${waiting('found[2]', '    ')}
    return statement, parameters


`;

export const inShell = (instant: Instant): string => {
  const name = plain(instant);
  return `while [ -e hold-${name} ]; do echo $$ >> ticks-${name}; sleep 0.05; done`;
};

/** Adds a column and a table: low. */
export const REVISION: Revision = {
  id: '0002_gifts',
  up: `op.add_column("orders", sa.Column("gift_note", sa.Text()))
    ${inServer('migrate: a statement')}
    ${inPython('migrate: between two')}
    op.create_table("coupons", sa.Column("code", sa.Text(), primary_key=True))`,
  down: `op.drop_table("coupons")
    ${inServer('put the schema back')}
    op.drop_column("orders", "gift_note")`,
};

/** The same, and drops a table with its rows: very high. */
export const DROPPING: Revision = {
  ...REVISION,
  up: REVISION.up.replace(/op.create_table.*/, 'op.drop_table("legacy")'),
  down: REVISION.down.replace(/op.drop_table.*/, 'op.create_table("legacy", sa.Column("word", sa.Text()))'),
};

/** At the end of the revision file, so that whoever loads it waits: the check does. */
export const whenLoaded = `\n\n${waiting(`"${plain('check')}"`, '')}\n`;

/** What REVISION commits, up and down. */
export const UP = ['ALTER TABLE', 'CREATE TABLE'];
export const DOWN = ['DROP TABLE', 'ALTER TABLE'];
/** What DROPPING commits. */
export const DROPPED = ['ALTER TABLE', 'DROP TABLE'];

/**
 * A function that waits, on a copy for another file than in the database itself; a table that makes whoever
 * restores it wait; and a table of each statement that changed the schema, filled in its transaction.
 */
export const testSchema = (home: string): string => `
  create schema lk_test;
  create table lk_test.ddl (id bigint generated always as identity, tag text not null);
  create function lk_test.wait(what text) returns int language plpgsql as $$ declare
    place text := '';
  begin
    if current_database() like 'lk\\_copy\\_%' then
      select coalesce(substring(shobj_description(oid, 'pg_database') from '"run":"(\\w+) ') || '-', 'copy-')
      into place from pg_database where datname = current_database();
    end if;
    while (pg_stat_file('${home}/hold-' || place || what, true)).size is not null loop
      perform pg_sleep(0.05);
    end loop;
    return 1;
  end $$;
  create table lk_test.slow (what text check (lk_test.wait(what) = 1));
  insert into lk_test.slow values ('restoring');
  create table legacy as select 'word ' || g as word from generate_series(1, 10) g;
  create table bulk as select md5(g::text) as filler from generate_series(1, 20000) g;
  create function lk_test.log() returns event_trigger language plpgsql as $$ begin
    insert into lk_test.ddl (tag) values (tg_tag);
  end $$;
  create event trigger lk_log on ddl_command_end execute function lk_test.log()`;

/** What is verified; one of the checks fails when all is to be undone. */
const verifications = (fails: boolean) => [
  {
    name: 'orders of before are unchanged',
    mark: `select max(id) from orders where lk_test.wait('${plain('marks')}') = 1`,
    sql: 'select count(*), sum(total) from orders where id <= {mark}',
    unchanged: true,
  },
  { name: 'it can wait', sql: `select lk_test.wait('${plain('verify')}')`, value: 1 },
  ...(fails
    ? [
        {
          name: 'this one fails',
          sql: String.raw`select 1 where current_database() not like 'lk\_%'`,
          rows: 0,
        },
      ]
    : []),
];

export interface KillSettings {
  fails?: Failing | undefined;
  python: string | readonly string[];
  pgBin: string;
  healthUrl: string;
}

/** Settings of the target over those that every test project has. */
export const killSettings = ({ fails, python, pgBin, healthUrl }: KillSettings) => ({
  release: { running: 'cat running', fetch: [inShell('fetch release')] },
  alembic: {
    python,
    project: 'releases/{release}',
    environment: { DATABASE_URL: '${DATABASE_URL}' },
  },
  deploy: {
    commands: [
      `if [ "$LOCKKEEPER_STEP" = deploy ]; then ${inShell('deploy')}; else ${inShell('put the release back')}; fi`,
      'printf %s "$LOCKKEEPER_RELEASE" > running',
    ],
  },
  health: {
    url: healthUrl,
    expect: { release: '{release}' },
    deadlineSeconds: fails === 'health' ? 1 : 300,
  },
  verify: verifications(fails === 'verify'),
  backup: { tools: pgBin },
  // What these runs prove is the restore, and what they send is counted.
  keepsakes: { keep: false },
  // What is held is looked for on the shared server.
  rehearsal: { where: 'server' },
});

/** pg_dump by way of a proxy: a real one, that can be held in the middle of its rows. */
export const slowDump = (pgBin: string, port: number, hold: Instant | undefined): string => `#!/bin/sh
case "$*" in ${hold === 'back up again' ? '*-closed.dump' : ''}*--snapshot=*) PGPORT=${port}; export PGPORT ;; esac
exec ${pgBin}/pg_dump "$@"
`;

/** A Python that dies, once, with what it runs, when that says what stands in the file \`die-on\`. */
export const DYING_PYTHON = `import os, signal, subprocess, sys
real = subprocess.Popen([sys.executable] + sys.argv[1:], stdout=subprocess.PIPE)
for line in real.stdout:
    if os.path.exists("../../die-on") and open("../../die-on").read().encode() in line:
        os.remove("../../die-on")
        real.kill()
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
sys.exit(real.wait())
`;
