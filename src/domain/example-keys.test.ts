import { shownKeys } from './example-keys.js';

it('numbers, dates and UUIDs are shown, of other texts the start', () => {
  const keys = [
    '4711',
    '2026-11-26',
    '7b1f3c9e-2a41-4c55-9f57-0d1c2b3a4f5e',
    'ana@example.com',
    '(7,ana@example.com)',
    '(x)',
  ];
  expect(shownKeys(keys)).toBe('4711, 2026-11-26, 7b1f3c9e-2a41-4c55-9f57-0d1c2b3a4f5e, ana…, (7,ana…), (x)');
});
