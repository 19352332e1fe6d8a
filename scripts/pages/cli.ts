import type { Verb } from '../../src/commands/verb.js';
import { verbs } from '../../src/commands/verbs.js';
import { exitCodes } from '../../src/domain/exit-codes.js';
import type { Page } from './page.js';

const written =
  '<!-- Written by `npm run docs` from src/commands/verbs.ts; change the table there, not this page. -->';

/** Every command with its arguments and flags, and the exit codes. */
export const cliPage = (): Page[] => [{ path: 'docs/cli.md', text: page() }];

/** Every verb, those below another one after it. */
const all: readonly { name: string; verb: Verb }[] = verbs.flatMap((verb) => [
  { name: verb.name, verb },
  ...(verb.verbs ?? []).map((below) => ({ name: `${verb.name} ${below.name}`, verb: below })),
]);

const page = (): string => `${written}

# Commands

\`lockkeeper --help\` and \`lockkeeper <command> --help\` say the same. Every command takes:

| flag | meaning |
|---|---|
| \`--config <path>\` | \`lockkeeper.yaml\` to use (or \`LOCKKEEPER_CONFIG\`) |
| \`--json\` | the result, or the error, as one JSON value on standard output; all else on standard error |

## Exit codes

| code | meaning |
|---|---|
${EXITS.map(([code, says]) => `| ${exitCodes[code]} | ${says} |`).join('\n')}

| command | what it does |
|---|---|
${all.map(({ name, verb }) => `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${verb.says} |`).join('\n')}
${all.map(section).join('')}`;

const EXITS: readonly [keyof typeof exitCodes, string][] = [
  ['done', 'done'],
  [
    'failed',
    'failed, and all is as it was before; of `check`: the risk is at or above `--fail-on` (default: high)',
  ],
  ['wrongUse', 'wrong flags or settings, or something that is needed is not there: nothing was started'],
  ['undecided', 'a person must decide before it goes on'],
  ['operator', 'an undo failed, or something was left as it is: an operator must look'],
  ['oldCode', 'of `phases proof`: old code is left, or nobody can tell'],
  ['interrupted', 'interrupted by Ctrl-C; a run that was started goes on'],
];

function section({ name, verb }: { name: string; verb: Verb }): string {
  const usage = [
    'lockkeeper',
    name,
    ...(verb.load ? [] : ['<command>']),
    ...(verb.args ?? []).map(([name]) => name),
    ...(verb.flags ? ['[flags]'] : []),
  ];
  return `
## ${name}

\`${usage.join(' ')}\`: ${verb.says}.
${table('command', verb.load ? [] : (verb.verbs ?? []).map(({ name, says }) => [name, says]))}${table('argument', verb.args ?? [])}${table('flag', flagsOf(verb))}`;
}

const flagsOf = ({ flags = [] }: Verb): (readonly [string, string])[] =>
  flags.map(([flag, says, choices]) => [flag, choices ? `${says}: ${choices.join(', ')}` : says]);

const table = (title: string, rows: readonly (readonly [string, string])[]): string =>
  rows.length
    ? `\n| ${title} | meaning |\n|---|---|\n${rows.map(([name, says]) => `| \`${name}\` | ${says} |`).join('\n')}\n`
    : '';
