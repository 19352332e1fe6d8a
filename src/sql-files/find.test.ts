import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../domain/problem.js';
import { sqlFiles } from './find.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-find-'));
  mkdirSync(join(folder, 'a', 'deep'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  for (const name of ['b.sql', 'a/2.sql', 'a/1.sql', 'a/deep/3.sql', 'a/note.txt', 'a/x+y.sql'])
    writeFileSync(join(folder, name), '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.sql'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const found = (...given: string[]) =>
  sqlFiles(given.map((name) => (name === '-' ? name : join(folder, name)))).map((file) =>
    file.replace(`${folder}/`, ''),
  );
const refused = (...given: string[]): string => {
  try {
    return `found ${found(...given).join()}`;
  } catch (error) {
    return (error as Problem).message.replaceAll(folder, '');
  }
};

it.each([
  ['a file', ['b.sql'], ['b.sql']],
  ['standard input', ['-'], ['-']],
  ['a folder: its *.sql, and those below', ['a'], ['a/1.sql', 'a/2.sql', 'a/deep/3.sql', 'a/x+y.sql']],
  ['a pattern that the shell left alone', ['a/?.sql'], ['a/1.sql', 'a/2.sql']],
  ['a pattern over folders', ['**/3.sql'], ['a/deep/3.sql']],
  ['a pattern with letters that mean something else', ['a/x+*.sql'], ['a/x+y.sql']],
  ['each once', ['a/1.sql', 'a', 'a/*.sql'], ['a/1.sql', 'a/2.sql', 'a/deep/3.sql', 'a/x+y.sql']],
  ['a file of any name', ['a/note.txt'], ['a/note.txt']],
])('finds %s', (_, given, expected) => expect(found(...given)).toEqual(expected));

it.each([
  ['a file that is not there', ['nix.sql', 'b.sql'], '/nix.sql: there is no such file'],
  ['a link to nowhere', ['dangling.sql'], '/dangling.sql: there is no such file'],
  ['a pattern that nothing fits', ['*.ddl'], '/*.ddl: nothing fits this pattern'],
  ['a folder without SQL', ['empty'], 'no file of SQL was found: /empty'],
])('refuses %s', (_, given, expected) => expect(refused(...given)).toContain(expected));

it('names all that is wrong at once', () => {
  expect(refused('nix.sql', '*.ddl')).toMatch(/2 files cannot be checked.*nix.sql.*ddl/s);
});
