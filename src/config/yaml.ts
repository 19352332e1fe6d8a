import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLError,
} from 'yaml';
import type { SettingPath } from './faults.js';

/** A file's settings as they were given, and the line that each stands on. */
export interface Given {
  value: unknown;
  /** Line of a setting, from 1; of what is nearest above it when it is not there. */
  lineOf(path: SettingPath): number;
}

/** Reads YAML. @returns what is wrong with it as text, a line each, when it is not YAML */
export function readYaml(text: string): Given | { faults: string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  if (document.errors.length) return { faults: document.errors.map(yamlFault) };
  try {
    return { value: document.toJS(), lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    return { faults: [(error as Error).message] };
  }
}

/** Where the name of a setting stands, or an entry of a list. */
function lineOf(document: Document, lines: LineCounter, path: SettingPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const pair = isMap(node)
      ? node.items.find(({ key: name }) => isScalar(name) && name.value === key)
      : undefined;
    const place = pair ? pair.key : isSeq(node) ? node.items[Number(key)] : undefined;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    node = pair ? pair.value : place;
  }
  return lines.linePos(offset).line;
}

/** The parser's words without the picture of the line, which may hold a secret. */
function yamlFault({ code, message, linePos }: YAMLError): string {
  const words = code === 'DUPLICATE_KEY' ? 'the same setting is given twice' : message.split('\n')[0]!;
  const place = linePos ? `line ${linePos[0].line}, column ${linePos[0].col}: ` : '';
  return place + words.replace(/ at line \d+, column \d+:?$/, '').replace(/:$/, '');
}
