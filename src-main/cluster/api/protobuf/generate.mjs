// Makes generated/messages.json: the field numbers of the API's protobuf messages, as kubectl speaks them. They are part
// of the wire format and never change; a Go client carries them as compressed descriptors.
//   npx tsx src-main/cluster/api/protobuf/generate.mjs PATH_TO_A_KUBECTL_BINARY   (up to 1.34; later ones have none)
import fs from 'node:fs'
import zlib from 'node:zlib'
import { loadSchema } from '../schema/schema.ts'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('name a kubectl binary')

/** The stable groups, and what they refer to. */
const PACKAGES =
  /^k8s\.io\.(api\.(core|apps|batch|policy|networking|discovery|events|rbac|storage|scheduling|node|coordination|certificates|authentication|authorization|admissionregistration)\.v1|api\.autoscaling\.v[12]|apimachinery\.pkg\.apis\.meta\.v1)$/

/** Reads a protobuf message as pairs of field number and value: numbers as BigInt, the rest as Buffer. */
function* pairs(b) {
  let at = 0
  const varint = () => {
    let v = 0n
    for (let shift = 0n; ; shift += 7n) {
      const c = b[at++]
      v |= BigInt(c & 127) << shift
      if (c < 128) return v
    }
  }
  while (at < b.length) {
    const tag = Number(varint())
    if ((tag & 7) === 0) yield [tag >> 3, varint()]
    else if ((tag & 7) === 2) {
      const n = Number(varint())
      yield [tag >> 3, b.subarray(at, (at += n))]
    } else throw new Error(`wire type ${tag & 7}`)
  }
}

/** All values of one field. */
const all = (b, number) => [...pairs(b)].filter(([n]) => n === number).map(([, v]) => v)
const text = (b, number) => all(b, number)[0]?.toString() ?? ''

function* descriptors(file) {
  const bytes = fs.readFileSync(file)
  const magic = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + magic.length)) {
    try {
      const plain = zlib.gunzipSync(bytes.subarray(at, at + 400_000), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
      if (
        plain
          .subarray(2, 2 + plain[1])
          .toString()
          .endsWith('.proto')
      )
        yield plain
    } catch {
      // Some other use of gzip.
    }
  }
}

const schema = loadSchema()
const models = new Map(schema.names().map((name) => [schema.model(name).definition, schema.model(name)]))
const SCALARS = { 1: 'd', 3: 'l', 5: 'i', 8: 't', 9: 's', 12: 'b' }
const short = (name) => name.replace(/^\.?k8s\.io\.(api|apimachinery\.pkg(\.apis)?)\./, '')

const messages = {}
for (const file of descriptors(binary)) {
  const pkg = text(file, 2)
  if (!PACKAGES.test(pkg)) continue
  for (const message of all(file, 4)) {
    const name = text(message, 1)
    const entries = new Map(all(message, 3).map((m) => [`.${pkg}.${name}.${text(m, 1)}`, m]))
    const model = models.get(`io.${pkg.replace('k8s.io', 'k8s')}.${name}`)
    const type = (field) => {
      const kind = Number(all(field, 5)[0])
      return kind === 11 ? short(text(field, 6)) : (SCALARS[kind] ?? `?${kind}`)
    }
    const fields = []
    for (const field of all(message, 2)) {
      const number = Number(all(field, 3)[0])
      const said = text(field, 1)
      // A few fields are capitalised otherwise than in JSON.
      const label = [...(model?.properties.keys() ?? [])].find((p) => p.toLowerCase() === said.toLowerCase()) ?? said
      const repeated = Number(all(field, 4)[0]) === 3
      const entry = entries.get(text(field, 6))
      // A Go struct that is embedded has no field of its own in JSON.
      const inline = model && !model.properties.has(label)
      if (inline && type(field).length === 1) console.warn(`${name}.${label} is not in the schema`)
      const mark = entry ? '%' : inline && type(field).length > 1 ? '<' : repeated ? '*' : ''
      fields.push(`${number} ${label} ${mark}${entry ? type(all(entry, 2).find((f) => text(f, 1) === 'value')) : type(field)}`)
    }
    for (const property of model?.properties.keys() ?? []) {
      if (
        !fields.some((f) => f.split(' ')[1] === property) &&
        !['apiVersion', 'kind'].includes(property) &&
        !fields.some((f) => f.includes(' <'))
      ) {
        console.warn(`${short(pkg)}.${name} lacks ${property}`)
      }
    }
    messages[`${short(pkg)}.${name}`] = fields.join(',')
  }
}
fs.writeFileSync(new URL('generated/messages.json', import.meta.url), `${JSON.stringify(messages)}\n`)
console.log(`${Object.keys(messages).length} messages`)
