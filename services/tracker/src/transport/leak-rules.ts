import { LeakRule } from '@berth/proto/berth/tracker/v1/allocation';
import type { LeakRule as Rule } from '../domain/index.js';

/** The rules by their short names. */
export const LEAK_RULE: Readonly<Record<Rule, LeakRule>> = {
  L1: LeakRule.INTENT_OVERDUE,
  L2: LeakRule.GROUP_FAILED,
  L3: LeakRule.PAST_END,
  L4: LeakRule.PARENT_GONE,
  L5: LeakRule.UNKNOWN_HERE,
  L6: LeakRule.MISSING_THERE,
  L7: LeakRule.DELETE_FAILED,
};
