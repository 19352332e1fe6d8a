import { fold } from './fold.js';

const STEP = '  done    rehearse                    4.0 s   the backup restored in 1.0 s and compared';

it('leaves a line alone that fits', () => expect(fold(STEP, 100)).toBe(STEP));

it('goes on behind the word that a step begins with', () =>
  expect(fold(STEP, 60)).toBe(
    '  done    rehearse                    4.0 s   the backup\n          restored in 1.0 s and compared',
  ));

it('goes on a little further to the right than a line that begins with nothing of the kind', () =>
  expect(fold('    one two three four', 15)).toBe('    one two\n      three\n      four'));

it('narrows the gap before what stands at the right', () =>
  expect(fold(`  nothing to warn of${' '.repeat(30)}low`, 40)).toBe(
    `  nothing to warn of${' '.repeat(17)}low`,
  ));

it('cuts no word, however long', () => {
  const path = `/${'a'.repeat(50)}`;
  expect(fold(`  done    back up   5 MiB in ${path}`, 40)).toBe(
    `  done    back up   5 MiB in\n          ${path}`,
  );
});
