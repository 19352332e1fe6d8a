import type { GateRules } from './gate.js';
import type { Risk } from './risk.js';

/** What of the target's settings a gate needs, computed for one plan. Travels with the plan's summary. */
export interface GateSettings {
  approvals: number;
  requesterMayApprove: boolean;
  approvers: readonly string[];
  alone?: { minutesApart: number; typed: string };
  deadlineMinutes: number;
  reminderMinutes: number;
  /** Whether changes of this risk wait for a window. */
  hasWindow: boolean;
  /** Why a change of low risk does not run without people all the same, a line each; absent where it may. */
  notAutomatic?: readonly string[];
}

/** The part of the settings that is about people; see docs/configuration.md, `approval`. */
export interface ApprovalSettings {
  approvers: readonly string[];
  team: 'several' | 'one';
  minutesApart: number;
  /** How old a plan may be when its migration begins. */
  planAgeMinutes: number;
  deadlineMinutes: number;
  reminderMinutes: number;
  people: Readonly<Record<Risk, number>>;
  requesterMayApprove: boolean;
}

/**
 * Who must decide about a plan of this risk. At very high risk never the requester, unless the team is one person.
 *
 * @param notAutomatic - why one person must approve a low risk, too
 */
export function gateSettingsFor(
  risk: Risk,
  target: string,
  settings: ApprovalSettings,
  windows: Readonly<Record<Risk, readonly string[]>>,
  notAutomatic: readonly string[] = [],
): GateSettings {
  const { approvers, reminderMinutes, minutesApart, planAgeMinutes } = settings;
  // A decision about a plan that is too old to run would be of no use.
  const deadlineMinutes = Math.min(settings.deadlineMinutes, planAgeMinutes);
  const alone = settings.team === 'one' && settings.people[risk] > 1;
  return {
    approvals: Math.max(settings.people[risk], notAutomatic.length ? 1 : 0),
    requesterMayApprove: risk === 'very-high' ? settings.team === 'one' : settings.requesterMayApprove,
    approvers,
    ...(alone ? { alone: { minutesApart, typed: target } } : {}),
    deadlineMinutes,
    reminderMinutes: Math.min(reminderMinutes, deadlineMinutes / 2),
    hasWindow: windows[risk].length > 0,
    ...(notAutomatic.length ? { notAutomatic } : {}),
  };
}

export const rulesFrom = (settings: GateSettings, requester: string, manual: boolean): GateRules => ({
  approvals: settings.approvals,
  requester,
  requesterMayApprove: settings.requesterMayApprove,
  approvers: settings.approvers,
  ...(settings.alone ? { alone: settings.alone } : {}),
  manual,
});
