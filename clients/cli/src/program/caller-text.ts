import type { WhoAmIResponse } from '@berth/client';

const SHOWN: Readonly<Record<string, string>> = {
  open: 'believed, as the server believes every name',
  token: 'shown by a token',
  jwt: 'shown by a token of the identity provider',
  certificate: 'shown by a certificate',
  process: "called by the server's own process",
};

/** The caller for people: `ann (role operator, team lab3, shown by a token)`. */
export function callerText({ name, role, team, via, by, benches }: WhoAmIResponse): string {
  const parts = [
    `role ${role}`,
    team === '' ? '' : `team ${team}`,
    benches.length === 0 ? '' : `limited to ${benches.join(', ')}`,
    SHOWN[via] ?? `shown by ${via}`,
    by === '' ? '' : `${by} speaks for it`,
  ];
  return `${name} (${parts.filter((part) => part !== '').join(', ')})`;
}

/** The caller as `-o json` and `-o yaml` show it. */
export function callerView({ name, role, team, via, by, benches }: WhoAmIResponse) {
  return {
    name,
    role,
    team: team || undefined,
    via,
    by: by || undefined,
    benches: benches.length > 0 ? benches : undefined,
  };
}
