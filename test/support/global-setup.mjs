/** Before the first test with services. The servers themselves are started by the first test that wants them. */
import { register } from 'node:module';

export default async function setUp() {
  register('../../scripts/ts-loader.mjs', import.meta.url);
  const { enter } = await import('./test-stack.ts');
  await enter();
}
