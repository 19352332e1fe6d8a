import type { RunRecord } from '../domain/record.js';
import { recoveryText } from './recovery.js';

const restore = {
  ...{
    formatVersion: 1,
    kind: 'restore',
    target: 'shop',
    workflowId: 'lockkeeper:shop',
    runId: '0198ab12-0000-7000-8000-00123456789a',
  },
  ...{ steps: [], outcome: 'done' },
  facts: [
    { at: '2026-11-26T10:02:00.000Z', kind: 'requested', by: 'ana', words: 'restore the backup b1' },
    { at: '2026-11-26T10:04:00.000Z', kind: 'said', message: 'approve', by: 'bo', via: 'update' },
    {
      at: '2026-11-26T10:05:00.000Z',
      kind: 'finished',
      step: 'swap',
      note: 'as of the backup | kept as old',
    },
  ],
} as unknown as RunRecord;

describe('a recovery report', () => {
  const stop = {
    at: '2026-11-26T10:01:00.000Z',
    by: 'ana',
    what: 'close the site',
    came: 'closed',
    ok: true,
  };
  const failed = { at: '2026-11-26T10:03:00.000Z', by: 'ana', what: 'stop', came: 'exit code 1', ok: false };
  const text = recoveryText({
    ...{ target: 'shop', at: '2026-11-26T11:00:00.000Z' },
    ...{ emergency: [failed, stop], records: [restore] },
  });

  it('has one time line of what people and runs did, in order', () => {
    const when = [...text.matchAll(/^\| (2026\S+ \S+) \| (.*) \| (.*) \|$/gm)].map(([, at, who, what]) => [
      at!.slice(11),
      who,
      what,
    ]);
    expect(when).toEqual([
      ['10:01:00', 'ana', 'close the site: closed'],
      ['10:02:00', 'restore 3456789a', 'asked for by ana: restore the backup b1'],
      ['10:03:00', 'ana', 'stop: FAILED: exit code 1'],
      ['10:04:00', 'restore 3456789a', 'bo: approve'],
      ['10:05:00', 'restore 3456789a', 'swap: as of the backup \\| kept as old'],
    ]);
  });

  it('says what was restored and by whom it was approved, and leaves the rest to people', () => {
    expect(text).toMatch(/ended as \*\*done\*\*[\s\S]*Restored: as of the backup[\s\S]*Approved by bo/);
    expect(text).toMatch(/## Root cause\n\n\*To be filled in/);
  });
});
