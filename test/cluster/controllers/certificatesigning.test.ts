/** How long certificate signing requests stay. */
import { expect, test } from 'vitest'
import type { CertificateRequest } from '../../../src-main/cluster/controllers/certificatesigning.js'
import { REQUESTS } from '../../../src-main/cluster/controllers/certificatesigning.js'
import { startHarness } from './harness.js'

const HOUR = 3_600_000
const MINE = 'kubernetes.io/kube-apiserver-client'
const sign = (): Promise<string> => Promise.resolve('signed')

test.each<[what: string, signerName: string, condition: string | undefined, hours: number]>([
  ['nobody has looked at', MINE, undefined, 24],
  ['was denied', MINE, 'Denied', 1],
  ['was signed', MINE, 'Approved', 1],
  ['was approved and that nobody signs', 'example.com/somebody', 'Approved', 24],
])('a request that %s is cleared away in time', async (_what, signerName, type, hours) => {
  const h = startHarness(['certificate-controller'], {
    kubelet: false,
    signers: { serves: (name: string) => name === MINE, sign, isKubelet: () => false } as never,
  })
  const now = new Date(h.clock.now()).toISOString()
  const conditions = type ? [{ type, status: 'True', lastUpdateTime: now }] : []
  await h.user.resource<CertificateRequest>(REQUESTS).create('', {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'jane' },
    spec: { signerName, request: 'cGVt', usages: ['client auth'] },
    status: { conditions },
  } as CertificateRequest)
  await h.clock.advance(hours * HOUR - 60_000)
  expect(h.cluster.has(REQUESTS, '', 'jane')).toBe(true)
  await h.clock.advance(120_000)
  expect(h.cluster.has(REQUESTS, '', 'jane')).toBe(false)
  expect(h.errors).toEqual([])
})
