import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with the last test of the file that asked for it. @param name - such as `by-hand` */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `lk-${name}-`));
  made.push(folder);
  return folder;
}
