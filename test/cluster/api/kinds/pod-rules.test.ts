/** What new pods are refused for, beyond the recorded cases. */
import { describe, expect, it } from 'vitest'
import { causes, created, ruleContext, type Loose } from './support.js'

const container = (more: Loose = {}): Loose => ({ name: 'c', image: 'nginx', ...more })

/** The causes that a pod with this spec is refused with. */
function refused(spec: Loose, annotations?: Loose): string[] {
  const metadata = { name: 'p', ...(annotations ? { annotations } : {}) }
  return causes(created({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container()], ...spec } }).errors)
}

const mounted = (volume: Loose): string[] => refused({ volumes: [volume] })

describe('a pod is refused for', () => {
  it('a toleration with a comparison, which is behind a gate that is off', () => {
    expect(refused({ tolerations: [{ key: 'a', operator: 'Gt', value: '1' }] })).toEqual([
      'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
    ])
    expect(refused({ tolerations: [{ key: 'a', operator: 'Like' }] })).toEqual([
      'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
    ])
  })

  it('users of its own together with namespaces or devices of the host', () => {
    const devices = { volumeDevices: [{ name: 'd', devicePath: '/dev/x' }] }
    const spec = {
      hostUsers: false,
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      containers: [container(devices)],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'd' } }],
    }
    expect(refused(spec)).toEqual([
      'spec.HostIPC: Forbidden: when `hostUsers` is false',
      'spec.HostPID: Forbidden: when `hostUsers` is false',
      'spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false',
      'spec.hostNetwork: Forbidden: when `hostUsers` is false',
    ])
  })

  it('a host name of its own that it cannot have', () => {
    expect(refused({ hostnameOverride: 'a', setHostnameAsFQDN: true, hostNetwork: true })).toEqual([
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
    ])
    expect(refused({ hostnameOverride: 'a'.repeat(65) })[0]).toBe('spec.hostnameOverride: Too long: may not be more than 64 bytes')
  })

  it('a resize policy that does not fit how it restarts', () => {
    const policy = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }
    expect(refused({ restartPolicy: 'Never', containers: [container(policy)] })).toEqual([
      "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ])
    expect(refused({ initContainers: [container({ name: 'i', ...policy })] })).toEqual([
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
    ])
    expect(refused({ initContainers: [container({ name: 'i', restartPolicy: 'Always', ...policy })] })).toEqual([])
  })

  it('restart rules without a policy, too many of them, and unknown actions', () => {
    const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [1] } }
    expect(refused({ containers: [container({ restartPolicyRules: [rule] })] })).toEqual([
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ])
    const broken = [{ action: 'Stop' }, { action: 'Restart', exitCodes: { operator: 'Is' } }]
    expect(refused({ containers: [container({ restartPolicy: 'Never', restartPolicyRules: broken })] })).toEqual([
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"',
      'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
      'spec.containers[0].restartPolicyRules[1].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
    ])
    const many = Array.from({ length: 21 }, () => rule)
    expect(refused({ containers: [container({ restartPolicy: 'Never', restartPolicyRules: many })] })).toEqual([
      'spec.containers[0].restartPolicyRules: Too many: 21: must have at most 20 items',
    ])
  })

  it('an iSCSI initiator without a name', () => {
    const iscsi = { targetPortal: '127.0.0.1', iqn: 'iqn.2015-02.example.com:test', lun: 0, initiatorName: '' }
    expect(mounted({ name: 'v', iscsi })).toEqual([
      'spec.volumes[0].iscsi.initiatorname: Invalid value: "": must be valid format starting with iqn, eui, or naa',
    ])
  })

  it('variables from a file that is not in an emptyDir', () => {
    const from = (volumeName: string): Loose => ({
      containers: [container({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName, path: 'f', key: 'A' } } }] })],
      volumes: [{ name: 'cm', configMap: { name: 'cm' } }],
    })
    const at = 'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName'
    expect(refused(from('none'))).toEqual([`${at}: Not found: "none"`])
    expect(refused(from('cm'))).toEqual([`${at}: Invalid value: "cm": referenced volume must be of type emptyDir`])
  })

  it('an operating system without a name, or an unknown one', () => {
    expect(refused({ os: { name: '' } })).toEqual(['spec.os.name: Required value: cannot be empty'])
    expect(refused({ os: { name: 'plan9' } })).toEqual(['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'])
  })

  it('what the other operating system has', () => {
    const linux = { os: { name: 'linux' }, securityContext: { windowsOptions: { runAsUserName: 'a' } } }
    expect(refused(linux)).toEqual(['spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'])
    const windows = {
      os: { name: 'windows' },
      hostPID: true,
      resources: { limits: { cpu: '1' } },
      initContainers: [container({ name: 'i', securityContext: { privileged: true } })],
    }
    expect(refused(windows)).toEqual([
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.initContainers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
      'spec.resources: Forbidden: may not be set for a windows pod',
    ])
  })

  it('processes of a Windows host that are not all so, or not on its network', () => {
    const windowsOptions = { hostProcess: true }
    const spec = { containers: [container({ securityContext: { windowsOptions } }), container({ name: 'd' })] }
    expect(refused(spec)).toEqual([
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
    ])
    const both = { securityContext: { windowsOptions: { hostProcess: false } }, ...spec }
    expect(refused(both)).toContain(
      'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: true: pod hostProcess value must be identical if both are specified, was false',
    )
  })

  it('the name of a Windows user', () => {
    const named = (runAsUserName: string): string[] => refused({ securityContext: { windowsOptions: { runAsUserName } } })
    const at = 'spec.securityContext.windowsOptions.runAsUserName'
    expect(named('')).toEqual([`${at}: Invalid value: "": runAsUserName cannot be an empty string`])
    expect(named('-a\\b\\c')).toEqual([`${at}: Invalid value: "-a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`])
    expect(named('a:b\\u')).toEqual([
      `${at}: Invalid value: "a:b\\\\u": runAsUserName's Domain doesn't match the NetBios nor the DNS format`,
    ])
    expect(named('DOMAIN\\user')).toEqual([])
  })

  it('more in its containers than it has itself', () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } }
    const containers = [container({ resources }), container({ name: 'd', resources: { requests: { cpu: '1' }, limits: { cpu: '3' } } })]
    const of = { requests: { cpu: '1500m' }, limits: { cpu: '2' } }
    expect(refused({ containers, resources: of })).toEqual([
      'spec.resources.containers[1][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2',
      'spec.resources.requests[cpu]: Invalid value: "1500m": must be greater than or equal to aggregate container requests of 2',
    ])
    expect(refused({ resources: { limits: { 'ephemeral-storage': '1' } } })).toEqual([
      'spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ])
  })

  it('a label key that is in its selector already', () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      matchLabelKeys: ['app'],
      labelSelector: { matchLabels: { app: 'a' } },
    }
    const metadata = { name: 'p', labels: { app: 'a' } }
    const spec = { containers: [container()], topologySpreadConstraints: [constraint] }
    expect(causes(created({ apiVersion: 'v1', kind: 'Pod', metadata, spec }).errors)).toEqual([
      'spec.topologySpreadConstraints[0][0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector',
    ])
  })

  it('annotations that say something else than its fields', () => {
    const seccomp = { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }
    expect(refused(seccomp, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' })).toEqual([
      'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
    ])
    const armoured = { containers: [container({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } } })] }
    expect(refused(armoured, { 'container.apparmor.security.beta.kubernetes.io/c': 'localhost/b' })).toEqual([
      'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match',
    ])
  })

  it('annotations that are not well-formed', () => {
    const annotations = {
      'kubernetes.io/config.mirror': '',
      'controller.kubernetes.io/pod-deletion-cost': '+1',
      'seccomp.security.alpha.kubernetes.io/pod': 'mine',
      'container.apparmor.security.beta.kubernetes.io/x': 'mine',
    }
    const at = 'metadata.annotations'
    expect(refused({}, annotations)).toEqual([
      `${at}.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "mine": must be a valid seccomp profile`,
      `${at}[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "mine": invalid AppArmor profile name: "mine"`,
      `${at}[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found`,
      `${at}[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer`,
      `${at}[kubernetes.io/config.mirror]: Invalid value: "": must set spec.nodeName if mirror pod annotation is set`,
    ])
  })
})

describe('a volume of a pod is refused for', () => {
  it('a second source, in the spelling of the API server', () => {
    expect(mounted({ name: 'v', emptyDir: {}, downwardAPI: {}, cephfs: { monitors: [] } })).toEqual([
      'spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type',
    ])
  })

  it('an image without a reference', () => {
    expect(mounted({ name: 'v', image: {} })).toEqual(['spec.volumes[0].image.reference: Required value'])
  })

  it('a CSI driver without a name', () => {
    expect(mounted({ name: 'v', csi: { driver: '' } })).toEqual([
      expect.stringContaining('spec.volumes[0].csi.driver: Invalid value: "": a lowercase RFC 1123 subdomain must consist of'),
      'spec.volumes[0].csi.driver: Required value',
    ])
  })
})

describe('what is behind a gate that is off', () => {
  it('is dropped from a pod', () => {
    const spec = {
      containers: [container({ lifecycle: { stopSignal: 'SIGUSR1' } })],
      schedulingGroup: { podGroupName: 'g' },
      volumes: [{ name: 'v', projected: { sources: [{ podCertificate: { signerName: 'a/b', keyType: 'RSA' } }] } }],
    }
    const { object, errors } = created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })
    expect(causes(errors)).toEqual([])
    expect([object.spec.containers[0].lifecycle, object.spec.schedulingGroup]).toEqual([undefined, undefined])
    expect(object.spec.volumes[0].projected.sources).toEqual([{}])
  })
})

describe('an AppArmor annotation of a new pod', () => {
  const key = 'container.apparmor.security.beta.kubernetes.io/c'
  const WARNING = `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`
  const made = (annotation: string, spec: Loose = {}): [Loose, string[]] => {
    const warnings: string[] = []
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', annotations: { [key]: annotation } },
      spec: { containers: [container()], ...spec },
    }
    const { object } = created(pod, ruleContext({ warn: (text) => void warnings.push(text) }))
    return [object.spec.containers[0].securityContext?.appArmorProfile, warnings]
  }

  it('becomes the field of the container, with a warning', () => {
    expect(made('runtime/default')).toEqual([{ type: 'RuntimeDefault' }, [WARNING]])
    expect(made('unconfined')).toEqual([{ type: 'Unconfined' }, [WARNING]])
    expect(made('localhost/mine')).toEqual([{ type: 'Localhost', localhostProfile: 'mine' }, [WARNING]])
    expect(made('localhost/')).toEqual([undefined, [WARNING]])
  })

  it('stays an annotation when the field says so already, or the pod is one of Windows', () => {
    const profile = { appArmorProfile: { type: 'RuntimeDefault' } }
    expect(made('runtime/default', { securityContext: profile })).toEqual([undefined, []])
    expect(made('runtime/default', { containers: [container({ securityContext: profile })] })).toEqual([{ type: 'RuntimeDefault' }, []])
    expect(made('runtime/default', { os: { name: 'windows' } })).toEqual([undefined, []])
  })
})
