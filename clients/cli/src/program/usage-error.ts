/** Wrong input that was noticed before a server was asked; exit code 64. `next` says what to do. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly next?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
