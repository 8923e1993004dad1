/**
 * What arrives together, together: each batch has the messages that were there within one turn of the event loop, at most
 * `most`. Ends with the source, or throws the reason of `stop` when it aborts.
 */
export async function* batches<T>(
  source: AsyncIterable<T>,
  most: number,
  stop: AbortSignal,
): AsyncGenerator<readonly T[], void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let next = take(iterator);
  for (;;) {
    const first = await unlessStopped(next, stop);
    if (first.done === true) return;
    const batch = [first.value];
    next = take(iterator);
    while (batch.length < most) {
      const more = await Promise.race([next, turn()]);
      if (more === undefined || more.done === true) break;
      batch.push(more.value);
      next = take(iterator);
    }
    yield batch;
  }
}

/** Its rejection is seen when the message is waited for; until then nobody looks at it. */
function take<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T, unknown>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}

function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(undefined);
    });
  });
}

/**
 * The promise's value, or a throw of the signal's reason when it aborts first. Nothing is left on the signal: racing one
 * promise of the stream's whole life would keep a reaction on it for each batch.
 */
function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const settle = (): void => {
      signal.removeEventListener('abort', stop);
      resolve(promise);
    };
    promise.then(settle, settle);
  });
}
