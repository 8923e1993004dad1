export { benchColumns, benchText, stateText } from './bench-text.js';
export { enumWords } from './enum-name.js';
export type { RuleName } from './leak-view.js';
export { leakColumns, leakView, RULE_NAMES, ruleName, RULES } from './leak-view.js';
export {
  benchView,
  leaseView,
  queuedView,
  requestView,
  requirementText,
  reservationView,
  stateName,
  waitReasonText,
} from './lease-views.js';
export { poolColumns } from './pool-columns.js';
export { poolFacts, poolStateText, poolView } from './pool-view.js';
export { printable, printableLines, writeLine } from './printable.js';
export { queueColumns } from './queue-columns.js';
export type { Cells, Column } from './table.js';
export { cellsText, cut, factsText, tableCells, tableText } from './table.js';
export { clockText, sinceText, spanText, untilText } from './time-text.js';
export type { Wall } from './zoned-text.js';
export { wallIn, zonedText } from './zoned-text.js';
