/** How it is asked: the parameters and headers of a request. */
import fc from 'fast-check'
import { nastyString } from './values.js'

const VALUES: Readonly<Record<string, readonly string[]>> = {
  labelSelector: ['a=b', 'app in (a,b)', '!a', 'a', 'a!=b,c', 'a in ()', 'app=', '=', 'a==b', 'a>1', 'a notin (b)', ','],
  fieldSelector: [
    'metadata.name=a',
    'metadata.namespace!=x',
    'status.phase=Running',
    'spec.nodeName=',
    'a=b',
    'metadata.name=a,metadata.name=b',
    '==',
  ],
  resourceVersion: ['0', '1', '10', '99999999999', '-1', 'x', ''],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'Other', ''],
  limit: ['0', '1', '2', '500', '-1', '1.5', '9999999999999999999999', 'x'],
  continue: ['x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0', 'bnVsbA', 'e30', ''],
  watch: ['1', 'true', 'false', '0', 'x'],
  timeoutSeconds: ['1', '0', '-1', '99999999999', 'x'],
  allowWatchBookmarks: ['true', 'false', 'x'],
  sendInitialEvents: ['true', 'false', 'x'],
  dryRun: ['All', 'None', ''],
  fieldManager: ['one', 'two', 'x'.repeat(129), '\u0000'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'Other'],
  force: ['true', 'false', 'x'],
  pretty: ['true', '', 'false'],
  gracePeriodSeconds: ['0', '1', '-1', '99999999999999999999', 'x'],
  propagationPolicy: ['Foreground', 'Background', 'Orphan', 'Other'],
  orphanDependents: ['true', 'x'],
  includeObject: ['None', 'Metadata', 'Object', 'Other'],
  container: ['main', 'c', ''],
  tailLines: ['0', '-1', 'x', '5'],
  limitBytes: ['0', '1', '-1'],
  sinceSeconds: ['0', '1', 'x'],
  sinceTime: ['2024-01-01T00:00:00Z', 'x'],
  follow: ['true'],
  timestamps: ['true', 'x'],
  command: ['sh', '', 'cat'],
  stdin: ['true'],
  stdout: ['true', '1'],
  tty: ['true'],
  ports: ['80', 'x', '99999'],
  path: ['/', '../', 'a%2fb'],
  hash: ['x'],
  verbose: [''],
  exclude: ['etcd'],
}

const parameter = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...Object.keys(VALUES))
      .chain((name) => fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES[name]!) }, nastyString))),
  },
  { weight: 1, arbitrary: fc.tuple(nastyString, nastyString) },
)
export const query = fc
  .oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 3 }) })
  .map((parameters) => {
    const text = parameters.map(([name, value]) => `${escaped(name)}=${escaped(value.slice(0, 2000))}`).join('&')
    return text && `?${text}`
  })

/** A part of a URL: encoded, with lone surrogates replaced as a URL cannot carry them. */
export function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'))
}

const ACCEPTS = [
  '*/*',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf,application/json',
  'text/html',
  ';;;q=,',
]

/** Header values that HTTP allows. */
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
const extraHeader = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'user-agent',
      'accept-encoding',
      'accept-language',
      'if-none-match',
      'authorization',
      'range',
      'x-forwarded-for',
      'impersonate-user',
    ),
    fc.oneof(
      fc.constantFrom('curl/8', 'gzip', 'Bearer x', 'Basic YTpi', 'system:serviceaccount:default:default', '"x"', 'kubectl/v1'),
      headerText,
    ),
  ),
)
const accepted = fc.oneof({ weight: 14, arbitrary: fc.constant('application/json') }, { weight: 2, arbitrary: fc.constantFrom(...ACCEPTS) })
const someHeader = fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(extraHeader) })
export const headers = fc.tuple(accepted, someHeader).map(([accept, extra]) => ({
  accept,
  ...Object.fromEntries(extra),
}))
