import { BerthError, didYouMean } from '@berth/kernel';
import type { FastifyInstance } from 'fastify';

interface KnownRoute {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** The routes of a server: what it says of a path or a method that it does not have. */
export class KnownRoutes {
  readonly #routes = new Map<string, KnownRoute>();
  /** Paths that a route with a wildcard serves, as people write them: `/v1/benches/{name}`. */
  readonly paths: string[] = [];

  /** Watches the routes that are registered from now on. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      if (isOpenEnded(url)) return;
      const route = this.#routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const each of [method].flat()) route.methods.add(each.toUpperCase());
      this.#routes.set(url, route);
    });
  }

  /** The error for a request that no route takes: METHOD_NOT_ALLOWED, or NO_SUCH_PATH with the nearest path. */
  missing(method: string, path: string): BerthError {
    const methods = this.methodsOf(path);
    return methods.length > 0 ? methodNotAllowed(method, path, methods) : noSuchPath(path, this.#allPaths());
  }

  /** The methods that a path takes. */
  methodsOf(path: string): readonly string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.#routes.values()) {
      if (pattern.test(path)) for (const each of methods) found.add(each);
    }
    return [...found].sort();
  }

  #allPaths(): readonly string[] {
    return [...[...this.#routes.keys()].filter((url) => !url.includes('*')), ...this.paths];
  }
}

/** The error for a path that takes other methods; over HTTP 405, with these in the header Allow. */
export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): BerthError {
  const list = allowed.join(', ');
  return new BerthError('METHOD_NOT_ALLOWED', `${shown(path)} does not take ${method}; it takes ${list}.`, {
    metadata: { method, allow: list },
  });
}

/**
 * The error for a path that is not served, with the nearest of `known`, whose segments `:name` and `{name}` stand for
 * anything.
 */
export function noSuchPath(path: string, known: readonly string[]): BerthError {
  const near = didYouMean(path, [...new Set(known.map((each) => filled(each, path)))]);
  return new BerthError('NO_SUCH_PATH', `there is nothing at ${shown(path)}${near} docs/http.md lists all paths.`, {
    resource: { type: 'berth.dev/Path', name: shown(path) },
  });
}

function shown(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}

/** The known path with the segments of the asked one in place of its parameters. */
function filled(known: string, asked: string): string {
  const segments = asked.split('/');
  return known
    .split('/')
    .map((segment, i) => (isParameter(segment) ? (segments[i] ?? segment) : segment))
    .join('/');
}

/** Whether a path begins with what may be anything: it says nothing of what there is. */
function isOpenEnded(url: string): boolean {
  return /^\/[:*]/.test(url);
}

function isParameter(segment: string): boolean {
  return /^(:|\{[^}]*\}$)/.test(segment);
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return segment.split('*').map(literal).join('.*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

function literal(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
