/**
 * Who may ask for, approve and sign certificates of a signer: the admission plugins CertificateSubjectRestriction,
 * CertificateApproval and CertificateSigning in one.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { forbidden } from '../api/errors.js'
import type { KubeObject } from '../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './admission/plugin.js'
import type { Authorizer } from './authorizer.js'
import { MASTERS } from './rbac.js'

const GROUP = 'certificates.k8s.io'
const OF = { group: GROUP, resource: 'certificatesigningrequests' }
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'

interface SigningRequestShape extends KubeObject {
  spec?: { request?: string; signerName?: string }
  status?: { certificate?: string; conditions?: readonly { type?: string }[] }
}

/** The checks as one admission plugin. Refuses with 403. */
export function certificateRequestCheck(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    operations: ['CREATE', 'UPDATE'],
    validate(a) {
      if (a.kind.group !== GROUP || a.kind.plural !== OF.resource || !a.object) return
      const request = a.object as SigningRequestShape
      const old = a.oldObject as SigningRequestShape | undefined
      if (a.operation === 'CREATE') return a.subresource ? undefined : checkSubject(a, request)
      // What counts is the signer that is stored: the request cannot name another one.
      const signer = old?.spec?.signerName ?? ''
      if (a.subresource === 'approval') return checkSigner(authorizer, a, 'approve', signer)
      if (a.subresource === 'status' && isSigning(request, old)) checkSigner(authorizer, a, 'sign', signer)
    },
  }
}

/** Nobody gets into the group that is above all rules by a certificate. */
function checkSubject(a: AdmissionAttributes, { spec, metadata }: SigningRequestShape): void {
  if (spec?.signerName !== CLIENT_SIGNER) return
  let organisations: string[]
  try {
    organisations = new x509.Pkcs10CertificateRequest(Buffer.from(spec.request ?? '', 'base64').toString()).subjectName.getField('O')
  } catch {
    return // A request that cannot be read never becomes a certificate.
  }
  if (!organisations.includes(MASTERS)) return
  throw forbidden(OF, metadata.name ?? a.name, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`)
}

function isSigning(request: SigningRequestShape, old: SigningRequestShape | undefined): boolean {
  const failed = (r: SigningRequestShape | undefined): unknown[] => r?.status?.conditions?.filter((c) => c.type === 'Failed') ?? []
  return request.status?.certificate !== old?.status?.certificate || JSON.stringify(failed(request)) !== JSON.stringify(failed(old))
}

/** Whether the user may do this with the signer, by its name or by `domain/*`. */
function checkSigner(authorizer: Authorizer, a: AdmissionAttributes, verb: 'approve' | 'sign', signer: string): void {
  const names = [signer, `${signer.split('/')[0]}/*`]
  const may = names.some(
    (name) => authorizer.authorize(a.user, { verb, group: GROUP, resource: 'signers', subresource: '', namespace: '', name }).allowed,
  )
  if (may) return
  throw forbidden(OF, a.name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`)
}
