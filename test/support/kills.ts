import { appendFile, chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { withClient, type Client } from '../../src/adapters/postgres/client.js';
import { fingerprint } from '../../src/adapters/postgres/fingerprint.js';
import type { RunRecord } from '../../src/domain/record.js';
import { listed } from '../../src/stack/process.js';
import { projectPython } from './servers.js';
import { Project, until, type ProjectOptions, type Worker } from './project.js';
import type { Revision } from './alembic-files.js';
import { slowProxy, type SlowProxy } from './slow-proxy.js';

/** Instants at which a run can be held, until it is let go: each in the middle of a step. */
export const instants = [
  'fetch release',
  'check',
  'back up',
  'marks',
  'migrate: a statement',
  'migrate: between two statements',
  'verify',
  'deploy',
  'health',
  'put the schema back',
  'put the release back',
] as const;
export type Instant = (typeof instants)[number];

const fileOf = (instant: Instant): string => instant.replace(/\W+/g, '-');

/** Waits in the server, as a long statement does; not in the SQL that is judged. */
const waitInServer = (instant: Instant): string =>
  `op.get_context().as_sql or op.execute("select lk_test.wait('${fileOf(instant)}')")`;

/** Waits in Python, with the transaction open. */
const waitInPython = (instant: Instant): string =>
  `while not op.get_context().as_sql and os.path.exists("../../hold-${fileOf(instant)}"): (
        open("../../ticks-${fileOf(instant)}", "a").write("%d\\n" % os.getpid()), time.sleep(0.05))`;

/** Waits in a shell; says who it is while it does, so that two at once would be seen. */
const waitInShell = (instant: Instant): string => {
  const name = fileOf(instant);
  return `echo $$ >> ticks-${name}; while [ -e hold-${name} ]; do echo $$ >> ticks-${name}; sleep 0.1; done`;
};

const REVISION: Revision = {
  id: '0002_gifts',
  up: `op.add_column("orders", sa.Column("gift_note", sa.Text()))
    ${waitInServer('migrate: a statement')}
    ${waitInPython('migrate: between two statements')}
    op.create_table("coupons", sa.Column("code", sa.Text(), primary_key=True))`,
  down: `op.drop_table("coupons")
    ${waitInServer('put the schema back')}
    op.drop_column("orders", "gift_note")`,
};

/** What the revision runs up, and what it runs down. */
export const UP = ['ALTER TABLE', 'CREATE TABLE'];
export const DOWN = ['DROP TABLE', 'ALTER TABLE'];

/** Counts each statement that changes the schema, once it is committed; and a function that waits. */
const testSchema = (home: string): string => `
  create schema lk_test;
  create table lk_test.ddl (id bigint generated always as identity, tag text not null);
  create function lk_test.wait(what text) returns int language plpgsql as $$ begin
    while pg_stat_file('${home}/hold-' || what, true) is not null loop perform pg_sleep(0.05); end loop;
    return 1;
  end $$;
  create function lk_test.log() returns event_trigger language plpgsql as $$ begin
    insert into lk_test.ddl (tag) values (tg_tag);
  end $$;
  create table bulk as select md5(g::text) as filler from generate_series(1, 20000) g;
  create event trigger lk_log on ddl_command_end execute function lk_test.log()`;

export interface SceneOptions extends ProjectOptions {
  /** Where the run is held. */
  hold?: Instant;
  /** A verification that fails at the end, so that all is undone. */
  undo?: 'put the schema back' | 'put the release back';
  /** The database, when it is not one of the shared server. */
  url?: string;
  /** The bridge says this, and dies before anybody hears it; once. */
  dieOn?: string;
}
