import type { Finding } from '../domain/plan.js';
import { sarif } from '../report/sarif.js';
import { rules } from '../rules/catalogue.js';
import { version } from './version.js';

/** Findings as SARIF, with what the catalogue says of their rules. */
export const sarifOf = (findings: readonly Finding[]): string =>
  sarif(
    findings,
    rules.map(({ id, effect, risk, instead: { says } }) => ({ id, effect, risk, says })),
    version(),
  );
