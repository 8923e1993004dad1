export type { Calendar, Placement, WallMs } from '../domain/time/calendar.js';
export { RuleProblem } from '../domain/time/calendar.js';
