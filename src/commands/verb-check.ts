import { target, type Verb } from './verb.js';

const majors = ['11', '12', '13', '14', '15', '16', '17', '18'];

/** The check, in its three forms: of a target, of files, of a rule. */
export const checkVerb: Verb = {
  name: 'check',
  says: 'what would run, and how dangerous it is; needs no Temporal, changes nothing',
  args: [target],
  flags: [
    ['--release <name>', 'release to deploy, when it is not the one that is next'],
    [
      '--fail-on <risk>',
      'exit with 1 when the risk is this or higher; default: high',
      ['low', 'medium', 'high', 'very-high', 'never'],
    ],
    ['--format <format>', 'how it is told; default: text', ['text', 'json', 'sarif', 'github', 'markdown']],
    ['--offline', 'judge the revision files alone, without a database; needs --from'],
    ['--from <revisions>', 'with --offline: where the database is taken to stand, with commas; or base'],
    ['--sql <file...>', 'check files of SQL instead: files, folders, patterns, - for standard input'],
    ['--postgres <major>', 'with --sql or --offline: the version of the server that it is meant for', majors],
    ['--schema <file>', 'with --sql or --offline: what is there before, as pg_dump --schema-only writes it'],
    ['--in-transaction', 'with --sql: all of a file runs in one transaction, as Alembic does'],
    ['--explain [rule]', 'tell a rule in full and check nothing; without a name: all rules'],
  ],
  load: async () =>
    (
      (m) =>
      ([name], options, io) =>
        m.checkCommand(name, options, io)
    )(await import('./check.js')),
};
