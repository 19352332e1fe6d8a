import { setTimeout as wait } from 'node:timers/promises';
import { together } from './together.js';

const signal = new AbortController().signal;

it('gives both results', async () => {
  expect(
    await together(
      signal,
      async () => 1,
      async () => 'two',
    ),
  ).toEqual([1, 'two']);
});

it('when one fails the other is stopped and awaited, and the first failure is told', async () => {
  let ended = false;
  const other = async (stop: AbortSignal) => {
    await wait(10_000, undefined, { signal: stop }).catch(() => wait(20));
    ended = true;
    throw new Error('because it was stopped');
  };
  const both = together(signal, () => Promise.reject(new Error('the disk is full')), other);
  await expect(both).rejects.toThrow('the disk is full');
  expect(ended).toBe(true);
});

it('tells the reason when it was cancelled from outside', async () => {
  const outer = new AbortController();
  const sleep = (stop: AbortSignal) => wait(10_000, undefined, { signal: stop });
  const both = together(outer.signal, sleep, sleep);
  outer.abort(new Error('no longer wanted'));
  await expect(both).rejects.toThrow('no longer wanted');
});
