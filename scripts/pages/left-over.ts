import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './page.js';

/** Folders in which every page is generated. */
const folders = ['docs/rules'];

/** Pages of things that are no more, such as a rule that was renamed. */
export const leftOver = (root: string, pages: readonly Page[]): string[] =>
  folders
    .flatMap((folder) =>
      existsSync(join(root, folder))
        ? readdirSync(join(root, folder)).map((file) => `${folder}/${file}`)
        : [],
    )
    .filter((path) => !pages.some((page) => page.path === path));
