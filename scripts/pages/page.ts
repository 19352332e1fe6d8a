/** A generated page: its path from the root of the project, and all of its text. */
export interface Page {
  path: string;
  text: string;
}

/** Makes some of the pages from the sources they tell of. */
export type Producer = () => readonly Page[];
