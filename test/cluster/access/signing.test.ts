import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import { signRequest } from '../../../src-main/cluster/access/signing.js'

/** A request made by openssl, as the documentation has people make one. */
function request(subject: string, key: string[]): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-csr-'))
  try {
    return execFileSync('openssl', ['req', '-new', '-newkey', ...key, '-nodes', '-keyout', path.join(directory, 'key'), '-subj', subject], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

const now = Date.parse('2026-11-21T12:00:00Z')

it('signs for RSA and elliptic keys, with the subject and the usages asked for', async () => {
  const { ca } = await loadCertificates()
  for (const key of [['rsa:2048'], ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']]) {
    const pem = await signRequest(ca, { pem: request('/O=devs/CN=jane', key), usages: ['client auth'], expirationSeconds: 3600 }, now)
    const certificate = new X509Certificate(pem)
    expect(certificate.subject.split('\n').sort()).toEqual(['CN=jane', 'O=devs'])
    expect(certificate.verify(new X509Certificate(ca.cert).publicKey)).toBe(true)
    expect(new Date(certificate.validTo).toISOString()).toBe('2026-11-21T13:00:00.000Z')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  }
})

it('refuses a request whose signature was tampered with', async () => {
  const { ca } = await loadCertificates()
  const der = Buffer.from(request('/CN=jane', ['rsa:2048']).replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 1] = der.at(-1)! ^ 1
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  await expect(signRequest(ca, { pem, usages: ['client auth'] }, now)).rejects.toThrow(
    'the signature of the certificate request does not match its key',
  )
})
