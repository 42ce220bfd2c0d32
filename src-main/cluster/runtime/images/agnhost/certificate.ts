/** The certificate for localhost that agnhost's image brings along for its servers of HTTPS. */
import { createSecureContext, type SecureContext } from 'node:tls'
import { SystemError, type Process } from '../../process.js'
import { fakeCertificate } from '../ingress-nginx/fake-certificate.js'

/** Made when it is first wanted: its key is in no source. */
let own: Promise<{ cert: string; key: string }> | undefined

/** The TLS settings of a certificate and its key. Rejects with {@link SystemError} when a file is not there. */
export async function certificateOf(process: Process, certFile: string, keyFile: string): Promise<SecureContext> {
  try {
    return createSecureContext({ cert: process.fs.readText(certFile), key: process.fs.readText(keyFile) })
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'ENOENT' || !/^\/?localhost\.crt$/.test(certFile)) throw error
    own ??= fakeCertificate(process.clock.now(), { organization: 'Acme Co', commonName: 'localhost', dnsNames: ['localhost'] })
    return createSecureContext(await own)
  }
}
