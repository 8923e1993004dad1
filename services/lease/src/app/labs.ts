import type { OpenLab } from './open-lab.js';

/** The labs of this process, each opened when it is first asked for. */
export class Labs {
  readonly #open: (name: string) => Promise<OpenLab>;
  readonly #labs = new Map<string, Promise<OpenLab>>();

  /** `open` makes and opens a lab. */
  constructor(open: (name: string) => Promise<OpenLab>) {
    this.#open = open;
  }

  /** The lab, once it is open. One that can't be opened is tried again at the next call. */
  get(name: string): Promise<OpenLab> {
    const known = this.#labs.get(name);
    if (known !== undefined) return known;
    const lab = this.#open(name);
    this.#labs.set(name, lab);
    lab.catch(() => this.#labs.delete(name));
    return lab;
  }

  /** Closes them all. */
  async close(): Promise<void> {
    const labs = await Promise.allSettled(this.#labs.values());
    this.#labs.clear();
    for (const lab of labs) if (lab.status === 'fulfilled') await lab.value.close();
  }
}
