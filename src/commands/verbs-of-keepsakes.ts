import { target, type Verb } from './verb.js';

/** What a destructive change has taken, and is kept. */
export const keepsakeVerbs: readonly Verb[] = [
  {
    name: 'keepsake',
    says: 'what destructive changes took, and is kept in the same database',
    verbs: [
      {
        name: 'list',
        says: 'what is kept: of which table, how large, by whom, until when',
        args: [target],
        load: async () =>
          (
            (m) =>
            ([name], options, io) =>
              m.listKeepsakes(name, options, io)
          )(await import('./keepsake.js')),
      },
      {
        name: 'drop',
        says: 'drop a keepsake before its end: then only a restore brings back what was taken',
        args: [target],
        flags: [
          ['--keepsake <id>', 'which'],
          ['--yes', 'it is known that it can be put back'],
        ],
        load: async () =>
          (
            (m) =>
            ([name], options, io) =>
              m.dropKeepsakeCommand(name, options, io)
          )(await import('./keepsake.js')),
      },
    ],
  },
];
