import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** What a line after `:` says, as k9s reads it: `KIND NAMESPACE /SEARCH LABEL=VALUE @CLUSTER`, all but the kind at will and in any order. */
export interface GoLine {
  /** A kind, by any of its names; or `ctx` and `ns`, which stand for going to a cluster and for choosing a namespace. */
  what: string
  namespace?: string
  search?: string
  label?: string
  cluster?: string
}

/** Names of kinds that k9s knows besides those that the server tells, by resource. */
const k9sNames: Record<string, readonly string[]> = {
  deployments: ['dp'],
  secrets: ['sec'],
  jobs: ['jo'],
  clusterroles: ['cr'],
  clusterrolebindings: ['crb'],
  roles: ['ro'],
  rolebindings: ['rb'],
  networkpolicies: ['np'],
}

/** The words that a kind is found by besides its name. */
export const wordsOfKind = (resource: string, shortNames: readonly string[]): string[] => [
  resource,
  ...shortNames,
  ...(k9sNames[resource] ?? []),
]

/** Reads a line; how a word begins tells what it is. */
export function readGoLine(text: string): GoLine {
  const [what = '', ...words] = text.trim().split(/\s+/)
  const line: GoLine = { what }
  for (const word of words)
    if (word.startsWith('/')) line.search = word.slice(1)
    else if (word.startsWith('@')) line.cluster = word.slice(1)
    else if (word.includes('=')) line.label = line.label ? `${line.label},${word}` : word
    else line.namespace = word
  return line
}

/** Whether a line chooses among clusters. */
export const namesClusters = ({ what }: GoLine): boolean => /^(ctx|contexts?)$/i.test(what)

/** What the address of the list holds; what the line does not say stays, but for what narrowed the list before. */
export function queryOf(line: GoLine, from: LocationQuery): LocationQueryRaw {
  const all = line.namespace === 'all' || line.namespace === '-A'
  return {
    ns: all ? '*' : (line.namespace ?? (line.cluster === undefined ? from.ns : undefined)),
    with: line.cluster === undefined ? from.with : undefined,
    ...(line.search ? { q: line.search } : {}),
    ...(line.label ? { label: line.label } : {}),
  }
}

/** What a line says besides its kind, to be shown with it. */
export function saidOf({ namespace, search, label, cluster }: GoLine): string {
  return [namespace, label, search && `/${search}`, cluster && `@${cluster}`].filter(Boolean).join('  ')
}
