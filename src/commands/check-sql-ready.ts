import { setFlagsFromString } from 'node:v8';

/**
 * Lets the parser load while the rest of the program still does. Its code is compiled once and quickly: compiling it
 * anew where it runs often pays off only after seconds, and takes a core from the program until then.
 */
export function parserSoon(): void {
  for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'])
    setFlagsFromString(flag);
  void import('../sql/parse.js').then(({ loadParser }) => loadParser());
}
