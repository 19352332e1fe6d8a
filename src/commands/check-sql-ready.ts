import { setFlagsFromString } from 'node:v8';

const flags = [
  ...['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'],
  '--interrupt-budget=1000000',
];

/**
 * Lets the parser load while the rest of the program still does. Its code is compiled once and quickly: compiling it
 * anew where it runs often pays off only after seconds, and takes a core from the program until then. For the same reason
 * the program's own code is optimised later than Node.js would: a third less work for 1,000 files.
 */
export function parserSoon(): void {
  for (const flag of flags) setFlagsFromString(flag);
  void import('../sql/parse.js').then(({ loadParser }) => loadParser());
}
