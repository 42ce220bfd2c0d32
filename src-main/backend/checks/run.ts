/** Looks through the objects of namespaces for what is amiss. */
import { readLists } from '../relations/read.js'
import type { CheckReport } from '../rpc/contract.js'
import type { Session } from '../session/session.js'
import { check, sortFindings } from './check.js'
import { readVulnerable } from './vulnerabilities.js'

/** The most objects of one kind and namespace that are looked at. */
const MOST = 5000

/** @param namespaces all of them when there are none */
export async function runChecks(session: Session, namespaces: readonly string[] = []): Promise<CheckReport> {
  const { lists, kinds, cut, forbidden } = await readLists(session, namespaces, MOST)
  const scanned = await readVulnerable(session, kinds, namespaces, MOST)
  return {
    findings: sortFindings([...check(lists, kinds), ...scanned]),
    looked: lists.reduce((n, l) => n + l.objects.length, 0),
    cut,
    forbidden,
  }
}
