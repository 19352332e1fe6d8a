import { z } from 'zod';
import { settingsSchema } from '../../src/config/schema.js';

/** The part of JSON Schema that our settings need. */
export interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  format?: string;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  required?: string[];
}

/** The settings as JSON Schema (https://json-schema.org/draft/2020-12), as they are written: with defaults left out. */
export const jsonSchema = (): Schema => z.toJSONSchema(settingsSchema, { io: 'input' }) as Schema;
