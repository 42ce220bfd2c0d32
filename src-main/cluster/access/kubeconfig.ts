/** The kubeconfig file of a cluster: everything a client needs, embedded. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { ClusterCertificates } from './certificates.js'

export interface KubeconfigOptions {
  /** Names the cluster, the context and the user. */
  name: string
  /** Such as `https://127.0.0.1:6443`. */
  server: string
  certificates: ClusterCertificates
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The kubeconfig as YAML, with the administrator's certificate. */
export function kubeconfig({ name, server, certificates }: KubeconfigOptions): string {
  const { ca, admin } = certificates
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca.cert) } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
      users: [{ name, user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) } }],
    },
    { lineWidth: 0 },
  )
}

/** Writes the kubeconfig so that only its owner can read it, whole or not at all. */
export function writeKubeconfig(file: string, options: KubeconfigOptions): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, kubeconfig(options), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
