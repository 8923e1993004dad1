// The import rules of ARCHITECTURE.md, as errors. tests/house/import-rules.test.ts plants a violation of each one.
const TEST = String.raw`\.test\.ts$|^tests/|^bench/|[.-]fixture\.ts$|/simulation/|/conformance(/|\.ts$)`;
const COMMAND_USERS = String.raw`^services/(berthd/|[^/]+/src/(remote/|index\.ts$))`;
const DRIVERS = String.raw`node_modules/(ioredis|better-sqlite3|mongoose|mongodb|redlock)/`;

function forbid(name, comment, from, to) {
  return { name, severity: 'error', comment, from, to };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid(
      'no-cycles',
      'Modules form no cycle, imports of types included.',
      {},
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ['dynamic-import'] },
      },
    ),
    forbid(
      'no-unresolvable',
      'Every import can be resolved.',
      {},
      { couldNotResolve: true, pathNot: '^@berth/proto/' },
    ),
    forbid(
      'services-keep-apart',
      'No service imports another: services talk over gRPC with the generated client.',
      { path: '^services/([^/]+)/', pathNot: '^services/berthd/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    forbid(
      'only-berthd-imports-services',
      'berthd is the composition root: nothing else imports a service.',
      { pathNot: [String.raw`^services/`, TEST] },
      { path: '^services/' },
    ),
    forbid(
      'services-by-their-index',
      'berthd imports a service by its index only.',
      { path: '^services/berthd/' },
      { path: '^services/', pathNot: ['^services/berthd/', String.raw`^services/[^/]+/src/index\.ts$`] },
    ),
    forbid(
      'clients-know-the-wire-only',
      'Clients import no service, no storage and nothing of the server.',
      { path: '^clients/', pathNot: TEST },
      { path: '^(services|packages/(storage|server))/' },
    ),
    forbid(
      'cli-on-the-client-only',
      'The CLI is made of @berth/client, like any other program would be; its words and tables are those of @berth/views.',
      { path: '^clients/cli/', pathNot: TEST },
      { path: '^(services|packages|proto)/', pathNot: '^packages/views/' },
    ),
    forbid(
      'views-on-protos-only',
      'What people are shown is made of messages: views import the protos alone.',
      { path: '^packages/views/', pathNot: TEST },
      { pathNot: '^(packages/views|proto)/', dependencyTypesNot: ['core'] },
    ),
    forbid(
      'packages-below-services',
      'Packages and protos import no client.',
      { path: '^(packages|proto)/', pathNot: TEST },
      { path: '^clients/' },
    ),
    forbid(
      'drivers-in-storage',
      'Database drivers appear in packages/storage and services/*/src/store only, and where tests tidy up.',
      {
        pathNot: [
          String.raw`^packages/(storage|testkit)/`,
          String.raw`^services/[^/]+/src/store/`,
          '^(tests|bench)/',
          'node_modules',
        ],
      },
      { path: DRIVERS },
    ),
    forbid(
      'kernel-imports-nothing',
      'The kernel has no dependency but the hashes and random bytes of node:crypto.',
      { path: '^packages/kernel/', pathNot: TEST },
      { pathNot: ['^packages/kernel/', '^(node:)?crypto$'] },
    ),
    forbid(
      'commands-on-the-kernel-only',
      'packages/commands needs the kernel and Node.js only.',
      { path: '^packages/commands/', pathNot: TEST },
      { pathNot: '^packages/(commands|kernel)/', dependencyTypesNot: ['core'] },
    ),
    forbid(
      'commands-by-adapters',
      'Services start processes in remote/ and in what composes them; the rest sees a port.',
      { path: '^(packages|services|clients)/', pathNot: [TEST, '^packages/commands/', COMMAND_USERS] },
      { path: '^packages/commands/' },
    ),
    forbid(
      'documents-on-kernel-and-storage',
      'The documents package imports kernel and storage only.',
      { path: '^packages/documents/', pathNot: TEST },
      { pathNot: '^packages/(documents|kernel|storage)/', dependencyTypesNot: ['core'] },
    ),
    forbid(
      'documents-borrow-storage-types-only',
      'Documents work on any Collection: of storage they see types alone.',
      { path: '^packages/documents/', pathNot: TEST },
      { path: '^packages/storage/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'domain-is-pure',
      'The domain imports itself and the kernel: no documents, no proto, no zod, no driver, no Node.js.',
      { path: '^services/([^/]+)/src/domain/', pathNot: TEST },
      { pathNot: ['^services/$1/src/domain/', '^packages/kernel/'] },
    ),
    forbid(
      'app-knows-ports',
      'Use cases import domain, ports, kernel, and what they have in common in @berth/documents.',
      { path: '^services/([^/]+)/src/app/', pathNot: TEST },
      {
        pathNot: ['^services/$1/src/(app|domain|ports)/', '^packages/(kernel|documents)/'],
        dependencyTypesNot: ['core'],
      },
    ),
    forbid(
      'ports-are-interfaces',
      'Ports import domain, kernel and the types of @berth/storage and @berth/documents.',
      { path: '^services/([^/]+)/src/ports/', pathNot: TEST },
      { pathNot: ['^services/$1/src/(ports|domain)/', '^packages/kernel/'], dependencyTypesNot: ['core', 'type-only'] },
    ),
    forbid(
      'ports-borrow-storage-types-only',
      'Of other rooms, ports see the types of @berth/storage and @berth/documents alone.',
      { path: '^services/([^/]+)/src/ports/', pathNot: [TEST, '^services/gateway/'] },
      {
        pathNot: ['^services/$1/src/(ports|domain)/', '^packages/(kernel|storage|documents)/'],
        dependencyTypesNot: ['core'],
      },
    ),
    forbid(
      'gateway-is-a-client',
      'The gateway calls the roles as a client, and has no store: it imports kernel, protos, server, views and @berth/client.',
      { path: '^services/gateway/', pathNot: TEST },
      {
        path: '^(packages|services|clients|proto)/',
        pathNot: ['^services/gateway/', '^packages/(kernel|server|views)/', '^clients/ts/', '^proto/'],
      },
    ),
    forbid(
      'times-by-the-calendar',
      'Dates, time zones and rules of recurrence are computed behind the calendar port of bookings, and read by the CLI.',
      { path: '^(packages|services|clients)/', pathNot: [TEST, '^services/booking/src/calendar/', '^clients/cli/'] },
      { path: String.raw`node_modules/(temporal-polyfill|rrule-temporal|temporal-spec)/` },
    ),
    forbid(
      'transport-uses-app',
      'Transport calls use cases; it sees no store, no documents and no other service.',
      { path: '^services/([^/]+)/src/transport/', pathNot: TEST },
      { path: '^(services/$1/src/(store|remote)/|packages/(storage|documents)/)' },
    ),
    forbid(
      'adapters-below-app',
      'What implements a port calls no use case and no handler.',
      { path: '^services/([^/]+)/src/(store|remote)/', pathNot: TEST },
      { path: '^services/$1/src/(app|transport)/' },
    ),
    forbid(
      'testkit-in-tests-only',
      'Nothing that ships imports the testkit.',
      { pathNot: [TEST, '^packages/testkit/'] },
      { path: '^packages/testkit/' },
    ),
    forbid(
      'no-tests-in-code',
      'Code imports no test, and no simulation.',
      { pathNot: TEST },
      { path: String.raw`\.test\.ts$|^tests/|^bench/|^services/[^/]+/simulation/` },
    ),
    forbid(
      'workspaces-by-name',
      'A workspace is imported by its name, never by a path into it.',
      { path: '^((packages|services|clients)/[^/]+|proto)/' },
      {
        path: '^(packages|services|clients|proto)/',
        pathNot: '^$1/',
        dependencyTypesNot: ['aliased-workspace', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
      },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^proto/gen/'] },
    exclude: { path: String.raw`(^|/)dist/|^\.cache/` },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@berth/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
  },
};
