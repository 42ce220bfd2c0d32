/** The command line of the API server: what its pod shows and /flagz tells. */

/** A flag has one value or a list of them. */
export type Flags = Readonly<Record<string, string | readonly string[]>>

/** @param address where nodes reach the API server */
export const serverFlags = (address: string): Flags => ({
  'advertise-address': address,
  'allow-privileged': 'true',
  'authorization-mode': ['Node', 'RBAC'],
  'enable-bootstrap-token-auth': 'true',
  'etcd-servers': ['https://127.0.0.1:2379'],
  'secure-port': '8443',
  'service-cluster-ip-range': '10.96.0.0/16',
})

/** Flags as arguments: `--authorization-mode=Node,RBAC`. */
export function flagArguments(flags: Flags): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${typeof value === 'string' ? value : value.join(',')}`)
}

/** Flags by name as Go prints their values: `[Node,RBAC]`. */
export function printedFlags(flags: Flags): Record<string, string> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [name, typeof value === 'string' ? value : `[${value.join(',')}]`]),
  )
}
