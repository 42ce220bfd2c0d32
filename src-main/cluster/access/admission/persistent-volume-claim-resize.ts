import type * as k8s from '@kubernetes/client-node'
import { compareQuantities, tryParseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import { isAbout, refusal } from './refuse.js'

type Claim = Wire<k8s.V1PersistentVolumeClaim>

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** PersistentVolumeClaimResize: a claim may ask for more once it is bound, if its class lets volumes be expanded. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  operations: ['UPDATE'],
  validate(a) {
    if (!isAbout(a, '', 'PersistentVolumeClaim')) return
    const claim = a.object as unknown as Claim
    const old = a.oldObject as unknown as Claim
    if (!asksForMore(claim, old)) return
    if (old.status?.phase !== 'Bound') throw refusal(a, 'Only bound persistent volume claims can be expanded')
    if (!canBeExpanded(a, claim, old)) {
      throw refusal(a, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
    }
  },
}

function asksForMore(claim: Claim, old: Claim): boolean {
  const wanted = tryParseQuantity(claim.spec?.resources?.requests?.storage)
  if (!wanted) return false
  const before = tryParseQuantity(old.spec?.resources?.requests?.storage)
  return before ? compareQuantities(wanted, before) > 0 : wanted.nano > 0n
}

function canBeExpanded(a: AdmissionAttributes, claim: Claim, old: Claim): boolean {
  const name = classOf(claim)
  if (!name || name !== classOf(old)) return false
  const found = a.lookup('storage.k8s.io', 'storageclasses', '', name) as unknown as Wire<k8s.V1StorageClass> | undefined
  return found?.allowVolumeExpansion === true
}

function classOf(claim: Claim): string {
  return claim.metadata?.annotations?.[BETA_CLASS] ?? claim.spec?.storageClassName ?? ''
}
