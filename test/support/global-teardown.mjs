/** After the last test with services: see global-setup.mjs. */
export default async function tearDown() {
  const { leave } = await import('./test-stack.ts');
  await leave();
}
