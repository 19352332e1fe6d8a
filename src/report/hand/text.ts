import { type Hand, reachOf } from '../../domain/hand.js';
import { keepsakesWait, leftToDo, type Way } from '../../domain/left-to-do.js';
import type { StepName, UndoName } from '../../domain/record.js';
import { isRestorePlan } from '../../domain/restore.js';
import { isBack, schemaBack, schemaForward } from './alembic.js';
import { databaseBack } from './database.js';
import type { Part } from './part.js';
import { health, start } from './release.js';
import { quoted, referring, variablesIn } from './shell.js';
import { openSite, verify } from './site.js';

/** What is left to do of a run, as commands for a shell: nothing else is needed than what they name. */
export interface HandText {
  text: string;
  /** Whether there is anything. */
  isOpen: boolean;
  todo: readonly (UndoName | StepName)[];
}

export function handText(hand: Hand, way: Way): HandText {
  const { stood, plan, doneAt } = hand;
  if (doneAt) return nothing(hand, `marked as done by hand at ${doneAt}`);
  if (stood.kind === null)
    return nothing(hand, 'its journal is of an earlier version, and does not say enough');
  const left = leftToDo(stood, reachOf(plan), way);
  if ('nothing' in left) return nothing(hand, left.nothing);
  const parts = left.todo.map((each) => partOf(hand, each));
  return {
    isOpen: true,
    todo: left.todo,
    text: [head(hand, way), ...parts.map(partText), last(hand, parts.length)].join('\n\n'),
  };
}

const nothing = ({ stood }: Hand, why: string): HandText => ({
  isOpen: false,
  todo: [],
  text: `# ${stood.target}: run ${stood.runId} stands ${stood.says.replace(/\s+/g, ' ')}.\n# Nothing is open: ${why}.`,
});

/** What a rollback undoes it does forward, and its steps go back. */
function partOf(hand: Hand, what: UndoName | StepName): Part {
  const { plan, stood } = hand;
  const deployed = plan && !isRestorePlan(plan) ? plan : null;
  switch (what) {
    case 'put the release back':
      return start(hand, plan?.running, 'put-back', 'Put the release back');
    case 'deploy again':
      return start(hand, plan?.release, 'deploy', 'Start the release again');
    case 'deploy':
      return start(hand, plan?.release, 'deploy', 'Start the release');
    case 'put the database back':
      return databaseBack(hand);
    case 'put the schema back':
      return deployed ? schemaBack(hand, deployed) : databaseBack(hand);
    case 'migrate':
    case 'migrate again':
      return deployed ? schemaForward(hand, deployed, 'Migrate') : databaseBack(hand);
    case 'let keepsakes go':
      return keepsakes(hand);
    case 'health':
      return health(hand);
    case 'verify':
      return stood.kind === 'rollback' && deployed ? isBack(deployed) : verify(hand);
    default:
      return openSite(hand);
  }
}

/** What was kept lies beside the application's tables and is in nobody's way. */
const keepsakes = ({ stood }: Hand): Part => ({
  title: 'Let the keepsakes go',
  says: [
    "They lie in the schema lockkeeper_keep, and are in nobody's way: drop those of this run when all is well,",
    `lockkeeper keepsake list ${stood.target}, then lockkeeper keepsake drop ${stood.target} --keepsake ID --yes`,
  ],
  commands: [],
  check: [],
});

function head(hand: Hand, way: Way): string {
  const { stood, settings } = hand;
  const { state, tools, databaseUrl, alembic, deploy, folder } = settings;
  const needed = variablesIn([
    databaseUrl,
    ...Object.values(alembic.environment),
    ...Object.values(deploy?.environment ?? {}),
  ]);
  const other = way === 'put-back' ? 'go on instead: --go-on' : 'put it back instead: without --go-on';
  return [
    '#!/bin/sh',
    `# What is left to do of run ${stood.runId} of ${stood.target} (${stood.kind ?? 'unknown'}), told by the state folder alone.`,
    `# It stands ${stood.says.replace(/\s+/g, ' ')}.`,
    ...(keepsakesWait(stood, reachOf(hand.plan)) ? waiting(stood.target) : []),
    `# This way: ${way === 'put-back' ? 'all is put back as it was' : 'what it would have done is done'} (${other}).`,
    '# Line by line, or all of it: the first command that fails ends it, and all of it may be run again.',
    ...(needed.length ? [`# Needed in the environment: ${needed.join(', ')}`] : []),
    'set -eu',
    ...needed.map((variable) => `: "\${${variable}:?is not set}"`),
    ...(tools ? [`PATH=${quoted(tools)}:$PATH`] : []),
    `LIVE=$(printf %s ${referring(databaseUrl, folder)} | sed -E 's#^(postgres|postgresql)\\+[a-z0-9]+://#\\1://#')`,
    `SERVER=$(printf %s "$LIVE" | sed -E 's#^([a-z]+://[^/?]*)/?[^?]*#\\1/postgres#')`,
    '',
    '# 0. The run does nothing more, whenever Temporal and its worker are back: it waits then, and is ended by',
    `#    lockkeeper stop ${stood.target} --done-by-hand`,
    `mkdir -p ${quoted(`${state}/logs/${stood.runId}`)}`,
    `touch ${quoted(`${state}/logs/${stood.runId}/by-hand`)}`,
  ].join('\n');
}

/** No command by hand puts them back. */
const waiting = (target: string): string[] => [
  '# The schema of before is back, and what was kept is NOT yet. Do not open the site before it is: once Temporal answers,',
  `#   lockkeeper rollback ${target}   puts it back, and nothing else. What is below goes forward again instead of that.`,
];

function partText({ title, says, commands, check, notes = [], otherwise }: Part, index: number): string {
  return [
    `# ${index + 1}. ${title}`,
    ...[...says, ...notes].map((line) => `#    ${line.replace(/\s+/g, ' ')}`),
    ...commands,
    ...(check.length ? ['# Check:', ...check] : []),
    ...(otherwise
      ? [
          '# Where that fails, or the schema is not as before, do this instead of it:',
          ...[...otherwise.says, ...otherwise.commands, ...otherwise.check].map((line) => `#    ${line}`),
        ]
      : []),
  ].join('\n');
}

const last = ({ stood, settings: { state } }: Hand, count: number): string =>
  [
    `# ${count + 1}. Mark that it was done`,
    `touch ${quoted(`${state}/logs/${stood.runId}/done-by-hand`)}`,
    `echo ${quoted(`done: run ${stood.runId} of ${stood.target} has nothing left to do`)}`,
  ].join('\n');
