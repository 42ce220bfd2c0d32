/**
 * What the built-in signers take: subjects, names and usages of a certificate request.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export const KUBE_APISERVER_CLIENT = 'kubernetes.io/kube-apiserver-client'
export const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'
export const KUBELET_SERVING = 'kubernetes.io/kubelet-serving'
const LEGACY_UNKNOWN = 'kubernetes.io/legacy-unknown'

/** The signers that kube-controller-manager serves. */
export const BUILTIN_SIGNERS: ReadonlySet<string> = new Set([KUBE_APISERVER_CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY_UNKNOWN])

/** What a request says of itself. */
interface Subject {
  commonName: string
  organisations: readonly string[]
  dns: boolean
  ip: boolean
  email: boolean
  uri: boolean
}

/** Throws an Error with Kubernetes' sentence when a signer does not take a request (PKCS#10 in PEM) with these usages. */
export function checkSignable(signer: string, pem: string, usages: readonly string[]): void {
  if (signer === KUBE_APISERVER_CLIENT) return checkClientUsages(usages)
  if (signer === KUBELET_CLIENT) return checkKubeletClient(subjectOf(pem), usages)
  if (signer === KUBELET_SERVING) checkKubeletServing(subjectOf(pem), usages)
}

/** The common name of a request; empty when it has none. */
export function commonNameOf(pem: string): string {
  return subjectOf(pem).commonName
}

function subjectOf(pem: string): Subject {
  const request = new x509.Pkcs10CertificateRequest(pem)
  const extension = request.extensions.find((e) => e instanceof x509.SubjectAlternativeNameExtension)
  const types = new Set(extension?.names.items.map((n) => n.type))
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organisations: request.subjectName.getField('O'),
    dns: types.has('dns'),
    ip: types.has('ip'),
    email: types.has('email'),
    uri: types.has('url'),
  }
}

function checkClientUsages(usages: readonly string[]): void {
  const other = usages.find((u) => u !== 'digital signature' && u !== 'key encipherment' && u !== 'client auth')
  if (other) throw new Error(`invalid usage for client certificate: ${other}`)
  if (!usages.includes('client auth')) throw new Error('missing required usage for client certificate: client auth')
}

function checkKubeletClient(subject: Subject, usages: readonly string[]): void {
  checkNodeOrganisation(subject)
  checkNodeName(subject)
  if (subject.dns) throw new Error('DNS subjectAltNames are not allowed')
  if (subject.email) throw new Error('Email subjectAltNames are not allowed')
  if (subject.ip) throw new Error('IP subjectAltNames are not allowed')
  if (subject.uri) throw new Error('URI subjectAltNames are not allowed')
  checkUsages(usages, 'client auth')
}

function checkKubeletServing(subject: Subject, usages: readonly string[]): void {
  checkNodeOrganisation(subject)
  if (!subject.dns && !subject.ip) throw new Error('DNS or IP subjectAltName is required')
  if (subject.email) throw new Error('Email subjectAltNames are not allowed')
  if (subject.uri) throw new Error('URI subjectAltNames are not allowed')
  checkUsages(usages, 'server auth')
  checkNodeName(subject)
}

function checkNodeOrganisation({ organisations }: Subject): void {
  if (organisations.length !== 1 || organisations[0] !== 'system:nodes') throw new Error('subject organization is not system:nodes')
}

function checkNodeName({ commonName }: Subject): void {
  if (!commonName.startsWith('system:node:')) throw new Error('subject common name does not begin with system:node:')
}

/** A key that is not RSA needs no key encipherment. */
function checkUsages(usages: readonly string[], purpose: 'client auth' | 'server auth'): void {
  const wanted = ['digital signature', 'key encipherment', purpose].sort()
  const has = [...new Set(usages)].sort().join()
  const without = wanted.filter((u) => u !== 'key encipherment')
  if (has !== wanted.join() && has !== without.join()) throw new Error(`usages did not match [${wanted.join(' ')}]`)
}
