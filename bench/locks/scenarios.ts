/** Who reads the table that is migrated. Milliseconds. */
export interface Scenario {
  name: 'S1' | 'S2' | 'S3';
  about: string;
  /** Readers at a time; they begin one after the other, evenly spread over one reading. */
  lanes: number;
  readMs: number;
  /** From the end of a reader to the next one of its lane. */
  gapMs: number;
  /** No reader begins later. */
  forMs: number;
}

const ONE_READER_MS = Number(process.env.READER_S ?? 30) * 1_000;
const READERS_FOR_MS = Number(process.env.READERS_S ?? 40) * 1_000;

export const scenarios: readonly Scenario[] = [
  {
    name: 'S1',
    about: `one reader holds ${ONE_READER_MS / 1_000} s`,
    ...{ lanes: 1, readMs: ONE_READER_MS, gapMs: 0, forMs: ONE_READER_MS },
  },
  {
    name: 'S2',
    about: `back-to-back 4 s readers with 0.3 s gaps, for ${READERS_FOR_MS / 1_000} s`,
    ...{ lanes: 1, readMs: 4_000, gapMs: 300, forMs: READERS_FOR_MS },
  },
  {
    name: 'S3',
    about: `three overlapping 4 s readers without a gap, for ${READERS_FOR_MS / 1_000} s`,
    ...{ lanes: 3, readMs: 4_000, gapMs: 0, forMs: READERS_FOR_MS },
  },
];
