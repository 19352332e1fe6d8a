import { existsSync } from 'node:fs';
import { drawn, patterns, NAMES as names, SECONDS, secondsFor } from './support/in-turns.mjs';

it('names files that are there', () => {
  expect(names.filter((name) => !existsSync(new URL(`./${name}.test.ts`, import.meta.url)))).toEqual([]);
});

it('draws others for another seed, the same for the same, and each of them some time', () => {
  expect(drawn('1', 300)).toEqual(drawn('1', 300));
  const seconds = 3 * Math.max(...Object.values(SECONDS));
  const runs = Array.from({ length: 600 }, (_, seed) => drawn(String(seed), seconds));
  expect(names.filter((name) => runs.every((told) => !told.includes(name)))).toEqual([]);
  expect(names.filter((name) => runs.every((told) => told.includes(name)))).toEqual([]);
});

it('draws what there is time for: half as much on a machine that is half as fast, none when it is late', () => {
  expect(secondsFor(200, 1)).toBe(600);
  expect(secondsFor(200, 2)).toBe(300);
  expect(secondsFor(-10, 1)).toBe(0);
  expect(drawn('1', 0)).toEqual([]);
  const of300 = drawn('1', 300).map((name) => SECONDS[name]!);
  expect(of300.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(300);
  expect(Math.max(...of300)).toBeLessThanOrEqual(100);
});

it('leaves out a file by its whole name', () => {
  const [pattern] = patterns(['end-to-end/demo']).map((text) => new RegExp(text));
  expect(pattern!.test('/clone/test/end-to-end/demo.test.ts')).toBe(true);
  expect(pattern!.test('/clone/test/end-to-end/other-demo.test.ts')).toBe(false);
});
