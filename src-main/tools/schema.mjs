// Generates src-main/cluster/api/schema/generated/schema.json, the API schema that drives the embedded cluster, from the
// models that @kubernetes/client-node ships: `node src-main/tools/schema.mjs [--force]`. Plain Node, no build needed.
// What those models lack (list types, patch strategies, quantities, …) is in cluster/api/schema/annotations.ts.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)
const root = path.resolve(path.dirname(self), '../..')
const clientNode = path.join(root, 'node_modules/@kubernetes/client-node')
const target = path.join(root, 'src-main/cluster/api/schema/generated/schema.json')

/** Where each API group's definitions live, in the order in which shared types are given to their group. */
const GROUPS = [
  ['CoreV1', 'io.k8s.api.core.v1'],
  ['AppsV1', 'io.k8s.api.apps.v1'],
  ['BatchV1', 'io.k8s.api.batch.v1'],
  ['AutoscalingV1', 'io.k8s.api.autoscaling.v1'],
  ['AutoscalingV2', 'io.k8s.api.autoscaling.v2'],
  ['PolicyV1', 'io.k8s.api.policy.v1'],
  ['NetworkingV1', 'io.k8s.api.networking.v1'],
  ['DiscoveryV1', 'io.k8s.api.discovery.v1'],
  ['RbacAuthorizationV1', 'io.k8s.api.rbac.v1'],
  ['StorageV1', 'io.k8s.api.storage.v1'],
  ['SchedulingV1', 'io.k8s.api.scheduling.v1'],
  ['CoordinationV1', 'io.k8s.api.coordination.v1'],
  ['EventsV1', 'io.k8s.api.events.v1'],
  ['NodeV1', 'io.k8s.api.node.v1'],
  ['CertificatesV1', 'io.k8s.api.certificates.v1'],
  ['AuthenticationV1', 'io.k8s.api.authentication.v1'],
  ['AuthorizationV1', 'io.k8s.api.authorization.v1'],
  ['AdmissionregistrationV1', 'io.k8s.api.admissionregistration.v1'],
  ['FlowcontrolApiserverV1', 'io.k8s.api.flowcontrol.v1'],
  ['ResourceV1', 'io.k8s.api.resource.v1'],
  ['ApiextensionsV1', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'],
  ['ApiregistrationV1', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1'],
]

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** The types of the apimachinery, which every group shares. */
const META_MODELS = new Set(
  `APIGroup APIGroupList APIResource APIResourceList APIVersions Condition DeleteOptions FieldSelectorRequirement
  GroupVersionForDiscovery LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry ObjectMeta OwnerReference
  Preconditions ServerAddressByClientCIDR ShardInfo Status StatusCause StatusDetails WatchEvent`
    .split(/\s+/)
    .map((n) => `V1${n}`),
)

/** Types that the walk over the groups would give to another group than the one that declares them. */
const OWNER = {
  V1TopologySelectorTerm: 'io.k8s.api.core.v1',
  V1TopologySelectorLabelRequirement: 'io.k8s.api.core.v1',
  V1Eviction: 'io.k8s.api.policy.v1',
  V1Scale: 'io.k8s.api.autoscaling.v1',
  V1ScaleSpec: 'io.k8s.api.autoscaling.v1',
  V1ScaleStatus: 'io.k8s.api.autoscaling.v1',
  V1CrossVersionObjectReference: 'io.k8s.api.autoscaling.v1',
  AuthenticationV1TokenRequest: 'io.k8s.api.authentication.v1',
  V1TokenRequestSpec: 'io.k8s.api.authentication.v1',
  V1TokenRequestStatus: 'io.k8s.api.authentication.v1',
  V1BoundObjectReference: 'io.k8s.api.authentication.v1',
  VersionInfo: 'io.k8s.apimachinery.pkg.version',
}

/** The prefix that client-node gives to a name which several groups have, and the group it stands for. */
const PREFIXES = [
  ['AdmissionregistrationV1', 'AdmissionregistrationV1'],
  ['ApiextensionsV1', 'ApiextensionsV1'],
  ['ApiregistrationV1', 'ApiregistrationV1'],
  ['AuthenticationV1', 'AuthenticationV1'],
  ['CoreV1', 'CoreV1'],
  ['DiscoveryV1', 'DiscoveryV1'],
  ['EventsV1', 'EventsV1'],
  ['FlowcontrolV1', 'FlowcontrolApiserverV1'],
  ['RbacV1', 'RbacAuthorizationV1'],
  ['ResourceV1', 'ResourceV1'],
  ['StorageV1', 'StorageV1'],
]

/** Text of a doc comment as it was in the OpenAPI document. */
const plain = (text) => text.replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('*_/', '*/').trim()

/**
 * Type codes of the generated file: `s` string, `b` boolean, `i32`/`i64` integers, `n` number, `t`/`u` times with
 * seconds/microseconds, `y` base64 bytes, `ios` int-or-string, `*` anything, `#Model`, `[]T` list, `{}T` map.
 */
function typeCode(type, format) {
  const list = /^Array<(.*)>$/.exec(type)
  if (list) return '[]' + typeCode(list[1], format)
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map) return '{}' + typeCode(map[1], format)
  switch (type) {
    case 'string':
      return format === 'byte' ? 'y' : 's'
    case 'number':
      return format === 'double' ? 'n' : format === 'int32' ? 'i32' : 'i64'
    case 'boolean':
      return 'b'
    case 'Date':
      return 't'
    case 'V1MicroTime':
      return 'u'
    case 'IntOrString':
      return 'ios'
    case 'any':
    case 'object':
      return '*'
    default:
      return '#' + type
  }
}

function readModel(dir, name) {
  const js = fs.readFileSync(path.join(dir, `${name}.js`), 'utf8')
  const map = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(js)
  if (!map) return undefined
  const dts = fs.readFileSync(path.join(dir, `${name}.d.ts`), 'utf8')
  const body = dts.indexOf(`export declare class ${name} {`)
  const heads = [...dts.slice(0, body).matchAll(/\/\*\*\n((?:\s*\* ?.*\n)*?)\s*\*\/\n/g)]
  const comment = (text) => plain(text.replace(/^\s*\* ?/gm, '').replaceAll('\n', ' '))
  const fields = new Map()
  for (const m of dts.slice(body).matchAll(/(?: {4}\/\*\*\n((?: {4}\*.*\n)*?) {4}\*\/\n)? {4}'([^']+)'(\?)?: /g)) {
    fields.set(m[2], { required: m[3] !== '?', description: m[1] ? comment(m[1]) : '' })
  }
  const properties = {}
  const required = []
  const descriptions = {}
  for (const a of JSON.parse(map[1])) {
    properties[a.baseName] = typeCode(a.type, a.format)
    const f = fields.get(a.name)
    if (!f) throw new Error(`${name}.${a.name} is not in its declaration`)
    if (f.required) required.push(a.baseName)
    if (f.description) descriptions[a.baseName] = f.description
  }
  // The first comment of the file is the generator's banner.
  const description = heads.length > 1 ? comment(heads[heads.length - 1][1]) : ''
  return { name, properties, required, description, descriptions }
}

/** Models that an API class of client-node takes or gives, by its imports. */
function rootsOf(dir, api) {
  const dts = fs.readFileSync(path.join(dir, `${api}Api.d.ts`), 'utf8')
  return [...dts.matchAll(/models\/(\w+)\.js'/g)].map((m) => m[1])
}

/** The operations whose parameters OpenAPI describes; those of the other kinds read alike. */
const OPERATIONS = `listNamespacedPod createNamespacedPod patchNamespacedPod deleteNamespacedPod readNamespacedPodLog
  connectGetNamespacedPodAttach connectGetNamespacedPodExec connectGetNamespacedPodPortforward connectGetNamespacedPodProxy
  connectGetNamespacedServiceProxy connectGetNodeProxy`.split(/\s+/)

const ENTITIES = { '&#39;': "'", '&quot;': '"', '&#x60;': '`', '&#x3D;': '=' }

/** What the parameters of operations are for, by operation and name. */
function readParameters(apis) {
  const dts = fs.readFileSync(path.join(apis, 'CoreV1Api.d.ts'), 'utf8')
  const out = {}
  for (const [, comment, name] of dts.matchAll(/ {4}\/\*\*\n((?: {5}\*(?!\/).*\n)+) {5}\*\/\n {4}(\w+)\(/g)) {
    if (!OPERATIONS.includes(name) || out[name]) continue
    const texts = [...comment.matchAll(/@param _?(\w+) (.+)/g)]
    out[name] = Object.fromEntries(texts.map((m) => [m[1], plain(m[2].replace(/&(?:#39|quot|#x60|#x3D);/g, (e) => ENTITIES[e]))]))
  }
  for (const name of OPERATIONS) if (!out[name]) throw new Error(`${name} is not in its declaration`)
  return out
}

const refOf = (code) => /#(\w+)$/.exec(code)?.[1]

/** Gives each model its OpenAPI definition name. */
function nameDefinitions(models, apis) {
  const definition = new Map()
  const packageOf = new Map(GROUPS)
  const bare = (name) => name.replace(/^V\d+/, '')
  for (const name of models.keys()) {
    const prefix = PREFIXES.find(([p]) => name.startsWith(p))
    if (META_MODELS.has(name)) definition.set(name, `${META}.${bare(name)}`)
    else if (name === 'VersionInfo') definition.set(name, `${OWNER[name]}.Info`)
    else if (prefix) definition.set(name, `${packageOf.get(prefix[1])}.${name.slice(prefix[0].length)}`)
    else if (OWNER[name]) definition.set(name, `${OWNER[name]}.${bare(name)}`)
  }
  for (const [api, pkg] of GROUPS) {
    const version = /V\d+$/.exec(api)[0]
    const queue = rootsOf(apis, api)
    const seen = new Set()
    for (let name; (name = queue.pop());) {
      const model = models.get(name)
      if (!model || seen.has(name)) continue
      seen.add(name)
      if (!definition.has(name) && name.startsWith(version)) definition.set(name, `${pkg}.${bare(name)}`)
      for (const code of Object.values(model.properties)) {
        const ref = refOf(code)
        if (ref) queue.push(ref)
      }
    }
  }
  return definition
}

/**
 * Writes the schema unless it is there and up to date (same client-node, same generator).
 * @param {{ force?: boolean }} options
 * @returns whether it was written
 */
export async function generate({ force = false } = {}) {
  const { version } = JSON.parse(fs.readFileSync(path.join(clientNode, 'package.json'), 'utf8'))
  const stamp = `${version}-${crypto.createHash('sha256').update(fs.readFileSync(self)).digest('hex').slice(0, 12)}`
  if (!force && fs.existsSync(target)) {
    const head = Buffer.alloc(200)
    const file = fs.openSync(target, 'r')
    fs.readSync(file, head, 0, head.length, 0)
    fs.closeSync(file)
    if (head.toString('utf8').startsWith(`{"stamp":"${stamp}"`)) return false
  }
  const dir = path.join(clientNode, 'dist/gen/models')
  const models = new Map()
  for (const file of fs.readdirSync(dir).sort()) {
    const name = file.slice(0, -3)
    // Beta and alpha models are left overs of other releases in part: only what is stable is served.
    if (!file.endsWith('.js') || /^V\d+(alpha|beta)/.test(name)) continue
    const model = readModel(dir, name)
    if (model) models.set(name, model)
  }
  const apis = path.join(clientNode, 'dist/gen/apis')
  const definitions = nameDefinitions(models, apis)
  const structure = {}
  const texts = {}
  for (const [name, model] of models) {
    const definition = definitions.get(name)
    // A model that no API of this release reaches.
    if (!definition) continue
    structure[name] = { d: definition, p: model.properties, ...(model.required.length ? { r: model.required } : {}) }
    texts[name] = [model.description, model.descriptions]
  }
  fs.mkdirSync(path.dirname(target), { recursive: true })
  // The parts are strings within the file, so that each is parsed only when somebody asks for it.
  const parts = { models: structure, descriptions: texts, parameters: readParameters(apis) }
  const text = JSON.stringify({ stamp, ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)])) })
  const temporary = `${target}.${process.pid}`
  fs.writeFileSync(temporary, text)
  fs.renameSync(temporary, target)
  return true
}

if (process.argv[1] === self) {
  const written = await generate({ force: process.argv.includes('--force') })
  console.log(written ? `wrote ${path.relative(process.cwd(), target)}` : 'schema is up to date')
}
