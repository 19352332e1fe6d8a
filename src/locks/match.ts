import type { Actor } from './actors.js';
import type { ShapeName } from './model/index.js';
import type { Role } from './shape.js';

/** A shape of the model that a statement has, and who plays which role in it. */
export interface Match {
  shape: ShapeName;
  actors: Partial<Record<Role, readonly Actor[]>>;
  /** What a catalog would tell, and would change the verdict; one sentence each, lower case. */
  unsure?: readonly string[];
  fails?: Failure;
}

/** Why it fails for certain, on which majors. */
export interface Failure {
  why: string;
  from?: number;
  until?: number;
}

export const matched = (
  shape: ShapeName,
  actors: Match['actors'],
  more: Omit<Match, 'shape' | 'actors'> = {},
): Match => Object.assign({ shape, actors }, more);
