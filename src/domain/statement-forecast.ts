/** How long one statement takes, told from the sizes of tables. It is no part of a plan's hash: sizes change by themselves. */
export interface StatementForecast {
  /** Between the fastest and the slowest that is likely. */
  seconds: readonly [low: number, high: number];
  /** More than is in use now, until the transaction ends. */
  diskBytes: number;
  walBytes: number;
  /** What it is told from: sizes, and how fast the server was seen or assumed to be. */
  from: string;
}
