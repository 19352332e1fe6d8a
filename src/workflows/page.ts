import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { planOf, type RunRecord } from '../domain/record.js';
import { siteWord, stateWord } from '../domain/page.js';
import { pageText } from '../domain/page-text.js';
import { searchAttributes, type SearchAttributeName } from '../domain/search-attributes.js';

export const keys = Object.fromEntries(
  Object.keys(searchAttributes).map((name) => [
    name,
    defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  ]),
) as Record<
  SearchAttributeName,
  ReturnType<typeof defineSearchAttributeKey<typeof SearchAttributeType.KEYWORD>>
>;

/** What Temporal's pages show of a run: its runbook, its columns in the list, its outcome. */
export class Page {
  readonly #shown = new Map<SearchAttributeName, string | null>();

  show(record: RunRecord): void {
    setCurrentDetails(pageText(record));
    if (this.#attributesChanged(record)) this.#memo(record);
  }

  /**
   * Each upsert is an event in the history, so only what changed is sent. What is not known yet is taken away at
   * first: "Start Workflow Like This One" of the Web UI hands on what the run before came to.
   */
  #attributesChanged(record: RunRecord): boolean {
    const plan = planOf(record);
    const now: [SearchAttributeName, string | undefined][] = [
      ['LockkeeperTarget', record.target],
      ['LockkeeperState', stateWord(record)],
      ['LockkeeperRelease', plan?.release],
      ['LockkeeperRisk', plan?.risk],
      ['LockkeeperPlan', plan?.planHash.slice(0, 12)],
      ['LockkeeperSite', siteWord(record)],
    ];
    const changed = now.flatMap(([name, value = null]) =>
      this.#shown.get(name) === value ? [] : [{ key: keys[name], value }],
    );
    for (const { key, value } of changed) this.#shown.set(key.name as SearchAttributeName, value);
    if (changed.length) upsertSearchAttributes(changed);
    return changed.length > 0;
  }

  #memo(record: RunRecord): void {
    if (!['running', 'waiting'].includes(record.outcome)) upsertMemo({ outcome: record.outcome });
  }
}
