import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Place } from '../../../src/adapters/compose/docker.js';
import { temporaryFolder } from '../temporary.js';

/** What a program says to arguments that match, in the order in which they are tried. Recorded from the real ones. */
export type Says = readonly [args: RegExp, out: { stdout?: string; stderr?: string; code?: number }][];

/** Programs that say what the real ones were heard to say, first in the PATH. What they do not know fails with code 97. */
export function fakeTools(programs: Readonly<Record<string, Says>>): Place {
  const folder = temporaryFolder('fake-tools');
  for (const [name, says] of Object.entries(programs)) {
    const table = JSON.stringify(says.map(([args, out]) => [args.source, out]));
    const path = join(folder, name);
    writeFileSync(
      path,
      `#!${process.execPath}
const args = process.argv.slice(2).join(' ');
const [, out = { code: 97, stderr: 'not recorded: ' + args }] =
  ${table}.find(([source]) => new RegExp(source).test(args)) ?? [];
process.stdout.write(out.stdout ?? '');
process.stderr.write(out.stderr ?? '');
process.exitCode = out.code ?? 0;
`,
    );
    chmodSync(path, 0o755);
  }
  return { cwd: folder, env: { PATH: `${folder}${delimiter}/usr/bin${delimiter}/bin` } };
}
