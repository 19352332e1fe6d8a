import { Problem } from '../problem.js';

/** A release would not find the copy, and might find the live database. @param live - as `host:port/database` */
export const cellsWithoutWay = (live: string) =>
  new Problem('cells-without-way', {
    what: `the releases cannot be tried on the copy: no variable of rehearsal.cells.environment holds the URL of ${live}; the database itself is untouched`,
    next: [
      'set there what the application reads its database from, such as DATABASE_URL: ${DATABASE_URL}: it gets the URL of the copy in it',
      'or take rehearsal.cells out of lockkeeper.yaml: then the releases are not tried',
    ],
    retry: false,
  });
