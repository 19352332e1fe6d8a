import { Problem } from '../problem.js';

/** The user's own rules (`check.rules`). What one of them cannot judge is not judged: each of these ends the check. */

/** @param file - as the settings name it */
export const ownRuleNotLoaded = (file: string, why: string) =>
  new Problem('own-rule-not-loaded', {
    what: `the rule in ${file} cannot be loaded`,
    why,
    next: [
      ...(/cannot find package 'lockkeeper'/i.test(why)
        ? [
            'install lockkeeper beside it (npm install --save-dev lockkeeper), or leave that import out: a rule is a plain object',
          ]
        : []),
      'correct the file, or check.rules in lockkeeper.yaml: paths are relative to that file',
    ],
    retry: false,
  });

export const ownRuleWrong = (file: string, faults: readonly string[]) =>
  new Problem('own-rule-wrong', {
    what: `what ${file} exports is no rule`,
    why: faults.map((fault) => `- ${fault}`).join('\n'),
    next: ['correct it: docs/check.md has a whole one'],
    retry: false,
  });

export const ownRuleTwice = (id: string, file: string, other: string) =>
  new Problem('own-rule-twice', {
    what: `the id ${id} of the rule in ${file} is taken`,
    why: `${other} has it already`,
    next: ['give the rule an id of its own: it is the word by which findings are allowed and raised'],
    retry: false,
  });

const SHOWN = 200;

export const ownRuleFailed = (
  rule: { id: string; file: string },
  place: { file: string; statement: string },
  why: string,
) =>
  new Problem('own-rule-failed', {
    what: `the rule ${rule.id} in ${rule.file} failed on a statement of ${place.file}`,
    why: `${why}; the statement: ${place.statement.replace(/\s+/g, ' ').slice(0, SHOWN)}`,
    next: [
      `correct ${rule.file}: nothing passes a check that was not made`,
      'or take it out of check.rules in lockkeeper.yaml',
    ],
    retry: false,
  });
