export type { Calendar, Placement, WallMs } from '../domain/time/calendar.js';
