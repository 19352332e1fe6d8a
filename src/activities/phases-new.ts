import { unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from '../adapters/alembic/inspect.js';
import { writeRevisions } from '../adapters/alembic/write.js';
import { databaseBehind, scaffoldNotWritten } from '../domain/problems/phases.js';
import { fillingFiles, type FillingFile } from '../phases/backfill-text.js';
import type { Draft } from '../phases/draft.js';
import { expressionsOf } from '../phases/expressions.js';
import { revisionIds } from '../phases/ids.js';
import { scaffold } from '../phases/intents.js';
import type { Intent, Wanted } from '../phases/wanted.js';
import { revisionText } from '../phases/python.js';
import type { Target } from './home.js';
import { assertExpressions, askDatabase } from './phases-facts.js';
import type { Work } from './work.js';

export interface NewPhases {
  intent: Intent;
  wanted: Wanted;
  /** Name of the change. */
  change: string;
  /** Whose revision files. */
  release: string;
  /** Only say what would be written. */
  dry: boolean;
}

/** What was written, in the order in which it is run. */
export interface WrittenPhases {
  change: string;
  /** Folder of the Alembic project. */
  folder: string;
  revisions: readonly {
    phase: Draft['phase'];
    does: string;
    file: string | null;
    upgrades: string;
    downgrades: string;
  }[];
  /** Settings of backfills: `back` is for the way back. */
  fills: readonly { file: string; kind: 'backfill' | 'back'; text: string }[];
  notes: readonly string[];
}

/**
 * Writes the revisions of a change as files of the user's project, with the settings of their backfills beside them.
 *
 * @throws Problem of domain/problems/phases, alembic and database; then nothing was written
 */
export async function newPhases(target: Target, asked: NewPhases, work: Work): Promise<WrittenPhases> {
  const project = target.project(asked.release);
  const inspection = await inspect(project, { from: 'database', render: 'none', signal: work.signal });
  const [head = null] = inspection.heads;
  if (inspection.pending.length) throw databaseBehind(inspection.pending.length, head ?? '');
  const { facts, wanted } = await askDatabase(target, asked.wanted, work);
  const made = scaffold(asked.intent, facts, asked.change, wanted);
  await assertExpressions(target, expressionsOf(asked.intent, facts, wanted), work);
  const texts = made.revisions.map((draft) => revisionText(asked.change, draft));
  const fills = fillingFiles(asked.change, made);
  const ids = revisionIds(head, made.revisions);
  const files = asked.dry
    ? []
    : await writeRevisions(
        project,
        head,
        texts.map((text, index) => ({ ...text, id: ids[index] ?? null })),
        work.signal,
      );
  const beside = dirname(files[0] ?? '');
  if (files.length) await writeFills(project.cwd, files, fills, beside);
  return {
    ...{ change: asked.change, folder: project.cwd, notes: made.notes },
    revisions: made.revisions.map(({ phase, does }, index) => ({
      ...{ phase, does, file: files[index] ?? null },
      ...{ upgrades: texts[index]?.upgrades ?? '', downgrades: texts[index]?.downgrades ?? '' },
    })),
    fills: fills.map(({ name, kind, text }) => ({ file: join(beside, name), kind, text })),
  };
}

/** With the revisions or not at all. */
async function writeFills(
  folder: string,
  revisions: readonly string[],
  fills: readonly FillingFile[],
  beside: string,
): Promise<void> {
  const written = revisions.map((file) => join(folder, file));
  for (const { name, text } of fills) {
    const path = join(folder, beside, name);
    try {
      await writeFile(path, text, { flag: 'wx' });
      written.push(path);
    } catch (error) {
      await Promise.all(written.map((each) => unlink(each).catch(() => undefined)));
      throw scaffoldNotWritten(path, (error as Error).message);
    }
  }
}
