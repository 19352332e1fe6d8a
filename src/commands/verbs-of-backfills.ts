import { target, type Verb } from './verb.js';

const name: [string, string] = ['<name>', 'of the backfill'];
const note: [string, string] = ['--note <text>', 'for whoever reads its page'];

const messageVerb = (word: 'pause' | 'resume' | 'stop', says: string): Verb => ({
  name: word,
  says,
  args: [name, target],
  flags: [note],
  load: async () =>
    (
      (m) =>
      ([of, at], options, io) =>
        m.backfillMessage(word, of, at, options, io)
    )(await import('./backfill.js')),
});

/** Rows of a table, changed in batches beside the application. */
export const backfillVerbs: readonly Verb[] = [
  {
    name: 'backfill',
    says: 'change the rows of a table in batches, throttled, beside the application: docs/backfill.md',
    verbs: [
      {
        name: 'start',
        says: 'begin it, or go on with one that was stopped',
        args: [name, target],
        flags: [
          ['--file <path>', 'its settings: docs/backfill.md'],
          ['--table <name>', 'without a file: the table'],
          ['--set <column=expression...>', 'without a file: what becomes of which column'],
          ['--where <condition>', 'without a file: which rows still need it'],
          ['--verify <condition>', 'without a file: what holds for every row at the end'],
          ['--rate <rows>', 'the most rows a second'],
          ['--again', 'begin it anew, whatever was done of it'],
          ['--watch', 'show it as it goes, until it ends'],
        ],
        load: async () =>
          (
            (m) =>
            ([of, at], options, io) =>
              m.startBackfill(of, at, options, io)
          )(await import('./backfill-start.js')),
      },
      {
        name: 'status',
        says: 'how far it is, how fast, until when, and which rows are parked',
        args: [name, target],
        flags: [['--watch', 'show it as it goes, until it ends']],
        load: async () =>
          (
            (m) =>
            ([of, at], options, io) =>
              m.backfillStatus(of, at, options, io)
          )(await import('./backfill.js')),
      },
      messageVerb('pause', 'stop after the batch that is at work, until it is resumed'),
      messageVerb('resume', 'go on; rows that are parked are tried again'),
      {
        name: 'rate',
        says: 'the most rows a second, from now on',
        args: [name, ['<rows>', 'a whole number; 0 is no limit'], target],
        load: async () =>
          (
            (m) =>
            ([of, rows, at], options, io) =>
              m.backfillRate(of, rows, at, options, io)
          )(await import('./backfill.js')),
      },
      messageVerb('stop', 'end it; what is done stays, and started again it goes on'),
    ],
  },
];
