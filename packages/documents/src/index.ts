export { wasAnswered } from './answers.js';
export type { Answer, Command, CommandOptions } from './carry-out.js';
export { carryOut, carryOutOne } from './carry-out.js';
export type { EarlierAnswer } from './earlier-answers.js';
export { EarlierAnswers } from './earlier-answers.js';
export { inChunks } from './in-chunks.js';
export { pages } from './pages.js';
export type { Step, WorkerOptions } from './worker.js';
export { Worker } from './worker.js';
