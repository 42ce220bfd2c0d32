/** `listen … ssl`: the certificates of servers, read when the configuration is. */
import tls, { type SecureContext } from 'node:tls'
import type { Process } from '../../process.js'
import { ConfigError } from './conf.js'
import type { HttpConfig, Server } from './model.js'
import { chooseServer } from './request.js'

/** What a server shows on the ports that it serves with TLS. */
export type Certificates = ReadonlyMap<Server, SecureContext>

/** Loads the certificates of all servers that listen with TLS. Throws {@link ConfigError} in nginx' words. */
export function loadCertificates(process: Process, config: HttpConfig): Certificates {
  const found = new Map<Server, SecureContext>()
  for (const server of config.servers) {
    const listen = server.listens.find((l) => l.ssl)
    if (!listen) continue
    const { certificate, certificateKey } = server.settings
    if (certificate === undefined) throw new ConfigError('no "ssl_certificate" is defined for the "listen ... ssl" directive', listen.where)
    if (certificateKey === undefined) throw new ConfigError(`no "ssl_certificate_key" is defined for certificate "${certificate}"`)
    const cert = read(process, certificate, 'certificate')
    const key = read(process, certificateKey, 'certificate key')
    try {
      for (const [text, what] of [
        [cert, 'certificate'],
        [key, 'key'],
      ] as const)
        if (!text.includes('-----BEGIN ')) throw new Error(`no ${what}`)
      found.set(server, tls.createSecureContext({ cert, key }))
    } catch (error) {
      const { code = '', message } = error as { code?: string; message: string }
      if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH')
        throw new ConfigError(
          `SSL_CTX_use_PrivateKey("${certificateKey}") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)`,
        )
      const [what, file] = /key|decoder/i.test(message) ? ['certificate key', certificateKey] : ['certificate', certificate]
      throw new ConfigError(
        `cannot load ${what} "${file}": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)`,
      )
    }
  }
  return found
}

function read(process: Process, path: string, what: string): string {
  try {
    return process.fs.readText(path)
  } catch (error) {
    const denied = (error as { code?: string }).code === 'EACCES'
    const [number, reason] = denied ? ['8000000D', 'Permission denied'] : ['80000002', 'No such file or directory']
    throw new ConfigError(
      `cannot load ${what} "${path}": BIO_new_file() failed (SSL: error:${number}:system library::${reason}:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
    )
  }
}

/** The certificate of a port for a client that named a server, or did not. */
export function certificateOf(
  config: HttpConfig,
  certificates: Certificates,
  port: number,
  name: string | undefined,
): SecureContext | undefined {
  const servers = config.servers.filter((s) => certificates.has(s) && s.listens.some((l) => l.port === port && l.ssl))
  return servers.length > 0 ? certificates.get(chooseServer(servers, port, name ?? '')) : undefined
}
