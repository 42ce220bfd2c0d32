/** Which tags a registry has: version tables, so that a tag that cannot exist fails to pull. */

/** Versions by `major.minor` with the highest patch of each, oldest first. */
export type Releases = readonly (readonly [minor: string, lastPatch: number])[]

/**
 * The tags of releases, the newest first: `latest`, and of each the whole version and what stands for it (`1.29.7`, `1.29`, `1`), with
 * each variant (`1.29-alpine`).
 */
export function tagsOf(releases: Releases, variants: readonly string[] = []): string[] {
  const majors = new Set<string>()
  const names = [...releases].reverse().flatMap(([minor, lastPatch]) => {
    const major = minor.split('.')[0]!
    const first = !majors.has(major)
    majors.add(major)
    return [`${minor}.${lastPatch}`, minor, ...(first ? [major] : [])]
  })
  return ['latest', ...names].flatMap((name) => [name, ...variants.map((v) => (name === 'latest' ? v : `${name}-${v}`))])
}

/**
 * The full version that a tag stands for, and what follows it (`-alpine`): `1.25` is the last 1.25.x, `1` and `latest`
 * the last of all. Undefined for a version that was never released.
 */
export function versionOf(tag: string, releases: Releases): { version: string; variant: string } | undefined {
  const match = /^(latest|v?\d+(?:\.\d+){0,2})?(?:-?([a-z][\w.-]*))?$/.exec(tag)
  if (!match) return undefined
  const [, name = 'latest', variant = ''] = match
  if (name === 'latest') {
    const [minor, patch] = releases.at(-1)!
    return { version: `${minor}.${patch}`, variant }
  }
  const parts = name.replace(/^v/, '').split('.')
  const candidates = releases.filter(
    ([minor]) => minor === parts.slice(0, 2).join('.') || (parts.length === 1 && minor.split('.')[0] === parts[0]),
  )
  const last = candidates.at(-1)
  if (!last) return undefined
  const [minor, lastPatch] = last
  if (parts[2] === undefined) return { version: `${minor}.${lastPatch}`, variant }
  if (/^0\d/.test(parts[2]) || Number(parts[2]) > lastPatch) return undefined
  return { version: `${minor}.${parts[2]}`, variant }
}
