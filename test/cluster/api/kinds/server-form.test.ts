/** Structures as messages show them: the API server's own form of them, and what differs between two. */
import { describe, expect, it } from 'vitest'
import { serverFields, serverForm } from '../../../../src-main/cluster/api/kinds/rules/server-form.js'
import { SERVER_TYPES, type ServerType } from '../../../../src-main/cluster/api/kinds/rules/server-types.js'
import { specDiff } from '../../../../src-main/cluster/api/kinds/rules/spec-diff.js'
import { unifiedDiff } from '../../../../src-main/cluster/api/kinds/rules/unified-diff.js'
import { loadSchema } from '../../../../src-main/cluster/api/schema/schema.js'

const wireNames = (type: ServerType): string[] => serverFields(type).flatMap((f) => (f.spread ? wireNames(f.type as ServerType) : [f.wire]))

describe("the server's own form of a structure", () => {
  it('has every field that the structure has on the wire, but for what a pod shares with its node', () => {
    const schema = loadSchema()
    const differing: Record<string, { missing: string[]; extra: string[] }> = {}
    for (const type of Object.keys(SERVER_TYPES) as ServerType[]) {
      if (!schema.has(`V1${type}`)) continue
      const wanted = [...schema.model(`V1${type}`).properties.keys()]
      const has = wireNames(type)
      const missing = wanted.filter((name) => !has.includes(name))
      const extra = has.filter((name) => !wanted.includes(name))
      if (missing.length + extra.length > 0) differing[type] = { missing: missing.sort(), extra: extra.sort() }
    }
    const shared = ['hostIPC', 'hostNetwork', 'hostPID', 'hostUsers', 'shareProcessNamespace']
    expect(differing).toEqual({
      PodSpec: { missing: [...shared.slice(0, 4), 'serviceAccount', 'shareProcessNamespace'], extra: [] },
      PodSecurityContext: { missing: [], extra: shared },
    })
  })

  it('shows what is missing as null, but for texts, numbers and truth values', () => {
    expect(JSON.stringify(serverForm('VolumeMount', { name: 'v', mountPath: '/v' }))).toBe(
      '{"Name":"v","ReadOnly":false,"RecursiveReadOnly":null,"MountPath":"/v","SubPath":"","MountPropagation":null,"SubPathExpr":""}',
    )
    expect(serverForm('Capabilities', { drop: ['ALL'] })).toEqual({ Add: null, Drop: ['ALL'] })
    expect(serverForm('PersistentVolumeClaimTemplate', { metadata: { labels: { b: '1', a: '2' } }, spec: {} })).toMatchObject({
      labels: { a: '2', b: '1' },
      Spec: { AccessModes: null, Resources: { Limits: null, Requests: null } },
    })
  })

  it('shows the metadata of a template as they are written, what there is of them', () => {
    const metadata = { annotations: { a: '1' }, labels: {}, name: 'x', finalizers: ['f'], creationTimestamp: null }
    const shown = serverForm('PodTemplateSpec', { metadata, spec: { restartPolicy: 'Never' } })
    expect(Object.keys(shown)).toEqual(['name', 'annotations', 'finalizers', 'Spec'])
    expect(shown['annotations']).toEqual({ a: '1' })
  })

  it('shows what a pod shares with its node in its security context', () => {
    const { SecurityContext } = serverForm('PodSpec', { hostNetwork: true, hostUsers: false, securityContext: { runAsUser: 1 } })
    expect(SecurityContext).toMatchObject({
      HostNetwork: true,
      HostPID: false,
      HostUsers: false,
      ShareProcessNamespace: null,
      RunAsUser: 1,
    })
  })
})

describe('the difference of two structures', () => {
  it('is told in hunks with three lines around, in which what could end a script is escaped', () => {
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeMode: 'Filesystem' }
    const changed = { ...claim, storageClassName: '<fast>' }
    expect(specDiff('PersistentVolumeClaimSpec', claim, changed)).toBe(
      [
        '@@ -10,7 +10,7 @@',
        '   }',
        '  },',
        '  "VolumeName": "",',
        '- "StorageClassName": null,',
        '+ "StorageClassName": "\\u003cfast\\u003e",',
        '  "VolumeMode": "Filesystem",',
        '  "DataSource": null,',
        '  "DataSourceRef": null,',
        '',
      ].join('\n'),
    )
  })

  it.each([
    { what: 'nothing', before: 'a\nb', after: 'a\nb', diff: [] },
    { what: 'a line that is added at the end', before: 'a', after: 'a\nb', diff: ['@@ -1 +1,2 @@', ' a', '+b', ''] },
    { what: 'a line that is taken away', before: 'a\nb', after: 'b', diff: ['@@ -1,2 +1 @@', '-a', ' b', ''] },
    {
      what: 'changes that are far apart in a hunk each',
      before: 'a\n1\n2\n3\n4\n5\n6\n7\nb',
      after: 'A\n1\n2\n3\n4\n5\n6\n7\nB',
      diff: ['@@ -1,4 +1,4 @@', '-a', '+A', ' 1', ' 2', ' 3', '@@ -6,4 +6,4 @@', ' 5', ' 6', ' 7', '-b', '+B', ''],
    },
    {
      what: 'changes that are close together in one hunk',
      before: 'a\n1\n2\n3\n4\n5\n6\nb',
      after: 'A\n1\n2\n3\n4\n5\n6\nB',
      diff: ['@@ -1,8 +1,8 @@', '-a', '+A', ' 1', ' 2', ' 3', ' 4', ' 5', ' 6', '-b', '+B', ''],
    },
  ])('tells of $what', ({ before, after, diff }) => {
    expect(unifiedDiff(before, after)).toBe(diff.join('\n'))
  })
})
