import { expect, it } from 'vitest'
import { protobufToJson } from '../../../../src-main/cluster/api/protobuf/decode.js'

const field = (n: number, b: Buffer | string): Buffer => Buffer.concat([Buffer.from([(n << 3) | 2, Buffer.byteLength(b)]), Buffer.from(b)])

it('reads amounts in protobuf as texts, as kubectl create quota sends them', () => {
  const hard = (name: string, amount: string): Buffer => field(1, Buffer.concat([field(1, name), field(2, field(1, amount))]))
  const object = Buffer.concat([field(1, field(1, 'q')), field(2, Buffer.concat([hard('cpu', '2'), hard('pods', '10')]))])
  const type = Buffer.concat([field(1, 'v1'), field(2, 'ResourceQuota')])
  const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, object)])
  expect(JSON.parse(protobufToJson(body).toString())).toEqual({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { cpu: '2', pods: '10' } },
  })
})
