/** How operations, tags and paths of OpenAPI are named after kinds and their groups. */
import type { Kind, Verb } from '../kinds/kind.js'

/** A text with its first letter in upper case. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The words of a group's name: `rbac` and `authorization`; those of Kubernetes' own leave out its domain. */
export const groupWords = (group: string): string[] => (group || 'core').replace(/\.k8s\.io$/, '').split(/[.-]/)

/** `AppsV1`, `CoreV1`, `RbacAuthorizationV1`: how operation ids name a group and version. */
export function idPrefix(group: string, version: string): string {
  return groupWords(group).map(capital).join('') + capital(version)
}

/** The tag of a group and version: `apps_v1`, `core_v1`. */
export function tagOf(group: string, version: string): string {
  const words = groupWords(group)
  return `${words[0]}${words.slice(1).map(capital).join('')}_${version}`
}

/** `/api/v1` or `/apis/apps/v1`. */
export function rootPath(group: string, version: string): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`
}

/** Whether a kind takes a verb. */
export const has = (kind: Kind, verb: Verb): boolean => !kind.verbs || kind.verbs.includes(verb)

/** A kind with its article: `a Pod`. */
export function article(kind: string): string {
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`
}
