/** A worker that takes a backup, and says how far it is, so that somebody can kill it in the middle. */
import { backUp, type BackUpOptions } from '../../../src/adapters/backup/back-up.js';

const { url, ...options } = JSON.parse(process.argv[2] ?? '{}') as BackUpOptions & { url: string };
await backUp(
  { url },
  {
    ...options,
    signal: new AbortController().signal,
    onProgress: (text) => void process.stdout.write(`${text}\n`),
    onStart: (pid) => void process.stdout.write(`pid ${pid}\n`),
  },
);
