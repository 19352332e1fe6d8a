import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LostRows } from '../../domain/lost.js';
import { parsed, type RowNote } from './statements.js';

/** One statement of a file, with its place in it. */
export interface Line {
  at: number;
  statement: string;
  note: RowNote;
}

const BATCH = 300;

/** The statements of a file, some at a time. */
export async function* batchesOf(path: string): AsyncGenerator<Line[]> {
  const reader = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let batch: Line[] = [];
  let at = 0;
  try {
    for await (const text of reader) {
      const found = parsed(text);
      if (!found) continue;
      batch.push({ at, ...found });
      at += 1;
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length) yield batch;
  } finally {
    reader.close();
  }
}

/** The rows of one table, by what finds them: see `Known`. */
export async function knownRows(folder: string, table: LostRows | undefined): Promise<Map<string, RowNote>> {
  const known = new Map<string, RowNote>();
  for (const file of [table?.deletes, table?.upserts])
    if (file)
      for await (const lines of batchesOf(join(folder, file.file)))
        for (const { note } of lines) known.set(note.copies?.hash ?? JSON.stringify(note.key), note);
  return known;
}
