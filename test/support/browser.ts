import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Without these Chromium asks hosts of its maker at every start, and does not start as root. */
const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/**
 * Starts the Chromium of this machine, without a window and with a profile of its own.
 *
 * @throws Error in one sentence, when there is none
 */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(process.env), args: QUIET });
}

/** @returns what LOCKKEEPER_CHROMIUM names, or else the first of the usual programs in PATH */
export async function findChromium(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env['LOCKKEEPER_CHROMIUM'];
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = named ? [named] : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const file of found) if (await isProgram(file)) return file;
  throw new Error(
    named
      ? `LOCKKEEPER_CHROMIUM names no program: ${named}`
      : 'no Chromium in PATH for the test of the Web UI: install one (Debian: apt-get install chromium), ' +
          'or name it with LOCKKEEPER_CHROMIUM=/path/to/chromium',
  );
}

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
