/** How long one migration may keep others waiting, and how long it has. Milliseconds. */
export class Stall {
  readonly budgetMs: number;
  #stalledMs = 0;
  #waitedMs = 0;

  constructor(budgetMs: number) {
    this.budgetMs = budgetMs;
  }

  get stalledMs(): number {
    return Math.round(this.#stalledMs);
  }

  /** What may still be spent. */
  get leftMs(): number {
    return Math.max(0, Math.floor(this.budgetMs - this.#stalledMs));
  }

  /** How long it waited for others, with nobody behind it, too. */
  get waitedMs(): number {
    return Math.round(this.#waitedMs);
  }

  /** Others may have waited for so long. */
  spend(ms: number): void {
    this.#stalledMs += ms;
    this.#waitedMs += ms;
  }

  /** It waited, and nobody waited for it. */
  wait(ms: number): void {
    this.#waitedMs += ms;
  }
}
