import { existsSync } from 'node:fs';
import { leftOut, patterns, SECONDS } from './support/in-turns.mjs';

const names = Object.keys(SECONDS);

it('names files that are there', () => {
  expect(names.filter((name) => !existsSync(new URL(`./${name}.test.ts`, import.meta.url)))).toEqual([]);
});

it('draws others for another seed, the same for the same, and each of them some time', () => {
  expect(leftOut('1')).toEqual(leftOut('1'));
  const runs = Array.from({ length: 600 }, (_, seed) => leftOut(String(seed)).out);
  expect(names.filter((name) => runs.every((out) => out.includes(name)))).toEqual([]);
  expect(names.filter((name) => runs.every((out) => !out.includes(name)))).toEqual([]);
});

it('leaves out a file by its whole name', () => {
  const [pattern] = patterns(['end-to-end/demo']).map((text) => new RegExp(text));
  expect(pattern!.test('/clone/test/end-to-end/demo.test.ts')).toBe(true);
  expect(pattern!.test('/clone/test/end-to-end/other-demo.test.ts')).toBe(false);
});
