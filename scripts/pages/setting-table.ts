import type { Schema } from './settings-schema.js';

/** Every setting of a schema once: path, type, default, meaning. */
export const settingTable = (schema: Schema): string =>
  ['| setting | type | default | meaning |', '|---|---|---|---|', ...rows(schema, '')].join('\n');

function rows(schema: Schema, at: string): string[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    row(part, at ? `${at}.${name}` : name, schema.required?.includes(name) ?? false),
  );
  const any = schema.additionalProperties;
  const entries = any && any.properties ? rows(any, `${at}.<name>`) : [];
  return [...named, ...entries, ...(schema.items?.properties ? rows(schema.items, `${at}[]`) : [])];
}

function row(schema: Schema, path: string, required: boolean): string[] {
  const own = `| \`${path}\` | ${typeOf(schema, path)} | ${defaultOf(schema, required)} | ${schema.description ?? ''} |`;
  return [own, ...rows(schema, path)];
}

function typeOf(schema: Schema, path: string): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (isCommand(schema)) return 'command';
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type }, path)).join(' or ');
  if (schema.anyOf) return schema.anyOf.map((each) => typeOf(each, path)).join(' or ');
  if (schema.type === 'string') return schema.format === 'uri' ? 'URL' : 'text';
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'object') return schema.properties ? 'settings' : 'settings by name';
  if (schema.type !== 'array') return unitOf(path) + rangeOf(schema);
  return schema.items?.properties ? 'list' : `list of ${typeOf(schema.items ?? {}, path)}s`;
}

/** A text or a list of texts: what the page calls a command. */
const isCommand = ({ anyOf }: Schema): boolean =>
  anyOf?.length === 2 && anyOf[0]?.type === 'string' && anyOf[1]?.items?.type === 'string';

const unitOf = (path: string): string =>
  path.endsWith('Seconds') ? 'seconds' : path.endsWith('Ms') ? 'milliseconds' : 'number';

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (maximum === undefined) return '';
  return minimum === undefined
    ? `, above ${exclusiveMinimum} up to ${maximum}`
    : `, ${minimum} to ${maximum}`;
}

function defaultOf(schema: Schema, required: boolean): string {
  if (required) return '**required**';
  const value = schema.default;
  if (
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  )
    return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
