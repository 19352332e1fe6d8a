import type { Finding } from '../domain/plan.js';
import releaseMigratesItself from '../rules/release-migrates-itself.js';
import revisionEdited from '../rules/revision-edited.js';
import { about } from './about.js';
import type { PlanFacts } from './facts.js';

/** What is to be said of the project rather than of a pending revision. */
export const findingsOnProject = ({ selfMigrating = [], edited = [] }: PlanFacts): Finding[] => [
  ...edited.map(({ revision, file, ran }) =>
    about(
      revisionEdited,
      { file },
      `${revision} ran here with another file than this (sha256 ${ran.slice(0, 12)}): it was edited afterwards`,
    ),
  ),
  ...selfMigrating.map((place) => {
    const [, file = place, line = '', text = ''] = /^(.*?):(\d+): (.*)$/.exec(place) ?? [];
    const finding = about(releaseMigratesItself, { file }, 'the release migrates by itself when it starts');
    return { ...finding, ...(line ? { line: Number(line) } : {}), statement: text };
  }),
];
