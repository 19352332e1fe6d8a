/** What did not do what it should: the start of a release, or a request to it. */
export interface CellFault {
  /** `start`, or the request as the settings name it. */
  request: string;
  why: string;
}

/** What came of one release on one schema: its faults; none where it passed. */
export type Cell = 'not tried' | readonly CellFault[];

/** The releases that run before and after the deploy, each on the schema before and after the migration. */
export interface Cells {
  /** Name of the release that runs now; null: not known. */
  running: string | null;
  next: string;
  runningOnOld: Cell;
  nextOnOld: Cell;
  runningOnNew: Cell;
  nextOnNew: Cell;
  /** Once more, when the next release has written to the new schema. */
  runningAfterNext: Cell;
}

export const notTried: Omit<Cells, 'running' | 'next'> = {
  ...{ runningOnOld: 'not tried', nextOnOld: 'not tried' },
  ...{ runningOnNew: 'not tried', nextOnNew: 'not tried', runningAfterNext: 'not tried' },
};

/** Requests that fail on the other schema and not on the release's own; null: nobody knows. */
export type Broken = readonly string[] | null;

/** What the cells mean for the order of things. As people approve it: without what differs from run to run. */
export interface CellsConclusion {
  running: string | null;
  next: string;
  /** Of the running release on the new schema: none, and the release may be deployed after the migration. */
  afterMigration: Broken;
  /** Of the next release on the old schema: none, and the release may be deployed before the migration. */
  beforeMigration: Broken;
  /** Of the running release where the next one has written: none, and the application alone can be rolled back. */
  rollbackAlone: Broken;
  /** Of the next release on its own schema. */
  nextItself: Broken;
}

/** Each diagonal is held against the release on its own schema: what fails there says nothing of the schema. */
export const concludedFrom = (cells: Cells): CellsConclusion => ({
  running: cells.running,
  next: cells.next,
  afterMigration: brokenIn(cells.runningOnNew, cells.runningOnOld),
  beforeMigration: brokenIn(cells.nextOnOld, cells.nextOnNew),
  rollbackAlone: brokenIn(cells.runningAfterNext, cells.runningOnOld),
  nextItself: brokenIn(cells.nextOnNew, cells.runningOnOld),
});

/** Without a start nothing was asked: then that is what fails. */
export const START = 'start';

function brokenIn(cell: Cell, control: Cell): Broken {
  if (cell === 'not tried' || control === 'not tried' || isDown(control)) return null;
  const known = new Set(control.map(({ request }) => request));
  return [...new Set(cell.map(({ request }) => request))].filter((request) => !known.has(request));
}

const isDown = (cell: readonly CellFault[]): boolean => cell.some(({ request }) => request === START);

const SHOWN = 3;

/** What approvers read of it, a line each. */
export function cellsTexts(conclusion: CellsConclusion): string[] {
  const { running, next, afterMigration, beforeMigration, rollbackAlone, nextItself } = conclusion;
  if (running === null)
    return [
      `Which release runs is not known: neither it nor ${next} was tried on both schemas (release.running)`,
    ];
  const of = (words: string, broken: Broken, then: readonly [string, string]) =>
    broken === null
      ? `${words}: not known, as it does not pass on its own schema`
      : broken.length
        ? `${words} fails (${shownRequests(broken)}): ${then[1]}`
        : `${words} passes: ${then[0]}`;
  return [
    of(`${running} on the new schema`, afterMigration, [
      'the release may be deployed after the migration',
      'after the migration nobody is served until the release is deployed',
    ]),
    of(`${next} on the old schema`, beforeMigration, [
      'the release may be deployed before the migration, too',
      'the release must not be deployed before the migration',
    ]),
    of(`${running} on what ${next} has written`, rollbackAlone, [
      'a rollback of the application alone is safe',
      'a rollback of the application alone is NOT safe: the schema has to go back, too',
    ]),
    ...(nextItself?.length ? [`${next} on its own schema FAILS (${shownRequests(nextItself)})`] : []),
  ];
}

/** The first of them. */
export const shownRequests = (requests: readonly string[]): string =>
  requests.length > SHOWN
    ? `${requests.slice(0, SHOWN).join(', ')} and ${requests.length - SHOWN} more`
    : requests.join(', ');

const MOST_FAULTS = 8;
const MOST_CHARACTERS = 160;

/** The cells small enough to travel. */
export function fewerFaults(cells: Cells): Cells {
  const few = (cell: Cell): Cell =>
    cell === 'not tried'
      ? cell
      : cell.slice(0, MOST_FAULTS).map(({ request, why }) => ({
          request: request.slice(0, MOST_CHARACTERS),
          why: why.slice(0, MOST_CHARACTERS),
        }));
  return {
    ...cells,
    ...{ runningOnOld: few(cells.runningOnOld), nextOnOld: few(cells.nextOnOld) },
    ...{ runningOnNew: few(cells.runningOnNew), nextOnNew: few(cells.nextOnNew) },
    runningAfterNext: few(cells.runningAfterNext),
  };
}
