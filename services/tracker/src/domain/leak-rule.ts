/** The rule by which something counts as leaked; `ruleHolds` says what each one means. */
export type LeakRule = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7';

export const LEAK_RULES: readonly LeakRule[] = ['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7'];
