/** What is wrong with the address of a proxy, as a key of `catalogue` in the translations; undefined when nothing is, or none is given. */
export function proxyProblem(text: string): 'proxyNoUrl' | 'proxyPassword' | undefined {
  const address = text.trim()
  if (!address) return undefined
  if (!URL.canParse(address)) return 'proxyNoUrl'
  const { protocol, hostname, username, password } = new URL(address)
  if (!['http:', 'https:', 'socks5:'].includes(protocol) || !hostname) return 'proxyNoUrl'
  // The settings hold no secrets; a kubeconfig may.
  return username || password ? 'proxyPassword' : undefined
}
