/** How long certificate signing requests stay. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { expect, test } from 'vitest'
import type { CertificateRequest } from '../../../src-main/cluster/controllers/certificatesigning.js'
import { REQUESTS } from '../../../src-main/cluster/controllers/certificatesigning.js'
import { startHarness } from './harness.js'

x509.cryptoProvider.set(webcrypto as never)

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

/** A certificate that runs out at a time, as PEM. */
async function certificateUntil(notAfter: number): Promise<string> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=jane',
    notBefore: new Date(notAfter - 24 * HOUR),
    notAfter: new Date(notAfter),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys: keys as never,
  })
  return made.toString('pem')
}

test.each<
  [what: string, conditions: [type: string, minutesAgo: number][], certificate: 'kept' | 'expired' | 'garbage' | undefined, gone: boolean]
>([
  ['approved not long ago', [['Approved', 50]], 'kept', false],
  ['approved and not signed', [['Approved', 50]], undefined, false],
  ['approved long ago', [['Approved', 120]], 'kept', true],
  ['denied not long ago', [['Denied', 50]], undefined, false],
  ['denied long ago', [['Denied', 120]], undefined, true],
  [
    'failed not long ago',
    [
      ['Approved', 120],
      ['Failed', 50],
    ],
    undefined,
    false,
  ],
  [
    'failed long ago',
    [
      ['Approved', 120],
      ['Failed', 120],
    ],
    undefined,
    true,
  ],
  ['approved not long ago, with a certificate that has run out', [['Approved', 50]], 'expired', true],
  ['approved not long ago, with something that is no certificate', [['Approved', 50]], 'garbage', false],
  ['approved long ago, with something that is no certificate', [['Approved', 120]], 'garbage', true],
])('of a request that was %s: cleared away?', async (_what, conditions, certificate, gone) => {
  const h = startHarness(['certificate-controller'], {
    kubelet: false,
    signers: { serves: () => false, sign, isKubelet: () => false } as never,
  })
  const now = h.clock.now()
  const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()
  const text =
    certificate === 'garbage' ? 'garbage' : certificate && (await certificateUntil(now + (certificate === 'kept' ? HOUR : -60_000)))
  await h.user.resource<CertificateRequest>(REQUESTS).create('', {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'jane', creationTimestamp: ago(180) },
    spec: { signerName: MINE, request: 'cGVt', usages: ['client auth'] },
    status: {
      conditions: conditions.map(([type, minutes]) => ({ type, status: 'True', lastUpdateTime: ago(minutes) })),
      ...(text ? { certificate: Buffer.from(text).toString('base64') } : {}),
    },
  } as CertificateRequest)
  await h.clock.advance(10)
  expect(h.cluster.has(REQUESTS, '', 'jane')).toBe(!gone)
})
