import type { Finding } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';

/** What SARIF says of a rule besides its id. */
export interface RuleWords {
  id: string;
  effect: string;
  says: string;
  risk: Risk;
}

const levels: Record<Risk, 'note' | 'warning' | 'error'> = {
  low: 'note',
  medium: 'warning',
  high: 'error',
  'very-high': 'error',
};

/**
 * Findings in SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as GitHub's code scanning takes it.
 *
 * @param rules - of at least the findings' rules
 */
export function sarif(findings: readonly Finding[], rules: readonly RuleWords[], version: string): string {
  const ids = [...new Set(findings.map(({ rule }) => rule))];
  const driver = {
    name: 'Lockkeeper',
    semanticVersion: version,
    rules: ids.map((id) =>
      ruleOf(
        id,
        rules.find((rule) => rule.id === id),
      ),
    ),
  };
  return JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver },
          columnKind: 'utf16CodeUnits',
          invocations: [{ executionSuccessful: true }],
          results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.rule))),
        },
      ],
    },
    null,
    2,
  );
}

const ruleOf = (id: string, words: RuleWords | undefined) => ({
  id,
  ...(words
    ? {
        shortDescription: { text: words.effect },
        help: { text: `${words.says} In full: lockkeeper check --explain ${id}` },
        defaultConfiguration: { level: levels[words.risk] },
      }
    : {}),
});

function resultOf(finding: Finding, ruleIndex: number) {
  const { rule, risk, message, instead, file, line, statement, allowed, revision } = finding;
  const { relations, dataLoss, breaksRunning, evidence, unsure, raised } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[risk],
    message: { text: `${message}. Instead: ${instead}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          ...(line
            ? { region: { startLine: line, ...(statement ? { snippet: { text: statement } } : {}) } }
            : {}),
        },
      },
    ],
    ...(allowed ? { suppressions: [{ kind: 'inSource', justification: allowed.reason }] } : {}),
    properties: {
      ...{ risk, statement, relations, dataLoss, breaksRunning, evidence },
      ...(revision === undefined ? {} : { revision }),
      ...(unsure === undefined ? {} : { unsure }),
      ...(raised ? { raised: raised.reason, riskWithoutThat: raised.risk } : {}),
      ...(allowed ? { riskWithoutAllowance: allowed.risk } : {}),
    },
  };
}

/** A path as a URI: relative where it was. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
