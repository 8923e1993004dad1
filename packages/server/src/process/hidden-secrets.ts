/** A path of a file of tokens is none (`auth.tokens`, `auth.ownTokenFile`). */
const SECRET_KEY = /password|secret|token(?!s$|file$)|apikey|api_key/i;
const URL_PASSWORD = /^([a-z][a-z0-9+.-]*:\/\/[^:@/]*:)[^@/]+@/i;

/** A copy of a configuration to be shown: values under secret keys, and passwords in URLs, are hidden. */
export function hideSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(URL_PASSWORD, '$1[hidden]@');
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) && inner !== undefined ? '[hidden]' : hideSecrets(inner),
    ]),
  );
}
