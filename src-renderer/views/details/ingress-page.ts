/** The address in a browser of a path of an Ingress; undefined where a host is any host, and so no address. @param secured hosts that TLS is set up for */
export function ingressPage(host: string, path: string, secured: ReadonlySet<string>): string | undefined {
  if (host === '' || host.includes('*')) return undefined
  const wildcard = host.replace(/^[^.]+/, '*')
  // What follows the first sign of a regular expression is no path.
  const plain = /^[\w\-./~%]*/.exec(path)![0]
  return `${secured.has(host) || secured.has(wildcard) ? 'https' : 'http'}://${host}${plain || '/'}`
}
