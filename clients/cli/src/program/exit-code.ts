/** What the exit code of `berth` means; `berth run` otherwise exits with the command's own. After sysexits.h. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 64,
  UNAVAILABLE: 69,
  TRY_LATER: 75,
  NOT_PERMITTED: 77,
  INTERRUPTED: 130,
  KILLED: 137,
} as const;
