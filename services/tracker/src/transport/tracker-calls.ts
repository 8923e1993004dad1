import type { TrackerContext } from '../app/tracker-context.js';

/** What the handlers need. */
export interface HandlerDeps {
  /** What the use cases work with, once the service has started. */
  readonly context: () => TrackerContext;
}
