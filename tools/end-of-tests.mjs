// In each process that runs a test file, after its last test: whatever keeps it alive is a failure that says what it is.
// ava itself waits: for three minutes, or for ever where a test had asked for more time (its timer is not set again).
const GRACE_MS = 30_000;

export default async function endOfTests() {
  const { registerCompletionHandler } = await import('ava');
  registerCompletionHandler(() => {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(', ');
      console.error(`still open ${String(GRACE_MS / 1000)} s after the last test: ${open}`);
      process.exit(1);
    }, GRACE_MS).unref();
  });
}
