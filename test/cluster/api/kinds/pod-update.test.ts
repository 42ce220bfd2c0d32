import { describe, expect, it } from 'vitest'
import { aPod, causes, created, kindOf, ruleContext, updated, type Loose } from './support.js'

const pod = kindOf('v1', 'Pod')

const REFUSED =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'

/** The first line of each refusal: the rest shows the difference. */
const heads = (errors: string[]): string[] => errors.map((e) => e.replace(/\n[^]*/, '\n'))

describe('an update of a pod', () => {
  it('may change images, add tolerations and set a deadline', () => {
    const { errors } = updated(aPod(), ({ spec }) => {
      spec.containers[0].image = 'nginx:1.27'
      spec.tolerations = [{ key: 'a', operator: 'Exists' }]
      spec.activeDeadlineSeconds = 60
    })
    expect(errors).toEqual([])
  })

  it('may not change anything else, and shows what differs', () => {
    const { errors } = updated(aPod(), ({ spec }) => (spec.containers[0].command = ['sh']))
    expect(errors).toEqual([
      `${REFUSED}${[
        '@@ -5,7 +5,9 @@',
        '   {',
        '    "Name": "c",',
        '    "Image": "nginx",',
        '-   "Command": null,',
        '+   "Command": [',
        '+    "sh"',
        '+   ],',
        '    "Args": null,',
        '    "WorkingDir": "",',
        '    "Ports": null,',
        '',
      ].join('\n')}`,
    ])
    const bound = updated(aPod(), ({ spec }) => (spec.nodeName = 'n')).errors
    expect(bound).toEqual([
      `${REFUSED}${[
        '@@ -42,7 +42,7 @@',
        '  "NodeSelector": null,',
        '  "ServiceAccountName": "default",',
        '  "AutomountServiceAccountToken": null,',
        '- "NodeName": "",',
        '+ "NodeName": "n",',
        '  "SecurityContext": {',
        '   "HostNetwork": false,',
        '   "HostPID": false,',
        '',
      ].join('\n')}`,
    ])
  })

  it('tells of a padded image twice, as a rule of pods and of updates', () => {
    const padded = 'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace'
    expect(updated(aPod(), ({ spec }) => (spec.containers[0].image = ' nginx')).errors).toEqual([padded, padded])
  })

  it('may not touch the annotations of mirror pods and AppArmor', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/c'
    const added = updated(aPod(), ({ metadata }) => (metadata.annotations = { [key]: 'unconfined' }))
    expect(added.errors).toEqual([`metadata.annotations[${key}]: Forbidden: may not add AppArmor annotations`])
    const old = aPod({}, {}, { annotations: { [key]: 'unconfined' } })
    expect(updated(old, ({ metadata }) => delete metadata.annotations).errors).toEqual([
      `metadata.annotations[${key}]: Forbidden: may not remove or update AppArmor annotations`,
    ])
  })

  it('may not add or remove containers', () => {
    const { errors } = updated(aPod(), ({ spec }) => spec.containers.push({ name: 'd', image: 'nginx' }))
    expect(errors).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers'])
  })

  it('may shorten a deadline but not take it away or lengthen it', () => {
    const old = aPod({ activeDeadlineSeconds: 60 })
    expect(updated(old, ({ spec }) => (spec.activeDeadlineSeconds = 30)).errors).toEqual([])
    expect(updated(old, ({ spec }) => (spec.activeDeadlineSeconds = 90)).errors).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 90: must be less than or equal to previous value',
    ])
    expect(updated(old, ({ spec }) => delete spec.activeDeadlineSeconds).errors).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ])
  })

  it('may not take tolerations away', () => {
    const old = aPod({ tolerations: [{ key: 'a', operator: 'Exists' }] })
    const { errors } = updated(old, ({ spec }) => (spec.tolerations = []))
    expect(errors).toEqual(['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'])
  })

  it('keeps the status that is stored', () => {
    const old = aPod({}, { phase: 'Running' })
    expect(updated(old, (o) => (o.status = { phase: 'Failed' })).object.status).toEqual(old.status)
  })
})

describe('the deletion of a pod', () => {
  const grace = (spec: Loose, status: Loose, requested?: number, metadata: Loose = {}): number | undefined =>
    pod.gracefulDeletion!(aPod(spec, status, metadata), requested, ruleContext())

  it('waits for as long as the pod says, 30 seconds by default', () => {
    expect(grace({ nodeName: 'n' }, { phase: 'Running' })).toBe(30)
    expect(grace({ nodeName: 'n', terminationGracePeriodSeconds: 5 }, { phase: 'Running' })).toBe(5)
  })

  it('waits for as long as the request says', () => {
    expect(grace({ nodeName: 'n' }, { phase: 'Running' }, 3)).toBe(3)
    expect(grace({ nodeName: 'n' }, { phase: 'Running' }, 0)).toBe(0)
  })

  it('is at once when the pod has no node or has ended', () => {
    expect(grace({}, { phase: 'Pending' })).toBe(0)
    expect(grace({ nodeName: 'n' }, { phase: 'Succeeded' })).toBe(0)
    expect(grace({ nodeName: 'n' }, { phase: 'Failed' })).toBe(0)
  })
})

describe('a new pod', () => {
  it('is told its quality of service', () => {
    const qos = (resources: Loose): string => aPod({ containers: [{ name: 'c', image: 'nginx', resources }] }).status.qosClass
    expect(qos({})).toBe('BestEffort')
    expect(qos({ requests: { cpu: '100m' } })).toBe('Burstable')
    expect(qos({ limits: { cpu: '1', memory: '1Gi' } })).toBe('Guaranteed')
    expect(qos({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } })).toBe('Burstable')
  })

  it('pulls an image always when it has no tag or the tag latest', () => {
    const policy = (image: string): string => aPod({ containers: [{ name: 'c', image }] }).spec.containers[0].imagePullPolicy
    expect([policy('nginx'), policy('nginx:latest'), policy('nginx:1.27'), policy('localhost:5000/nginx')]).toEqual([
      'Always',
      'Always',
      'IfNotPresent',
      'Always',
    ])
    expect(policy(`nginx@sha256:${'a'.repeat(64)}`)).toBe('IfNotPresent')
  })

  it('must not bring ephemeral containers or a spec without containers', () => {
    const sent = (spec: Loose): string[] => causes(created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }).errors)
    expect(sent({})).toEqual(['spec.containers: Required value'])
    const container = { name: 'c', image: 'nginx' }
    expect(sent({ containers: [container], ephemeralContainers: [{ name: 'e', image: 'busybox' }] })).toEqual([
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ])
    expect(sent({ containers: [container, container] })).toEqual(['spec.containers[1].name: Duplicate value: "c"'])
  })
})

describe('the subresources of a pod', () => {
  const part = (name: string): Loose => pod.subresources![name]
  const write = (name: string, old: Loose, change: (o: Loose) => void): { object: Loose; errors: string[] } => {
    const object = structuredClone(old)
    change(object)
    part(name).prepareForUpdate(object, old, ruleContext({ subresource: name }))
    return { object, errors: causes(part(name).validateUpdate?.(object, old, ruleContext({ subresource: name })) ?? []) }
  }

  it('status writes the status alone', () => {
    const old = aPod({}, { phase: 'Pending' })
    const { object, errors } = write('status', old, (o) => {
      o.status.phase = 'Running'
      o.spec.containers[0].image = 'other'
    })
    expect([errors, object.status.phase, object.spec]).toEqual([[], 'Running', old.spec])
  })

  it('ephemeralcontainers adds debug containers, and never changes one that is there', () => {
    const old = aPod()
    const debug = { name: 'debugger', image: 'busybox', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }
    const { object, errors } = write('ephemeralcontainers', old, (o) => (o.spec.ephemeralContainers = [debug]))
    expect([errors, object.spec.ephemeralContainers.length]).toEqual([[], 1])
    const changed = write('ephemeralcontainers', object, (o) => (o.spec.ephemeralContainers[0].image = 'alpine'))
    expect(heads(changed.errors)).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be changed\n',
    ])
    expect(changed.errors[0]).toContain('- "Image": "busybox",\n+ "Image": "alpine",\n')
    const removed = write('ephemeralcontainers', object, (o) => (o.spec.ephemeralContainers = []))
    expect(heads(removed.errors)).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be removed\n',
    ])
  })

  it('resize changes requests and limits, not the quality of service', () => {
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } }
    const old = aPod({ containers: [{ name: 'c', image: 'nginx', resources }] })
    const grown = write('resize', old, (o) => (o.spec.containers[0].resources.limits.cpu = '300m'))
    expect([grown.errors, grown.object.spec.containers[0].resources.limits]).toEqual([[], { cpu: '300m' }])
    const { errors } = write('resize', old, (o) => delete o.spec.containers[0].resources)
    expect(errors).toContain('spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing')
  })

  it('resize writes nothing else, takes nothing away and keeps the containers', () => {
    const resources = { requests: { cpu: '100m', memory: '1Gi' } }
    const old = aPod({
      containers: [{ name: 'c', image: 'nginx', resources }],
      initContainers: [{ name: 'i', image: 'nginx', resources: structuredClone(resources) }],
    })
    const other = write('resize', old, (o) => (o.spec.containers[0].image = 'other'))
    expect([other.errors, other.object.spec.containers[0].image]).toEqual([[], 'nginx'])
    expect(write('resize', old, (o) => delete o.spec.containers[0].resources.requests.cpu).errors).toEqual([
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
    ])
    expect(write('resize', old, (o) => (o.spec.containers[0].resources.requests['ephemeral-storage'] = '1Gi')).errors).toEqual([
      'spec: Forbidden: only cpu and memory resources are mutable',
    ])
    expect(write('resize', old, (o) => (o.spec.initContainers[0].resources.requests.cpu = '1')).errors).toEqual([])
    expect(write('resize', old, (o) => (o.spec.initContainers[0].resources.requests['ephemeral-storage'] = '1Gi')).errors).toEqual([
      'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
    ])
    expect(write('resize', old, (o) => o.spec.containers.push({ ...o.spec.containers[0], name: 'd' })).errors).toEqual([
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ])
    expect(write('resize', old, (o) => (o.spec.containers[0].name = 'd')).errors).toEqual([
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    ])
  })

  it('resize changes resources of the whole pod', () => {
    const old = aPod({ resources: { requests: { cpu: '1' } } })
    const grown = write('resize', old, (o) => (o.spec.resources.requests.cpu = '2'))
    expect([grown.errors, grown.object.spec.resources.requests]).toEqual([[], { cpu: '2' }])
    expect(write('resize', old, (o) => delete o.spec.resources).errors).toContain(
      'spec.resources: Forbidden: pod-level resources cannot be removed',
    )
  })

  it('resize is not for static pods and pods of Windows', () => {
    const windows = aPod({ os: { name: 'windows' } })
    expect(write('resize', windows, () => undefined).errors).toEqual([': Forbidden: windows pods cannot be resized'])
    const mirror = aPod({ nodeName: 'n' }, {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    expect(write('resize', mirror, () => undefined).errors).toEqual([': Forbidden: static pods cannot be resized'])
  })

  it('status names conditions in full, and no other node for a pod that has one', () => {
    const old = aPod({ nodeName: 'n' })
    const { errors } = write('status', old, ({ status }) => {
      status.conditions = [{ type: 'a b', status: 'True', observedGeneration: -1 }]
      status.nominatedNodeName = 'm'
    })
    expect(errors).toEqual([
      "status.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
      'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
    ])
  })

  it('status names claims that the spec has, each once, and users that there can be', () => {
    const old = aPod({ resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] })
    const { errors } = write('status', old, ({ status }) => {
      status.resourceClaimStatuses = [{ name: 'gpu', resourceClaimName: 'A' }, { name: 'gpu' }, { name: 'disk' }]
      status.containerStatuses = [{ name: 'c', user: { linux: { uid: -1, gid: 1, supplementalGroups: [0, -2] } } }]
    })
    expect(errors).toEqual([
      'status.containerStatuses[0].user.linux.supplementalGroups[1]: Invalid value: -2: must be between 0 and 2147483647, inclusive',
      'status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      "status.resourceClaimStatuses[0].resourceClaimName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'status.resourceClaimStatuses[1].name: Duplicate value: "gpu"',
      'status.resourceClaimStatuses[2].name: Invalid value: "disk": must match the name of an entry in `spec.resourceClaims`',
    ])
    const windows = write('status', aPod({ os: { name: 'windows' } }), ({ status }) => {
      status.initContainerStatuses = [{ name: 'c', user: { linux: { uid: 1 } } }]
    })
    expect(windows.errors).toEqual(['status.initContainerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod'])
  })

  it('status tells of devices that the containers have asked for, and how they do', () => {
    const resources = { limits: { 'a.example/gpu': '1' }, claims: [{ name: 'net', request: 'eth' }, { name: 'disk' }] }
    const resourceClaims = ['net', 'disk'].map((name) => ({ name, resourceClaimName: name }))
    const old = aPod({ containers: [{ name: 'c', image: 'nginx', resources }], resourceClaims })
    const of = (...names: string[]): Loose[] => names.map((name) => ({ name }))
    const { errors } = write('status', old, ({ status }) => {
      const devices = [
        { name: 'a.example/gpu', resources: [{ resourceID: 'x', health: 'Sick' }, { resourceID: 'x' }] },
        ...of('claim:net/eth', 'claim:disk', 'claim:net', 'memory'),
      ]
      status.containerStatuses = [
        { name: 'c', allocatedResourcesStatus: devices },
        { name: 'gone', allocatedResourcesStatus: of('anything') },
      ]
      status.ephemeralContainerStatuses = [{ name: 'e', allocatedResourcesStatus: of('memory') }]
    })
    const at = 'status.containerStatuses[0].allocatedResourcesStatus'
    const health = 'supported values: "Healthy", "Unhealthy", "Unknown"'
    expect(errors).toEqual([
      `${at}[0].resources[0].health: Unsupported value: "Sick": ${health}`,
      `${at}[0].resources[1].health: Unsupported value: "": ${health}`,
      `${at}[0].resources[1].resourceID: Duplicate value: "x"`,
      `${at}[3].name: Invalid value: "claim:net": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
      `${at}[4].name: Invalid value: "memory": must match one of the container's resource requests`,
      'status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status',
    ])
  })

  it('status keeps the generations that were seen', () => {
    const old = aPod({}, { observedGeneration: 3, conditions: [{ type: 'Ready', status: 'False', observedGeneration: 2 }] })
    const { object } = write('status', old, (o) => (o.status = { conditions: [{ type: 'Ready', status: 'True' }] }))
    expect(object.status).toEqual({
      qosClass: 'BestEffort',
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }],
    })
  })

  it('status lets a container that has ended run again only if its policies say so', () => {
    const terminated = (exitCode: number): Loose => ({ containerStatuses: [{ name: 'c', state: { terminated: { exitCode } } }] })
    const runAgain = (spec: Loose, exitCode: number): string[] =>
      write('status', aPod(spec, terminated(exitCode)), (o) => (o.status.containerStatuses[0].state = { running: {} })).errors
    const refusal = ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }]
    const containers = [{ name: 'c', image: 'nginx', restartPolicy: 'Never', restartPolicyRules: rules }]
    expect(runAgain({}, 0)).toEqual([])
    expect(runAgain({ restartPolicy: 'OnFailure' }, 1)).toEqual([])
    expect(runAgain({ restartPolicy: 'OnFailure' }, 0)).toEqual(refusal)
    expect(runAgain({ containers }, 42)).toEqual([])
    expect(runAgain({ containers }, 1)).toEqual(refusal)
  })
})
