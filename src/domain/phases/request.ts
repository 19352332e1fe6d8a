import { isChangeName } from '../phased.js';
import type { PhaseName, PlannedChange } from './settings.js';
import type { PhasesStatus } from './status.js';

/** What the workflow `phases` takes. */
export interface PhasesRequest {
  target: string;
  /** Name of the change: what the comments of its revisions say. */
  change: string;
  /** What a change file says of it besides its name: docs/phases.md. */
  settings?: Readonly<Record<string, unknown>>;
  requestedBy?: string;
  /** Of itself, after a continue-as-new. */
  carried?: PhasesCarried;
}

/** What one run hands to the next. */
export interface PhasesCarried {
  plan: PlannedChange;
  status: PhasesStatus;
  paused: boolean;
  /** After going back a phase: nothing is begun before somebody says so. */
  hold: boolean;
  /** The phase whose `go` was said, and why it begins although something speaks against it. */
  went?: PhaseName;
  overruled?: string;
}

/** It lives beside the target's run: each phase that changes something is a run under the target's one id. */
export const phasesIdOf = (target: string, change: string): string => `lockkeeper:${target}:phases:${change}`;

const keys = ['target', 'change', 'settings', 'requestedBy', 'carried'];
const example = '{"target":"shop","change":"orders-note-remark"}';
/** A workflow's input stays small. */
const MOST_CHARS = 20_000;

/** What is wrong with a request; null when it is well formed. Its settings are read by an activity. */
export function whyBadPhases(sent: unknown): string | null {
  if (!isObject(sent)) return `this takes one JSON object, such as ${example}`;
  const { target, change, settings, requestedBy } = sent;
  if (typeof target !== 'string' || !target) return `"target" is missing: this takes ${example}`;
  if (typeof change !== 'string' || !isChangeName(change))
    return '"change" must be 1 to 40 of a-z, 0-9 and . _ -, beginning with a letter or digit';
  const strange = Object.keys(sent).filter((key) => !keys.includes(key));
  if (strange.length) return `unknown: ${strange.join(', ')}; known are ${keys.slice(0, -1).join(', ')}`;
  if (requestedBy !== undefined && typeof requestedBy !== 'string') return '"requestedBy" must be a text';
  if (settings === undefined) return null;
  if (!isObject(settings)) return '"settings" must be what a change file says: docs/phases.md';
  return JSON.stringify(settings).length > MOST_CHARS
    ? `"settings" is longer than ${MOST_CHARS} characters`
    : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
