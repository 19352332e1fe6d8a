/** What was seen of a folder: relative paths, with the text of those files that can tell something. */
export interface ProjectFiles {
  /** Name of the folder itself. */
  folder: string;
  paths: readonly string[];
  texts: Readonly<Record<string, string>>;
}

export const has = ({ paths }: ProjectFiles, path: string): boolean => paths.includes(path);

/** Texts of the files whose path matches, nearest to the top first. */
export const textsOf = ({ texts }: ProjectFiles, pattern: RegExp): [path: string, text: string][] =>
  Object.entries(texts)
    .filter(([path]) => pattern.test(path))
    .sort(([a], [b]) => depth(a) - depth(b) || a.localeCompare(b));

export const depth = (path: string): number => path.split('/').length;

/** The folder of a file, `.` for one at the top. */
export const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/') || '.';
