import type { Rule } from './rule.js';
import dataChangedByCode from './data-changed-by-code.js';
import downgradeLosesData from './downgrade-loses-data.js';
import downgradeMissing from './downgrade-missing.js';
import measuredRewrite from './measured-rewrite.js';
import measuredRowsChanged from './measured-rows-changed.js';
import measuredStrongerLock from './measured-stronger-lock.js';
import measuredValuesLost from './measured-values-lost.js';
import nextReleaseBreaks from './next-release-breaks.js';
import notAnalysable from './not-analysable.js';
import releaseMigratesItself from './release-migrates-itself.js';
import revisionEdited from './revision-edited.js';
import runningReleaseBreaks from './running-release-breaks.js';
import runningReleaseUses from './running-release-uses.js';
import typeLeftBehind from './type-left-behind.js';

/** Rules that no statement alone can tell: the plan finds them. By their risk. */
export const ofPlan = {
  veryHigh: [notAnalysable, dataChangedByCode, measuredRowsChanged, measuredValuesLost],
  high: [revisionEdited, runningReleaseBreaks, measuredStrongerLock, measuredRewrite],
  medium: [runningReleaseUses, nextReleaseBreaks, typeLeftBehind, downgradeLosesData],
  low: [downgradeMissing, releaseMigratesItself],
} satisfies Record<string, readonly Rule[]>;
