import { z } from 'zod';
import { settingsSchema } from './schema.js';

interface Part {
  description?: string;
  properties?: Record<string, Part>;
  items?: Part;
  additionalProperties?: Part | false;
}

/** Paths of all settings that say nothing of themselves. */
function silent(part: Part, at = ''): string[] {
  const named = Object.entries(part.properties ?? {}).flatMap(([name, inner]) => [
    ...(inner.description || name === '$schema' ? [] : [`${at}${name}`]),
    ...silent(inner, `${at}${name}.`),
  ]);
  const inner = [part.items, part.additionalProperties].filter((each) => typeof each === 'object');
  return [...named, ...inner.flatMap((each) => silent(each, `${at}*.`))];
}

it('says of every setting what it means, for editors and for the page of settings', () => {
  expect(silent(z.toJSONSchema(settingsSchema, { io: 'input' }) as Part)).toEqual([]);
});
