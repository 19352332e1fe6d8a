import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
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
