/** What a pod is refused for, with all causes in the order in which the API server tells them. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, type Loose } from './support.js'

const container = (more: Loose = {}): Loose => ({ name: 'c', image: 'nginx', ...more })

const pod = (spec: Loose, annotations: Loose = {}): string[] =>
  inOrder(
    created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations }, spec: { containers: [container()], ...spec } }).errors,
  )

const template = (spec: Loose, annotations: Loose = {}): string[] =>
  inOrder(
    created({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'r' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' }, annotations }, spec: { containers: [container()], ...spec } },
      },
    }).errors,
  )

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('the causes of a pod that is refused', () => {
  it('go through the spec as the API server does, classes after tolerations and aliases', () => {
    expect(
      pod({
        os: { name: 'plan9' },
        overhead: { 'cpu.': '1' },
        preemptionPolicy: 'Always',
        runtimeClassName: 'R',
        priorityClassName: 'P',
        hostAliases: [{ ip: 'x', hostnames: ['A'] }],
        tolerations: [{ key: 'a b', operator: 'Exists' }],
        subdomain: 'S',
        hostname: 'H',
        activeDeadlineSeconds: 0,
        nodeName: 'N',
        hostUsers: false,
        hostPID: true,
        readinessGates: [{ conditionType: 'a b' }],
        nodeSelector: { 'a b': 'x' },
        dnsPolicy: 'Some',
        restartPolicy: 'Sometimes',
        containers: [container({ image: ' nginx' })],
        volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }],
      }),
    ).toEqual([
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsPolicy: Unsupported value: "Some": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      `spec.nodeSelector: Invalid value: "a b": ${QUALIFIED}`,
      `spec.readinessGates[0].conditionType: Invalid value: "a b": ${QUALIFIED}`,
      'spec.HostPID: Forbidden: when `hostUsers` is false',
      `spec.nodeName: Invalid value: "N": ${SUBDOMAIN}`,
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
      `spec.hostname: Invalid value: "H": ${LABEL}`,
      `spec.subdomain: Invalid value: "S": ${LABEL}`,
      `spec.tolerations[0].key: Invalid value: "a b": ${QUALIFIED}`,
      'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      `spec.hostAliases[0].hostnames[0]: Invalid value: "A": ${SUBDOMAIN}`,
      `spec.priorityClassName: Invalid value: "P": ${SUBDOMAIN}`,
      `spec.runtimeClassName: Invalid value: "R": ${SUBDOMAIN}`,
      'spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
      `spec.overhead.limits[cpu.]: Invalid value: "cpu.": ${QUALIFIED}`,
      'spec.overhead.limits[cpu.]: Invalid value: "cpu.": must be a standard resource for containers',
      'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"',
      'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
    ])
  })

  it.each<[string, Loose, string[]]>([
    [
      'what Windows does not have, in an order that mixes the spec with its security context',
      {
        os: { name: 'windows' },
        hostUsers: true,
        hostPID: true,
        hostIPC: true,
        shareProcessNamespace: false,
        securityContext: {
          appArmorProfile: { type: 'RuntimeDefault' },
          seLinuxOptions: { level: 's0' },
          seccompProfile: { type: 'RuntimeDefault' },
          fsGroup: 1,
          fsGroupChangePolicy: 'Always',
          sysctls: [{ name: 'kernel.x', value: '1' }],
          runAsUser: 1,
          runAsGroup: 1,
          supplementalGroups: [1],
          supplementalGroupsPolicy: 'Merge',
          seLinuxChangePolicy: 'Recursive',
        },
      },
      [
        'securityContext.appArmorProfile',
        'securityContext.seLinuxOptions',
        'hostUsers',
        'hostPID',
        'hostIPC',
        'securityContext.seccompProfile',
        'securityContext.fsGroup',
        'securityContext.fsGroupChangePolicy',
        'securityContext.sysctls',
        'shareProcessNamespace',
        'securityContext.runAsUser',
        'securityContext.runAsGroup',
        'securityContext.supplementalGroups',
        'securityContext.supplementalGroupsPolicy',
        'securityContext.seLinuxChangePolicy',
      ].map((name) => `spec.${name}: Forbidden: cannot be set for a windows pod`),
    ],
    [
      'a process namespace that is shared with the host twice, after the groups and before sysctls',
      {
        shareProcessNamespace: true,
        hostPID: true,
        hostIPC: true,
        securityContext: {
          supplementalGroups: [-1],
          sysctls: [
            { name: 'kernel.sem', value: '1' },
            { name: 'kernel.semaphore', value: '1' },
          ],
        },
      },
      [
        'spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
        `spec.securityContext.sysctls[0].name: Invalid value: "kernel.sem": may not be specified when 'hostIPC' is true`,
      ],
    ],
    [
      'policies that were given as the empty text',
      {
        securityContext: { fsGroupChangePolicy: '', supplementalGroupsPolicy: '', seLinuxChangePolicy: '' },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', nodeAffinityPolicy: '', nodeTaintsPolicy: '' },
        ],
        containers: [container({ volumeMounts: [{ name: 'd', mountPath: '/d', mountPropagation: '', recursiveReadOnly: '' }] })],
        volumes: [{ name: 'd', azureDisk: { diskName: 'd', diskURI: 'https://u', cachingMode: '', kind: '' } }],
      },
      [
        'spec.volumes[0].azureDisk.cachingMode: Unsupported value: "": supported values: "None", "ReadOnly", "ReadWrite"',
        'spec.volumes[0].azureDisk.kind: Unsupported value: "": supported values: "Dedicated", "Managed", "Shared"',
        // A volume that is not in order is none.
        'spec.containers[0].volumeMounts[0].name: Not found: "d"',
        'spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "": supported values: "Bidirectional", "HostToContainer", "None"',
        'spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: "": supported values: "Disabled", "Enabled", "IfPossible"',
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"',
        'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "": supported values: "Merge", "Strict"',
        'spec.securityContext.seLinuxChangePolicy: Unsupported value: "": supported values: "MountOption", "Recursive"',
        'spec.topologySpreadConstraints[0].nodeAffinityPolicy: Unsupported value: "": supported values: "Honor", "Ignore"',
        'spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "": supported values: "Honor", "Ignore"',
      ],
    ],
    [
      'requests of huge pages: first that they are as the limits, then that they are whole pages',
      { containers: [container({ resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' }, requests: { 'hugepages-2Mi': '3Mi' } } })] },
      [
        'spec.containers[0].resources.requests: Invalid value: "3Mi": must be equal to hugepages-2Mi limit of 4Mi',
        'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      ],
    ],
    [
      'a claim that is named twice, whatever is asked of it the second time',
      {
        resourceClaims: [{ name: 'gpu', resourceClaimName: 'g' }],
        containers: [
          container({ resources: { claims: [{ name: 'gpu' }, { name: 'gpu', request: 'A B' }, { name: 'none', request: 'A' }] } }),
        ],
      },
      [
        'spec.containers[0].resources.claims[1]: Duplicate value: "gpu"',
        `spec.containers[0].resources.claims[2].request: Invalid value: "A": ${LABEL}`,
        'spec.containers[0].resources.claims[2]: Not found: "none": must be one of the names in pod.spec.resourceClaims: gpu',
      ],
    ],
    [
      'claims of the pod that have no source or two, shown as a whole',
      {
        resourceClaims: [
          { name: 'a' },
          { name: 'b', resourceClaimName: 'x', resourceClaimTemplateName: 'y' },
          { name: 'a', resourceClaimName: 'X' },
        ],
      },
      [
        'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        'spec.resourceClaims[1]: Invalid value: {"Name":"b","ResourceClaimName":"x","ResourceClaimTemplateName":"y"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        'spec.resourceClaims[2].name: Duplicate value: "a"',
        `spec.resourceClaims[2].resourceClaimName: Invalid value: "X": ${SUBDOMAIN}`,
      ],
    ],
    [
      'contexts that contradict themselves, shown as a whole',
      {
        containers: [
          container({
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { add: ['CAP_SYS_ADMIN'] },
              seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'x' },
            },
          }),
        ],
      },
      [
        'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"x"}: can only be set when seccomp type is Localhost',
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":{"Type":"RuntimeDefault","LocalhostProfile":"x"},"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
      ],
    ],
    ['an image volume without an image', { volumes: [{ name: 'v', image: {} }] }, ['spec.volumes[0].image.reference: Required value']],
  ])('are %s', (_, spec, want) => {
    expect(pod(spec)).toEqual(want)
  })

  it.each<[string, Loose, Loose, string[]]>([
    [
      'of a kubelet’s own pod that it may not claim devices',
      { nodeName: 'n', resourceClaims: [{ name: 'a' }, { name: 'a' }] },
      { 'kubernetes.io/config.mirror': 'x' },
      Array<string>(2).fill(': Forbidden: static pods do not support resource claims'),
    ],
    [
      'of annotations the mirror, tolerations, cost, seccomp and AppArmor, in this order',
      {},
      {
        'container.apparmor.security.beta.kubernetes.io/d': 'x',
        'container.seccomp.security.alpha.kubernetes.io/c': 'x',
        'controller.kubernetes.io/pod-deletion-cost': 'x',
        'kubernetes.io/config.mirror': 'x',
        'scheduler.alpha.kubernetes.io/tolerations': '[{"operator":"Equal"}]',
        'seccomp.security.alpha.kubernetes.io/pod': 'y',
      },
      [
        'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
        'metadata.annotations.scheduler.alpha.kubernetes.io/tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "x": must be a 32bit integer',
        'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "y": must be a valid seccomp profile',
        'metadata.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: "x": must be a valid seccomp profile',
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: "d": container not found',
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: "x": invalid AppArmor profile name: "x"',
      ],
    ],
    [
      'of tolerations in an annotation that nobody can read',
      {},
      { 'scheduler.alpha.kubernetes.io/tolerations': '{}' },
      [
        'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/tolerations": json: cannot unmarshal object into Go value of type []core.Toleration',
      ],
    ],
    [
      'of profiles that differ from their annotations all of seccomp first',
      {
        containers: ['c', 'd'].map((name) =>
          container({ name, securityContext: { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } } }),
        ),
      },
      Object.fromEntries(
        ['c', 'd'].flatMap((name) => [
          [`container.apparmor.security.beta.kubernetes.io/${name}`, 'runtime/default'],
          [`container.seccomp.security.alpha.kubernetes.io/${name}`, 'runtime/default'],
        ]),
      ),
      ['seccomp', 'apparmor'].flatMap((what) =>
        [0, 1].map(
          (i) =>
            `spec.containers[${i}].securityContext.${what === 'seccomp' ? 'seccomp' : 'appArmor'}Profile.type: Forbidden: ${what} type in annotation and field must match`,
        ),
      ),
    ],
  ])('are told %s', (_, spec, annotations, want) => {
    expect(pod(spec, annotations)).toEqual(want)
  })
})

describe('a template may have what its pods may not:', () => {
  it('padded images and image volumes that are filled in later', () => {
    const spec = { containers: [container({ image: ' nginx ' })], volumes: [{ name: 'v', image: {} }] }
    expect(template(spec)).toEqual([])
    expect(pod(spec)).toEqual([
      'spec.volumes[0].image.reference: Required value',
      'spec.containers[0].image: Invalid value: " nginx ": must not have leading or trailing whitespace',
    ])
  })

  it('but no ephemeral containers, whose images are looked at all the same', () => {
    expect(template({ ephemeralContainers: [{ name: 'e', image: ' x' }] })).toEqual([
      'spec.template.spec.ephemeralContainers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
      'spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ])
  })
})
