export type { TrackerConfig } from './config.js';
export { trackerConfigSchema } from './config.js';
