import { sessionName, sessionPrefix } from './session-name.js';

it('names the sessions of each attempt so that the prefix finds all of them, and no name begins another', () => {
  expect(sessionName('lockkeeper:shop', 1)).toBe('lockkeeper:shop/1/');
  expect(sessionName('lockkeeper:shop', 12).startsWith(sessionName('lockkeeper:shop', 1))).toBe(false);
});

it('stays within what PostgreSQL keeps of a name, and still tells long ones apart', () => {
  const names = ['a', 'b'].map((end) => sessionName('x'.repeat(80) + end, '7'.repeat(40)));
  for (const name of names) expect(name.length).toBeLessThanOrEqual(63);
  expect(names[0]).not.toBe(names[1]);
  expect(sessionName('é', 1).startsWith(sessionPrefix('é'))).toBe(true);
  expect(sessionName('é', 1)).toMatch(/^[\x20-\x7e]+$/);
});
