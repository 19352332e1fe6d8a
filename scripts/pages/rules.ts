import { risks, type Risk } from '../../src/domain/risk.js';
import { rules } from '../../src/rules/catalogue.js';
import type { Rule } from '../../src/rules/rule.js';
import type { Page } from './page.js';

const written = '<!-- Written by `npm run docs` from src/rules; change the rule, not this page. -->';
const names: Record<Risk, string> = { low: 'Low', medium: 'Medium', high: 'High', 'very-high': 'Very high' };

/** A page a rule, and the list of all of them. */
export const rulePages = (): Page[] => [
  { path: 'docs/rules/README.md', text: list() },
  ...rules.map((rule) => ({ path: `docs/rules/${rule.id}.md`, text: page(rule) })),
];

const list = (): string => `${written}

# Rules

What \`lockkeeper check\` looks for. The risk of a plan is the highest of its findings; what no rule
knows, and what cannot be read, is of very high risk.
${risks.toReversed().map(section).join('')}`;

function section(risk: Risk): string {
  const rows = rules
    .filter((rule) => rule.risk === risk)
    .map((rule) => `| [${rule.id}](${rule.id}.md) | ${rule.effect} |`);
  return `\n## ${names[risk]} risk\n\n| rule | what happens |\n|---|---|\n${rows.join('\n')}\n`;
}

const page = (rule: Rule): string => `${written}

# ${rule.id}

**${names[rule.risk]} risk.** ${rule.effect}

- Blocks: ${rule.blocks}.
- Data: ${rule.dataLoss ? 'rows or values may be lost.' : 'nothing is lost.'}
- Running release: ${rule.breaksRunning ? 'may fail once this is done.' : 'goes on as before.'}

${
  rule.needs
    ? `With these in the database:

${code('sql', rule.needs)}

`
    : ''
}Found:

${code(rule.language ?? 'sql', rule.bad)}

Not found:

${code(rule.language ?? 'sql', rule.good)}

## Instead

${rule.instead.says}

${code('sql', rule.instead.sql)}

With Alembic:

${code('python', rule.instead.alembic)}
`;

const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
