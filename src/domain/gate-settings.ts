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
}

/** The part of the settings that is about people; see docs/configuration.md, `approval`. */
export interface ApprovalSettings {
  approvers: readonly string[];
  team: 'several' | 'one';
  minutesApart: number;
  deadlineMinutes: number;
  reminderMinutes: number;
  people: Readonly<Record<Risk, number>>;
  requesterMayApprove: boolean;
}

/** Who must decide about a plan of this risk. At very high risk never the requester, unless the team is one person. */
export function gateSettingsFor(
  risk: Risk,
  target: string,
  settings: ApprovalSettings,
  windows: Readonly<Record<Risk, readonly string[]>>,
): GateSettings {
  const { approvers, deadlineMinutes, reminderMinutes, minutesApart } = settings;
  const alone = settings.team === 'one' && settings.people[risk] > 1;
  return {
    approvals: settings.people[risk],
    requesterMayApprove: risk === 'very-high' ? settings.team === 'one' : settings.requesterMayApprove,
    approvers,
    ...(alone ? { alone: { minutesApart, typed: target } } : {}),
    deadlineMinutes,
    reminderMinutes: Math.min(reminderMinutes, deadlineMinutes / 2),
    hasWindow: windows[risk].length > 0,
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
