import type { PathTemplate, PathVariable } from './path-template.js';
import type { RawPath } from './raw-path.js';
import { cutPath, decodeButSlashes } from './raw-path.js';

/** What a method and a path lead to. */
export type Found<T> =
  | {
      readonly kind: 'route';
      readonly target: T;
      readonly variables: readonly (readonly [field: string, text: string])[];
    }
  /** The path is served with other methods only. */
  | { readonly kind: 'wrong_method'; readonly allowed: readonly string[] }
  | { readonly kind: 'nothing' };

interface Route<T> {
  readonly template: PathTemplate;
  readonly target: T;
}

/** The routes that end at one place, by verb (empty = none) and by method. */
type Ends<T> = Map<string, Map<string, Route<T>>>;

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  any: Node<T> | undefined;
  readonly ends: Ends<T>;
  /** The routes that have `**` from here on. */
  readonly rest: Ends<T>;
}

/** Routes by path templates. Of several that match a path, the one that is literal where the others are not wins. */
export class RouteTable<T> {
  readonly #root = emptyNode<T>();
  readonly #templates: PathTemplate[] = [];

  /** Adds a route. Throws Error when another has the same method and matches the same paths. */
  add(method: string, template: PathTemplate, target: T): void {
    let node = this.#root;
    let ends = node.ends;
    for (const segment of template.segments) {
      if (segment.kind === 'rest') ends = node.rest;
      else {
        node = segment.kind === 'any' ? (node.any ??= emptyNode()) : childOf(node, segment.text);
        ends = node.ends;
      }
    }
    const byMethod = ends.get(template.verb) ?? new Map<string, Route<T>>();
    const other = byMethod.get(method);
    if (other !== undefined) throw new Error(`${method} ${template.text} and ${other.template.text} are one route`);
    ends.set(template.verb, byMethod.set(method, { template, target }));
    this.#templates.push(template);
  }

  /** Looks up a path as it came (percent-encoded, without a query). Throws MALFORMED_REQUEST for bad percent-encoding. */
  find(method: string, path: string): Found<T> {
    const raw = cutPath(path);
    const allowed = new Set<string>();
    // A colon in a name is `%3A` where it could be taken for a verb: a verb that is served goes first.
    const route =
      (raw.verb === undefined ? undefined : this.#walk(method, raw, raw.verb, allowed)) ??
      this.#walk(method, raw, '', allowed);
    if (route !== undefined) {
      const variables = route.template.variables.map((one) => [one.field, textOf(one, raw, route.template)] as const);
      return { kind: 'route', target: route.target, variables };
    }
    return allowed.size === 0 ? { kind: 'nothing' } : { kind: 'wrong_method', allowed: [...allowed].sort() };
  }

  /** The other paths that could have been meant: each template of as many segments, its variables filled from the path. */
  candidates(path: string): readonly string[] {
    const { segments, verb, last } = cutPath(path);
    return this.#templates
      .filter(({ segments: wanted }) => wanted.length === segments.length)
      .map((template) => {
        const own = [...segments.slice(0, -1), template.verb === '' || verb === undefined ? segments.at(-1) : last];
        const parts = template.segments.map((wanted, i) => (wanted.kind === 'literal' ? wanted.text : (own[i] ?? '')));
        return `/${parts.join('/')}${template.verb === '' ? '' : `:${template.verb}`}`;
      })
      .filter((candidate) => candidate !== path);
  }

  #walk(method: string, raw: RawPath, verb: string, allowed: Set<string>): Route<T> | undefined {
    const { decoded, lastDecoded } = raw;
    const length = decoded.length;
    const texts = (i: number): string => (verb !== '' && i === length - 1 ? lastDecoded : (decoded[i] ?? ''));
    const pick = (ends: Ends<T>): Route<T> | undefined => {
      const byMethod = ends.get(verb);
      if (byMethod === undefined) return undefined;
      for (const one of byMethod.keys()) allowed.add(one);
      return byMethod.get(method);
    };
    const visit = (node: Node<T>, i: number): Route<T> | undefined => {
      if (i === length) return pick(node.ends) ?? pick(node.rest);
      const text = texts(i);
      const literal = node.literals.get(text);
      return (
        (literal === undefined ? undefined : visit(literal, i + 1)) ??
        (node.any === undefined || text === '' ? undefined : visit(node.any, i + 1)) ??
        pick(node.rest)
      );
    };
    return visit(this.#root, 0);
  }
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), any: undefined, ends: new Map(), rest: new Map() };
}

function childOf<T>(node: Node<T>, text: string): Node<T> {
  const child = node.literals.get(text) ?? emptyNode<T>();
  node.literals.set(text, child);
  return child;
}

function textOf({ from, count, several }: PathVariable, raw: RawPath, { verb, segments }: PathTemplate): string {
  const hasVerb = verb !== '';
  if (!several) return hasVerb && from === raw.decoded.length - 1 ? raw.lastDecoded : (raw.decoded[from] ?? '');
  const own = hasVerb ? [...raw.segments.slice(0, -1), raw.last] : raw.segments;
  const end = segments.at(from + count - 1)?.kind === 'rest' ? own.length : from + count;
  return own.slice(from, end).map(decodeButSlashes).join('/');
}
