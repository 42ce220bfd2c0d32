/**
 * The ConfigMaps of kube-system that kube-apiserver keeps itself: whom extension API servers are to trust, and since when
 * the use of legacy tokens is noted.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
 */
import type { ClusterCertificates } from './certificates.js'

/** A ConfigMap of kube-system. */
export interface ServerConfigMap {
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  /** Whether what others write into it is written over. */
  readonly kept: boolean
}

/** @param now when the cluster looks at it, ms since the epoch */
export function serverConfigMaps(certificates: ClusterCertificates, now: number): readonly ServerConfigMap[] {
  return [
    {
      name: 'extension-apiserver-authentication',
      kept: true,
      data: {
        'client-ca-file': certificates.ca.cert,
        'requestheader-allowed-names': '["front-proxy-client"]',
        'requestheader-client-ca-file': certificates.frontProxyCa.cert,
        'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
        'requestheader-username-headers': '["X-Remote-User"]',
      },
    },
    {
      name: 'kube-apiserver-legacy-service-account-token-tracking',
      kept: false,
      data: { since: new Date(now).toISOString().slice(0, 10) },
    },
  ]
}
