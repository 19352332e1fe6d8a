import { join } from 'node:path';
import type { WrittenPhases } from '../local.js';

/** What was written, phase by phase, and what to do with it. */
export function phasesText(
  { change, folder, revisions, fills, notes }: WrittenPhases,
  target: string,
): string {
  const isWritten = revisions.some(({ file }) => file !== null);
  const ofPhase = (phase: string) => revisions.filter((each) => each.phase === phase);
  const step = (title: string, lines: readonly string[]) => (lines.length ? ['', title, ...lines] : []);
  const files = (phase: string) =>
    ofPhase(phase).flatMap(({ file, does, upgrades }) =>
      file ? [`  ${file}  ${does}`] : [`  ${does}`, ...upgrades.split('\n').map((line) => `      ${line}`)],
    );
  const forth = fills.filter(({ kind }) => kind === 'backfill');
  return [
    isWritten ? `${change}: written below ${folder}` : `${change}: nothing is written (--dry-run)`,
    ...step('expand: with the release before the code', files('expand')),
    ...step(
      'backfill: when it is deployed',
      forth.flatMap(({ file, text }) =>
        isWritten ? [`  ${join(folder, file)}`] : text.split('\n').map((line) => `      ${line}`),
      ),
    ),
    ...step('constrain: when the backfill is done', files('constrain')),
    ...step('contract: when no old code is left', files('contract')),
    ...step(
      'To know',
      notes.map((note) => `  - ${note}`),
    ),
    ...(isWritten
      ? ['', `Read them, and give each phase to the release that it belongs to: lockkeeper check ${target}`]
      : []),
  ].join('\n');
}
