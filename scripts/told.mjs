/** A failure of set-up that tells its reader what to do: shown without a stack. */
export class Told extends Error {}

/** A failure as people read it. */
export function tell(error) {
  if (error instanceof Told) return `error: ${error.message}`;
  if (error?.name !== 'Problem') return `error: ${error?.stack ?? error}`;
  const { what, why, next } = error.told;
  const steps = next.map((step, i) => `  ${i === 0 ? 'next' : '    '}   ${i + 1}. ${step}`);
  return [`error: ${what}`, ...(why ? [`  why    ${why}`] : []), ...steps].join('\n');
}
