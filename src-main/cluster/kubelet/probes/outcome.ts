/** What one attempt of a probe found. `unknown` means that the probe itself could not be carried out. */
export interface ProbeOutcome {
  result: 'success' | 'failure' | 'unknown'
  /** What the Unhealthy event says of it, or for a success with a warning the ProbeWarning event. */
  output: string
  /** A success that somebody should look at. */
  warning?: boolean
}

/** The number behind a port reference: itself, or that of the declared port of that name. Throws an Error when unknown. */
export function resolvePort(reference: number | string, ports: readonly { name?: string; containerPort: number }[] | undefined): number {
  if (typeof reference === 'number') return reference
  if (/^\d+$/.test(reference)) return Number(reference)
  const found = ports?.find((p) => p.name === reference)
  if (!found) throw new Error(`couldn't find port: ${JSON.stringify(reference)}`)
  return found.containerPort
}
