import { target, type Verb } from './verb.js';

const change: [string, string] = ['[change]', 'its name; not needed when only one is under way'];
const note: [string, string] = ['--note <text>', 'for whoever reads its page'];

const messageVerb = (
  word: 'pause' | 'resume' | 'go' | 'back' | 'abandon',
  says: string,
  flags: NonNullable<Verb['flags']> = [],
): Verb => ({
  name: word,
  says,
  args: [target, change],
  flags: [note, ...flags],
  load: async () =>
    (
      (m) => (args, options, io) =>
        m.sayToChange(word, args, options, io)
    )(await import('./phases-say.js')),
});

/** What is said to a change, and shown of it. */
const runVerbs: readonly Verb[] = [
  {
    name: 'start',
    says: 'take a change through its phases, over days; or go on with one that was ended on the way',
    args: [target],
    flags: [
      ['--file <path>', 'a change file: docs/phases.md'],
      ['--change <name>', 'without a file: its name, as its revisions say it'],
      ['--release <name>', 'of all phases that name none; default: the one that is next'],
      ['--watch', 'show it as it goes, until it ends or asks for a person'],
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.startPhases(name, options, io)
      )(await import('./phases-start.js')),
  },
  {
    name: 'status',
    says: 'which phase it is in, what it waits for, and what to do',
    args: [target, change],
    flags: [['--watch', 'show it as it goes, until it ends or asks for a person']],
    load: async () =>
      (
        (m) => (args, options, io) =>
          m.phasesStatus(args, options, io)
      )(await import('./phases-say.js')),
  },
  {
    name: 'list',
    says: 'all changes of a target, under way and over',
    args: [target],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.listPhases(name, options, io)
      )(await import('./phases-say.js')),
  },
  {
    name: 'report',
    says: 'one page of the whole: its phases, who decided what, each run with its locks and statements; Markdown, or HTML',
    args: [target, change],
    flags: [['--html <path>', 'write it to this file as one HTML page that needs nothing else']],
    load: async () =>
      (
        (m) => (args, options, io) =>
          m.reportPhases(args, options, io)
      )(await import('./phases-report.js')),
  },
  messageVerb('pause', 'begin no further phase until it is resumed'),
  messageVerb('resume', 'go on'),
  messageVerb('back', 'take back the phase that was done last'),
  messageVerb('abandon', 'give the change up: take back all that was done, the last phase first'),
  messageVerb('go', 'begin the phase that waits, or try again what failed', [
    ['--overrule <reason>', 'although its time has not come, or old code may be left; the reason is kept'],
  ]),
];

/** Changes that go over several releases. */
export const phasesVerbs: readonly Verb[] = [
  {
    name: 'phases',
    says: 'changes without downtime, over several releases: docs/phases.md',
    verbs: [
      ...runVerbs,
      {
        name: 'new',
        says: 'write the revisions of a change as files of the project, for review: docs/phases.md has an example of each',
        args: [
          [
            '<intent>',
            'rename-column, change-type, split-column, merge-columns, move-column, not-null, unique, foreign-key, check, add-index, drop-column or drop-table',
          ],
          target,
        ],
        flags: [
          ['--table <name>', 'the table, as SQL names it'],
          ['--column <name...>', 'its column or columns'],
          ['--to <name>', 'rename-column, move-column: the new name'],
          ['--type <type>', 'change-type: the new type'],
          ['--into <column=type...>', 'split-column, merge-columns: the new columns'],
          [
            '--set <column=expression...>',
            'what a new column gets, of the old ones; not-null: what rows get that have none',
          ],
          ['--back <column=expression...>', 'what an old column gets, of the new ones'],
          ['--to-table <name>', 'move-column: where it goes; foreign-key: what is referred to'],
          [
            '--by <column...>',
            "move-column: the columns there that refer to the table's key; foreign-key: the columns referred to, default its key",
          ],
          ['--expression <sql>', 'check: what each row must fulfil'],
          ['--name <name>', 'of the constraint or index'],
          [
            '--on-delete <action>',
            'foreign-key: CASCADE, SET NULL, SET DEFAULT or RESTRICT',
            ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT'],
          ],
          ['--published', 'subscribers of the table have the new columns already'],
          ['--change <name>', 'what it is called; default: after table and columns'],
          ['--release <name>', 'whose revision files, when it is not the release that is next'],
          ['--dry-run', 'show it, write nothing'],
        ],
        load: async () =>
          (
            (m) =>
            ([intent, name], options, io) =>
              m.newPhasesCommand(intent, name, options, io)
          )(await import('./phases.js')),
      },
      {
        name: 'proof',
        says: 'is old code left that uses what the contract of a change takes away?',
        args: [
          ['<target>', 'a target of lockkeeper.yaml'],
          ['<change>', 'as its revisions name it: phase contract of CHANGE'],
        ],
        flags: [
          ['--since <time>', 'when the release was deployed that does without it; default: the last deploy'],
          ['--release <name>', 'whose revision files, when it is not the release that runs'],
        ],
        load: async () =>
          (
            (m) =>
            ([at, change], options, io) =>
              m.phasesProof(at, change, options, io)
          )(await import('./phases-proof.js')),
      },
    ],
  },
];
