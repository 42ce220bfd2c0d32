/** Whom a service account is to the rules. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */

/** The name of a service account as a user, and the groups that come with it. */
export function serviceAccountUser(namespace: string, name: string): { username: string; groups: string[] } {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  }
}

/** The service account that a user name is of. */
export function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  const [system, kind, namespace, name, ...more] = username.split(':')
  if (system !== 'system' || kind !== 'serviceaccount' || !namespace || !name || more.length > 0) return undefined
  return { namespace, name }
}
