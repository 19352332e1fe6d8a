import { parse } from '../../sql/parse.js';

const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/;
const plain = (sql: string): string => sql.replace(LEADING, '').replace(/[;\s]+$/, '');

/** What a revision is going to send, as far as it was rendered before: what it sends may be something else. */
export class Ahead {
  #texts: readonly string[] = [];
  #at = 0;

  /** @param sql - by revision, as the plan has it in the direction of this run; null: it cannot be rendered */
  constructor(private readonly sql: ReadonlyMap<string, string | null>) {}

  /** A revision begins: nothing is locked yet, so that reading its SQL keeps nobody waiting. */
  async revision(id: string): Promise<void> {
    const parts = await parse(this.sql.get(id) ?? '');
    this.#texts = parts.map(({ text }) => plain(text));
    this.#at = 0;
  }

  /** @returns what should come after this one; empty where it is not known */
  after(sent: string): readonly string[] {
    const found = this.#texts.indexOf(plain(sent), this.#at);
    if (found < 0) return [];
    this.#at = found + 1;
    return this.#texts.slice(this.#at);
  }
}
