/** The one that did something: a caller by name, or Berth itself. */
export interface Actor {
  readonly name: string;
  readonly kind: 'caller' | 'system';
}

/** Berth itself, for what no caller asked for. */
export const SYSTEM: Actor = { name: 'berth', kind: 'system' };

/** The one that gives a command, and whether it may act on what others hold. */
export interface By {
  readonly actor: Actor;
  readonly operator: boolean;
}
