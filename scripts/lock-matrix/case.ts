/** One statement to be measured. */
export interface Case {
  /** Unique: the statement, and what was done before it. */
  id: string;
  from: number;
  until: number;
  /** Run and committed before, in the same session, so that settings of the session stay. */
  setup?: string;
  sql: string;
}

/** `[majors, statement, what is done before it]`: `11-18`, `14-`, `18`. */
export type CaseLine = readonly [majors: string, sql: string, setup?: string];

export const casesOf = (lines: readonly CaseLine[]): Case[] =>
  lines.map(([majors, sql, setup]) => {
    const [from = 11, until = majors.endsWith('-') ? 18 : from] = majors
      .split('-')
      .filter(Boolean)
      .map(Number);
    return {
      id: setup === undefined ? sql : `${setup}; => ${sql}`,
      from,
      until,
      sql,
      ...(setup === undefined ? {} : { setup }),
    };
  });

/** Statements that refuse to run inside of a transaction; they are watched from a second session. */
export const runsAlone = (sql: string): boolean =>
  /\bconcurrently\b(?!.*\bmv\b)/i.test(sql) ||
  /^\s*vacuum\b|^\s*reindex (schema|database|system)\b|^\s*cluster\s*$/i.test(sql);
